//! Loads a detector from the bytes of its file.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use wardline_artifact::Artifact;
use wardline_check::{DescriptorError, check_descriptor};
use wardline_contract::Limits;
use wardline_contract::{Descriptor, Ordering as EventOrdering};
use wardline_detect::{
    Detector, DetectorParts, Engine, Failure, Instance, Program, Services, StateSource,
};
use wardline_files::reconcile::Part;
use wardline_files::{Contents, FileError};
use wardline_store::Store;
use wardline_text::{Hint, chain};

use super::policy::Policy;
use crate::config::PluginSettings;

/// The steps of loading a file, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Reads the file once.
    Read,
    /// Reads the settings file beside it.
    Settings,
    /// Checks that it is a component, or a core module that can be converted to one.
    Validate,
    /// Checks imports against the grants, and that required exports are present.
    Admit,
    /// Compiles and links it.
    Compile,
    /// Starts an instance.
    Start,
    /// Calls `describe` twice, and checks the descriptor.
    Describe,
    /// Configures the instances, one for each thread.
    Configure,
}

impl Step {
    /// All steps, in order.
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

/// The reason why a file was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{step}: {message}")]
pub struct LoadError {
    /// The step that failed.
    pub step: Step,
    /// The fault and its causes.
    pub message: String,
    /// A hint for the operator; may be empty.
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

    pub(super) fn unreadable(part: Part, error: &FileError) -> Self {
        let step = match part {
            Part::File => Step::Read,
            Part::Settings => Step::Settings,
        };
        Self::from_error(step, error)
    }

    pub(super) fn from_error(step: Step, error: &impl Hint) -> Self {
        Self::new(step, chain(error), error.hint().unwrap_or_default())
    }

    fn failure(step: Step, failure: Failure) -> Self {
        Self::new(step, failure.message, failure.hint)
    }
}

/// A detector that passed all steps.
pub struct Loaded {
    /// The detector, ready for use.
    pub detector: Arc<Detector>,
    /// The host interfaces that it imports.
    pub imports: Vec<String>,
    /// The host interfaces that the operator grants.
    pub grants: Vec<String>,
    /// Time spent on compiling.
    pub compile_time: Duration,
}

/// The parts of the host that loading depends on.
#[derive(Clone)]
pub struct Environment {
    /// The engine that compiles.
    pub engine: Arc<Engine>,
    /// The data that host calls read.
    pub services: Services,
    /// The store for state; `None` for a scan.
    pub store: Option<Arc<Store>>,
    /// Number of threads, and of instances to configure in advance.
    pub threads: usize,
    /// The operator's defaults for all detectors.
    pub policy: Policy,
}

static NEXT_ID: AtomicU64 = AtomicU64::new(1);

/// Stack of a loading thread in addition to the guest's, in bytes.
const OWN_STACK: usize = 2 * 1024 * 1024;

/// Takes a file through all steps after reading. `settings` are those of the settings file beside
/// it.
///
/// # Errors
/// Returns a [`LoadError`] that names the step that failed.
pub fn load(
    environment: &Environment,
    name: &str,
    contents: &Contents,
    settings: &PluginSettings,
) -> Result<Loaded, LoadError> {
    // Loading runs guests, which may need more stack than the caller has, and a compiler panic must
    // end only this thread.
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
                let text = "the compiler panicked; report this as a defect of Wardline";
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
        .map_err(|error| LoadError::from_error(Step::Validate, &error))?;
    artifact
        .check(&grants)
        .map_err(|error| LoadError::from_error(Step::Admit, &error))?;
    let program = Program::compile(&environment.engine, &artifact, &grants)
        .map(Arc::new)
        .map_err(|error| LoadError::from_error(Step::Compile, &error))?;
    let limits = Arc::new(settings.limits(&policy.limits));
    let descriptor = describe(environment, &program, &limits)?;
    let subscriptions = check_descriptor(&descriptor, program.families())
        .map_err(|error| LoadError::from_error(Step::Describe, &error))?;
    let values = settings
        .values(&descriptor)
        .map_err(|error| LoadError::from_error(Step::Settings, &error))?;
    let cluster = descriptor.ordering == EventOrdering::Cluster;
    let state = StateSource {
        detector: Arc::from(descriptor.name.as_str()),
        store: environment.store.clone(),
        quota: if cluster {
            policy.quota.for_cluster()
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

/// Calls `describe` twice on the same instance. Two instances would always agree, because a guest
/// cannot tell them apart.
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
            DescriptorError::Changing,
            "make `describe` independent of time, chance, and earlier calls",
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
