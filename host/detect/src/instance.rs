//! An instance of a detector, in a store of its own: one sandbox.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use wardline_contract::Limits;
use wardline_contract::{Descriptor, DetectError, Finding};
use wardline_event::Cited;
use wardline_event::model::{AuditEvent, EventRef, RuntimeEvent, Signal};
use wardline_event::packed::{self, assemble};
use wardline_event::{Event, Record};
use wardline_intel::Intel;
use wardline_state::{Changes, Memory, Partition, Usage};
use wardline_text::shown;
use wasmtime::component::{ComponentExportIndex, ComponentNamedList, Lift, Lower, TypedFunc};
use wasmtime::{Store, Trap, UpdateDeadline};

use super::context::{Context, Exceeded};
use super::{Failure, LogLine, Outcome, Program, Services, SettingValues, StateSource};

type Answer = (Result<Vec<Finding>, DetectError>,);
type Configure = TypedFunc<(SettingValues,), (Result<(), String>,)>;
type Describe = TypedFunc<(), (Descriptor,)>;

/// The interface through which events of one family enter the sandbox.
enum Judge<E> {
    /// As records, which are lowered again for every call.
    Typed(TypedFunc<(Vec<Arc<E>>,), Answer>),
    /// As bytes, which are packed once and read in place.
    Packed(TypedFunc<(Arc<Vec<u8>>,), Answer>),
}

impl<E> Clone for Judge<E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E> Copy for Judge<E> {}

impl<E> Judge<E>
where
    (Vec<Arc<E>>,): ComponentNamedList + Lower,
{
    /// Finds the function of an instance; the packed one is preferred.
    fn find(
        store: &mut Store<Context>,
        instance: &wasmtime::component::Instance,
        packed: Option<&ComponentExportIndex>,
        typed: Option<&ComponentExportIndex>,
    ) -> wasmtime::Result<Option<Self>> {
        match (packed, typed) {
            (Some(index), _) => instance
                .get_typed_func(store, index)
                .map(|function| Some(Self::Packed(function))),
            (None, Some(index)) => instance
                .get_typed_func(store, index)
                .map(|function| Some(Self::Typed(function))),
            (None, None) => Ok(None),
        }
    }
}

/// The functions that judge, one for each family that the detector exports.
struct Judges {
    audit: Option<Judge<AuditEvent>>,
    runtime: Option<Judge<RuntimeEvent>>,
    /// Signals are few, and have no packed interface.
    signals: Option<TypedFunc<(Vec<Arc<Signal>>,), Answer>>,
}

/// Capacity in bytes up to which a batch's buffer is reused; a few large events should not
/// permanently enlarge every instance.
const BUFFER_KEPT: usize = 1 << 20;

/// The fuel of an instance whose instructions are counted; more than it can use.
const METER: u64 = u64::MAX / 2;

/// Maximum length of a guest's own text in a report, in bytes.
const SHOWN_BYTES: usize = 2048;

/// One sandbox. After a failure it must not be called again: drop it, and pass its partitions to
/// the next instance.
pub struct Instance {
    store: Store<Context>,
    describe: Describe,
    configure: Configure,
    judges: Judges,
    /// The packed batch of the last call.
    buffer: Arc<Vec<u8>>,
}

