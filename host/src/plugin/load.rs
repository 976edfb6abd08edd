//! From the bytes of a file to a detector that may be put to work.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use wardline_contract::Limits;
use wardline_contract::{Descriptor, Ordering as EventOrdering};
use wardline_detect::{
    Artifact, Detector, DetectorParts, Engine, Failure, Instance, Program, Services, StateSource,
};
use wardline_files::{Contents, FileError};
use wardline_store::Store;

use super::{Policy, descriptor};
use crate::config::{PluginSettings, cluster_quota};

/// What is done with a file, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Reading it, once.
    Read,
    /// Reading the settings file beside it.
    Settings,
    /// Whether it is WebAssembly, and a component or can be made one.
    Validate,
    /// Whether it imports only what is granted, and exports what a detector has.
    Admit,
    /// Compiling and linking it.
    Compile,
    /// Starting an instance.
    Start,
    /// Asking it twice what it is.
    Describe,
    /// Giving instances their settings, one instance for each thread.
    Configure,
}

impl Step {
    /// All of them, in order.
    pub const ALL: [Self; 8] = [
        Self::Read,
        Self::Settings,
        Self::Validate,
        Self::Admit,
        Self::Compile,
        Self::Start,
        Self::Describe,
        Self::Configure,
    ];

    /// The name in reports and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Settings => "settings",
            Self::Validate => "validate",
            Self::Admit => "admit",
            Self::Compile => "compile",
            Self::Start => "start",
            Self::Describe => "describe",
            Self::Configure => "configure",
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// Why a file is not put to work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{step}: {message}")]
pub struct LoadError {
    /// Where it stopped.
    pub step: Step,
    /// What is wrong.
    pub message: String,
    /// What to do about it; may be empty.
    pub hint: String,
}

impl LoadError {
    pub(super) fn new(step: Step, message: impl fmt::Display, hint: impl Into<String>) -> Self {
        Self {
            step,
            message: message.to_string(),
            hint: hint.into(),
        }
    }

    pub(super) fn file(step: Step, error: &FileError) -> Self {
        Self::new(step, error, error.hint())
    }