impl Instance {
    /// Instantiates a program, which runs its start function within `limits.instantiate_time`.
    ///
    /// # Errors
    /// Returns a [`Failure`] if the start function fails or the exports do not have the contract's
    /// types.
    pub fn start(
        program: &Program,
        limits: &Arc<Limits>,
        services: &Services,
        state: &StateSource,
    ) -> Result<Self, Failure> {
        let context = Context::new(
            Arc::clone(limits),
            services.clone(),
            Memory::new(state.clone()),
        );
        let mut store = Store::new(program.pre.engine(), context);
        store.limiter(|context| context);
        store.set_hostcall_fuel(limits.transfer_bytes);
        // Fails unless the engine counts instructions, which a host's does not.
        let _ = store.set_fuel(METER);
        store.epoch_deadline_callback(|mut store| {
            let context = store.data_mut();
            if Instant::now() < context.deadline {
                return Ok(UpdateDeadline::Continue(1));
            }
            Err(context.exceed(Outcome::Deadline, "exceeded its deadline".into()))
        });
        enter(&mut store, limits.instantiate_time, Vec::new());
        let instance = program
            .pre
            .instantiate(&mut store)
            .map_err(|error| failure(&mut store, &error, "instantiate", limits.instantiate_time))?;
        let exports = &program.exports;
        let mismatch = |error: wasmtime::Error| {
            Failure::new(
                Outcome::Output,
                format!("types do not match the contract: {error:#}"),
            )
            .with_hint("rebuild the detector with an SDK for this version of the contract")
        };
        let describe = instance
            .get_typed_func(&mut store, exports.describe)
            .map_err(mismatch)?;
        let configure = instance
            .get_typed_func(&mut store, exports.configure)
            .map_err(mismatch)?;
        let find_all = |store: &mut Store<Context>| {
            Ok(Judges {
                audit: Judge::find(
                    store,
                    &instance,
                    exports.audit_packed.as_ref(),
                    exports.audit.as_ref(),
                )?,
                runtime: Judge::find(
                    store,
                    &instance,
                    exports.runtime_packed.as_ref(),
                    exports.runtime.as_ref(),
                )?,
                signals: exports
                    .signals
                    .as_ref()
                    .map(|index| instance.get_typed_func(store, index))
                    .transpose()?,
            })
        };
        let judges = find_all(&mut store).map_err(mismatch)?;
        Ok(Self {
            store,
            describe,
            configure,
            judges,
            buffer: Arc::default(),
        })
    }

    /// Replaces the intel lists that later calls read.
    pub fn set_lists(&mut self, lists: &Arc<Intel>) {
        self.store.data_mut().services.intel = Arc::clone(lists);
    }

    /// Calls `describe`.
    ///
    /// # Errors
    /// Returns a [`Failure`] if the call fails.
    pub fn describe(&mut self) -> Result<Descriptor, Failure> {
        let limits = Arc::clone(&self.store.data().limits);
        let function = self.describe;
        self.store.set_hostcall_fuel(limits.descriptor_bytes);
        let answer = self.call(function, (), "describe", limits.describe_time, Vec::new());
        self.store.set_hostcall_fuel(limits.transfer_bytes);
        let (descriptor,) = answer?;
        Ok(descriptor)
    }

    /// Calls `configure` with the settings.
    ///
    /// # Errors
    /// Returns a [`Failure`] if the call fails or the detector rejects its settings.
    pub fn configure(&mut self, settings: &SettingValues) -> Result<(), Failure> {
        let time = self.store.data().limits.configure_time;
        let function = self.configure;
        let (answer,) = self.call(function, (settings.clone(),), "configure", time, Vec::new())?;
        answer.map_err(|text| {
            Failure::new(
                Outcome::Error,
                format!("rejects its settings: {}", shown(&text, SHOWN_BYTES)),
            )
            .with_hint("correct `[settings]` in the detector's .toml file")
        })
    }

    /// Judges a batch of events of one family. Its writes to the state are committed if the call returns findings or none,
    /// and rolled back otherwise.
    ///
    /// # Errors
    /// Returns [`JudgeError::BadEvent`] if the detector reports an event that it cannot judge, and
    /// [`JudgeError::Failed`] if the call fails, the detector reports an error, or there are too
    /// many findings.
    pub fn judge(&mut self, batch: &[Arc<Record>]) -> Result<Vec<Finding>, JudgeError> {
        let limits = Arc::clone(&self.store.data().limits);
        let answer = self
            .call_judge(batch, limits.batch_time)
            .map_err(JudgeError::Failed)
            .and_then(|(answer,)| match answer {
                Ok(findings) if findings.len() > limits.findings => Err(JudgeError::Failed(
                    Failure::new(
                        Outcome::Output,
                        format!(
                            "returned {} findings; the limit for a batch is {}",
                            findings.len(),
                            limits.findings
                        ),
                    )
                    .with_hint("raise `limits.findings` if the findings are genuine"),
                )),
                Ok(findings) => Ok(findings),
                Err(DetectError::BadEvent((reference, text))) => {
                    Err(JudgeError::BadEvent(reference, shown(&text, SHOWN_BYTES)))
                }
                Err(DetectError::Other(text)) => Err(JudgeError::Failed(Failure::new(
                    Outcome::Error,
                    shown(&text, SHOWN_BYTES),
                ))),
            });
        self.store.data_mut().memory.finish(answer.is_ok());
        answer
    }

    /// The events in the windows of its state.
    #[must_use]
    pub fn citations(&self) -> HashMap<EventRef, Cited> {
        self.store.data().memory.citations()
    }

    /// Takes the log lines written since the last call, and the number of lines dropped.
    pub fn take_logs(&mut self) -> (Vec<LogLine>, u64) {
        let context = self.store.data_mut();
        (
            std::mem::take(&mut context.logs),
            std::mem::take(&mut context.logs_dropped),
        )
    }

    /// Takes the changes to its state since the last call.
    pub fn take_changes(&mut self) -> Vec<(u8, Changes)> {
        self.store.data_mut().memory.take_changes()
    }

    /// The number of instructions since the instance was started, if the engine counts them
    /// ([`super::Engine::metered`]).
    #[must_use]
    pub fn instructions(&self) -> Option<u64> {
        self.store.get_fuel().ok().map(|left| METER - left)
    }

    /// The size of its state.
    #[must_use]
    pub fn state_usage(&self) -> Usage {
        self.store.data().memory.usage()
    }

    /// Takes over the state of a previous instance.
    pub fn adopt(&mut self, partitions: BTreeMap<u8, Partition>) {
        self.store.data_mut().memory.adopt(partitions);
    }

    /// Ends the instance and returns its state; uncommitted writes are rolled back.
    #[must_use]
    pub fn into_partitions(mut self) -> BTreeMap<u8, Partition> {
        self.store.data_mut().memory.finish(false);
        self.store.into_data().memory.into_partitions()
    }

    fn call_judge(&mut self, batch: &[Arc<Record>], time: Duration) -> Result<Answer, Failure> {
        match batch.first().map(|record| &record.event) {
            None | Some(Event::Audit(_)) => {
                self.call_family(self.judges.audit, batch, time, |event| match event {
                    Event::Audit(event) => Some(event),
                    Event::Runtime(_) | Event::Signal(_) => None,
                })
            }
            Some(Event::Runtime(_)) => {
                self.call_family(self.judges.runtime, batch, time, |event| match event {
                    Event::Runtime(event) => Some(event),
                    Event::Audit(_) | Event::Signal(_) => None,
                })
            }
            Some(Event::Signal(_)) => {
                let function = self.judges.signals.ok_or_else(|| no_function("signals"))?;
                let signals = batch.iter().filter_map(|record| match &record.event {
                    Event::Signal(signal) => Some(Arc::clone(signal)),
                    Event::Audit(_) | Event::Runtime(_) => None,
                });
                let signals = (signals.collect(),);
                self.call(function, signals, "judge", time, batch.to_vec())
            }
        }
    }

    fn call_family<E: packed::Event>(
        &mut self,
        judge: Option<Judge<E>>,
        batch: &[Arc<Record>],
        time: Duration,
        of_family: impl Fn(&Event) -> Option<&Arc<E>>,
    ) -> Result<Answer, Failure>
    where
        (Vec<Arc<E>>,): ComponentNamedList + Lower,
    {
        match judge {
            Some(Judge::Packed(function)) => {
                let packed = self.assemble::<E>(batch)?;
                self.call(function, (packed,), "judge", time, batch.to_vec())
            }
            Some(Judge::Typed(function)) => {
                let events = batch.iter().filter_map(|record| of_family(&record.event));
                let events = (events.map(Arc::clone).collect(),);
                self.call(function, events, "judge", time, batch.to_vec())
            }
            None => Err(no_function("these events")),
        }
    }

    /// Concatenates the packed events into one batch.
    fn assemble<E: packed::Event>(
        &mut self,
        batch: &[Arc<Record>],
    ) -> Result<Arc<Vec<u8>>, Failure> {
        let too_large =
            |error| Failure::new(Outcome::Memory, format!("cannot pack the batch: {error}"));
        let events: Vec<&[u8]> = batch
            .iter()
            .map(|record| record.packed())
            .collect::<Result<_, _>>()
            .map_err(too_large)?;
        if self.buffer.capacity() > BUFFER_KEPT {
            self.buffer = Arc::default();
        }
        let buffer = Arc::make_mut(&mut self.buffer);
        assemble::<E>(events.into_iter(), buffer).map_err(too_large)?;
        Ok(Arc::clone(&self.buffer))
    }

    fn call<P, R>(
        &mut self,
        function: TypedFunc<P, R>,
        parameters: P,
        phase: &str,
        time: Duration,
        batch: Vec<Arc<Record>>,
    ) -> Result<R, Failure>
    where
        P: ComponentNamedList + Lower,
        R: ComponentNamedList + Lift,
    {
        enter(&mut self.store, time, batch);
        let answer = function.call(&mut self.store, parameters);
        answer.map_err(|error| failure(&mut self.store, &error, phase, time))
    }
}