    fn failure(step: Step, failure: Failure) -> Self {
        Self::new(step, failure.message, failure.hint)
    }
}

/// A detector that has passed every step.
pub struct Loaded {
    /// Ready to be put to work.
    pub detector: Arc<Detector>,
    /// The host interfaces that it asks for.
    pub imports: Vec<String>,
    /// Those that it was granted.
    pub grants: Vec<String>,
    /// How long compiling took.
    pub compile_time: Duration,
}

/// What loading needs from the rest of the host.
#[derive(Clone)]
pub struct Environment {
    /// Compiles.
    pub engine: Arc<Engine>,
    /// What detectors may call.
    pub services: Services,
    /// Where state is kept; none for a scan.
    pub store: Option<Arc<Store>>,
    /// Instances that are made ahead, one a thread.
    pub threads: usize,
    /// What the operator allows.
    pub policy: Policy,
}

static NEXT_ID: AtomicU64 = AtomicU64::new(1);

/// Stack of a loading thread beside what a guest may use.
const OWN_STACK: usize = 2 * 1024 * 1024;

/// Takes a file through all steps after reading. `settings` is what stands in the
/// file beside it.
///
/// # Errors
/// With the step that failed, what is wrong, and a hint.
pub fn load(
    environment: &Environment,
    name: &str,
    contents: &Contents,
    settings: &PluginSettings,
) -> Result<Loaded, LoadError> {
    // Guests run here too, and the caller's stack may be smaller than they may use. And
    // a file that makes the compiler panic must cost no more than this thread.
    let stack = environment.engine.guest_stack().saturating_add(OWN_STACK);
    thread::scope(|scope| {
        let failed = |text: String| LoadError::new(Step::Compile, text, "");
        thread::Builder::new()
            .name("wardline-load".into())
            .stack_size(stack)
            .spawn_scoped(scope, || take(environment, name, contents, settings))
            .map_err(|error| failed(format!("cannot start a thread: {error}")))?
            .join()
            .unwrap_or_else(|_| {
                let text =
                    "the compiler stopped on it; this is a defect of wardline, please report it";
                Err(failed(text.into()))
            })
    })
}

fn take(
    environment: &Environment,
    name: &str,
    contents: &Contents,
    settings: &PluginSettings,
) -> Result<Loaded, LoadError> {
    let policy = &environment.policy;
    let grants = settings
        .grants
        .clone()
        .unwrap_or_else(|| policy.grants.clone());
    let artifact = Artifact::validate(contents.bytes.clone())
        .map_err(|error| LoadError::new(Step::Validate, &error, error.hint()))?;
    artifact
        .check(&grants)
        .map_err(|error| LoadError::new(Step::Admit, &error, error.hint()))?;
    let program = Program::compile(&environment.engine, &artifact, &grants)
        .map(Arc::new)
        .map_err(|error| {
            let hint = "rebuild the detector with an SDK for this version of the contract";
            LoadError::new(Step::Compile, error, hint)
        })?;
    let limits = Arc::new(settings.limits(&policy.limits));
    let descriptor = describe(environment, &program, &limits)?;
    let subscriptions = descriptor::check(&descriptor, &program).map_err(|error| {
        let hint = "the author must correct what `describe` answers (wit/v0.1/lifecycle.wit)";
        LoadError::new(Step::Describe, error, hint)
    })?;
    let values = settings
        .values(&descriptor)
        .map_err(|error| LoadError::new(Step::Settings, &error, error.hint()))?;
    let cluster = descriptor.ordering == EventOrdering::Cluster;
    let state = StateSource {
        detector: Arc::from(descriptor.name.as_str()),
        store: environment.store.clone(),
        quota: if cluster {
            cluster_quota(policy.quota)
        } else {
            policy.quota
        },
        cluster,
    };
    let mut ready = Vec::with_capacity(environment.threads);
    for _ in 0..environment.threads.max(1) {
        let mut instance = start(environment, &program, &limits, &state)?;
        instance
            .configure(&values)
            .map_err(|failure| LoadError::failure(Step::Configure, failure))?;
        ready.push(instance);
    }
    let compile_time = program.compile_time();
    let detector = Arc::new(Detector::new(DetectorParts {
        id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
        file: name.to_owned(),
        digest: contents.digest.clone(),
        descriptor: Arc::new(descriptor),
        subscriptions,
        program,
        settings: values,
        limits,
        breaker: settings.breaker(&policy.breaker),
        state,
        ready,
    }));
    Ok(Loaded {
        detector,
        imports: artifact.manifest(),
        grants,
        compile_time,
    })
}

/// Asks an instance, which has seen nothing, twice what it is. Two instances would
/// always say the same: nothing that a guest can see tells them apart.
fn describe(
    environment: &Environment,
    program: &Program,
    limits: &Arc<Limits>,
) -> Result<Descriptor, LoadError> {
    let nowhere = StateSource {
        detector: Arc::from(""),
        store: None,
        quota: environment.policy.quota,
        cluster: false,
    };
    let mut instance = start(environment, program, limits, &nowhere)?;
    let mut ask = || {
        instance
            .describe()
            .map_err(|failure| LoadError::failure(Step::Describe, failure))
    };
    let (first, second) = (ask()?, ask()?);
    if first == second {
        Ok(first)
    } else {
        Err(LoadError::new(
            Step::Describe,
            descriptor::DescriptorError::Changing,
            "`describe` must not depend on time, chance or what was called before",
        ))
    }
}

fn start(
    environment: &Environment,
    program: &Program,
    limits: &Arc<Limits>,
    state: &StateSource,
) -> Result<Instance, LoadError> {
    Instance::start(program, limits, &environment.services, state)
        .map_err(|failure| LoadError::failure(Step::Start, failure))
}