fn no_function(events: &str) -> Failure {
    Failure::new(Outcome::Output, format!("exports no function for {events}"))
}

/// The reason why a batch has no findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JudgeError {
    /// This event, named by its reference, could not be judged; the instance remains usable.
    BadEvent(u64, String),
    /// The call failed, and the instance must be dropped.
    Failed(Failure),
}

fn enter(store: &mut Store<Context>, time: Duration, batch: Vec<Arc<Record>>) {
    store.set_epoch_deadline(1);
    store.data_mut().enter(Instant::now() + time, batch);
}

/// The setting that limits the duration of a phase.
fn time_limit(phase: &str) -> &str {
    match phase {
        "instantiate" => "limits.instantiate-time",
        "describe" => "limits.describe-time",
        "configure" => "limits.configure-time",
        _ => "limits.batch-time",
    }
}

/// Returns the function in which a guest stopped, demangled. Frames of the Rust runtime are
/// skipped, because they say nothing about the detector.
fn place(error: &wasmtime::Error) -> Option<String> {
    let backtrace = error.downcast_ref::<wasmtime::WasmBacktrace>()?;
    backtrace
        .frames()
        .iter()
        .filter_map(|frame| frame.func_name())
        .map(|name| format!("{:#}", rustc_demangle::demangle(name)))
        .find(|name| !RUNTIME.iter().any(|prefix| name.starts_with(prefix)))
        .map(|name| shown(&name, 256))
}

/// Prefixes of standard library functions through which a Rust program panics or aborts.
const RUNTIME: [&str; 4] = ["__rust", "__rustc", "core::", "std::"];

/// Translates a failed call into a failure with a hint.
fn failure(
    store: &mut Store<Context>,
    error: &wasmtime::Error,
    phase: &str,
    time: Duration,
) -> Failure {
    let context = store.data_mut();
    let last_words = context.last_words.take();
    if let Some((outcome, text)) = context.exceeded.take() {
        let hint = match outcome {
            Outcome::Deadline => format!(
                "raise `{}` if the detector legitimately needs longer",
                time_limit(phase)
            ),
            Outcome::Memory => {
                "raise `limits.memory` if the detector legitimately needs more".into()
            }
            Outcome::Table => {
                "raise `limits.table-elements` if the detector legitimately needs more".into()
            }
            Outcome::HostCalls => {
                "raise `limits.host-calls` if the detector legitimately needs more".into()
            }
            _ => String::new(),
        };
        let text = if outcome == Outcome::Deadline {
            format!("{phase} took longer than {time:?}")
        } else {
            format!("{phase}: {text}")
        };
        return Failure::new(outcome, text).with_hint(hint);
    }
    if error.downcast_ref::<Exceeded>().is_some() {
        return Failure::new(Outcome::HostCalls, format!("{phase}: {error}"));
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::StackOverflow) => {
            Failure::new(Outcome::Stack, format!("{phase}: exhausted its stack"))
                .with_hint("raise `limits.stack`, unless the detector recurses without bound")
        }
        Some(trap) => {
            // A panic message includes its location; the trap that follows it adds nothing.
            let text = last_words.unwrap_or_else(|| {
                let place = place(error)
                    .map(|name| format!(" in {name}"))
                    .unwrap_or_default();
                format!("{trap}{place}")
            });
            Failure::new(Outcome::Trap, format!("{phase}: {text}")).with_hint(
                "report this message to the detector's author: the detector has a defect",
            )
        }
        None => {
            // The root cause leaves out the backtrace that wasmtime adds.
            let cause = error.root_cause().to_string();
            if cause.contains("hostcalls has been exhausted") {
                let (limit, key) = match phase {
                    "describe" => (context.limits.descriptor_bytes, "descriptor-size"),
                    _ => (context.limits.transfer_bytes, "transfer"),
                };
                return Failure::new(
                    Outcome::Output,
                    format!("{phase}: transferred more than {limit} bytes"),
                )
                .with_hint(format!(
                    "raise `limits.{key}` if the detector legitimately needs more"
                ));
            }
            Failure::new(
                Outcome::Output,
                format!("{phase}: {}", shown(&cause, SHOWN_BYTES)),
            )
            .with_hint("report this message to the detector's author: the detector or its binding generator has a defect")
        }
    }
}
