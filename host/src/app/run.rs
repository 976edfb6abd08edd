//! The daemon.
//!
//! Four threads beside the pool: the one that judges (this one), the loader, the
//! API's, and the engine's clock. They stop in this order: the source is not read any
//! more, the chunk at work is judged and committed, findings are delivered, then the
//! loader and the API end.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::deliver::Delivery;
use super::scan::CHUNK_BYTES;
use super::{AppError, Composition, compose, observe};
use crate::api::{ApiState, Snapshot, SnapshotCell, serve};
use crate::config::{Config, LogFormat, Start};
use crate::detect::Generation;
use crate::pipeline::{Ledger, Processed};
use crate::plugin::{Loader, Watcher};
use crate::sink::DeadLetters;
use crate::source::{self, Follow, Merged, Source};
use crate::state::{Commit, Store};
use crate::telemetry::{self, Metrics};

/// How long the judging thread waits for a line before it looks around.
const WAIT: Duration = Duration::from_millis(100);
/// Chunks without findings are committed together, but not later than this.
const COMMIT: Duration = Duration::from_millis(250);
/// How often the API gets new numbers.
const SNAPSHOT: Duration = Duration::from_millis(500);

/// Runs until a signal asks to stop.
///
/// # Errors
/// Where the host cannot work.
pub fn run(path: &Path) -> Result<(), AppError> {
    let config = Config::load(path)?;
    telemetry::init(
        &config.log_level,
        match config.log_format {
            LogFormat::Human => Some(false),
            LogFormat::Json => Some(true),
            LogFormat::Auto => None,
        },
    )?;
    if config.sources.is_empty() {
        return Err(AppError::NoSource);
    }
    for directory in [&config.state_directory, &config.cache_directory] {
        std::fs::create_dir_all(directory).map_err(|error| AppError::File {
            path: directory.clone(),
            error,
        })?;
    }
    let store = Arc::new(Store::open(&config.state_directory.join("state.redb"))?);
    let stop = Arc::new(AtomicBool::new(false));
    let metrics = Metrics::new();
    let Composition {
        pipeline,
        mut loader,
        services,
    } = compose(
        &config,
        &config.plugin_directory,
        Some(Arc::clone(&store)),
        Some(&config.cache_directory),
    )?;
    let mailbox = Mailbox::default();
    // The first look comes before the first event, so that none goes by a detector
    // that was there from the beginning.
    for event in loader.look(&mut |generation| mailbox.put(generation)) {
        observe::loader(&metrics, &event);
    }
    let snapshot = SnapshotCell::default();
    let board = loader.board();
    let api = start_api(
        &config,
        ApiState {
            board: board.clone(),
            snapshot: snapshot.clone(),
            metrics: metrics.clone(),
        },
        &stop,
    )?;
    let looking = start_loader(loader, &config, &mailbox, &metrics, &stop)?;
    let delivery = Delivery::open(&config.sinks, Arc::clone(&store))?;
    let letters = config
        .dead_letter
        .as_ref()
        .map(|path| {
            DeadLetters::open(path, config.dead_letter_limit).map_err(|error| AppError::File {
                path: path.clone(),
                error,
            })
        })
        .transpose()?;
    let source = open_sources(&config, &store)?;
    tracing::info!(
        threads = config.threads,
        sources = config.sources.len(),
        plugins = %config.plugin_directory.display(),
        "wardline {} is running",
        env!("CARGO_PKG_VERSION")
    );
    let mut daemon = Daemon {
        config: &config,
        store,
        source,
        delivery,
        letters,
        pipeline,
        inventory: services.inventory,
        mailbox,
        metrics,
        snapshot,
        board,
        ledger: Ledger::default(),
        generation: 0,
        pending: Commit::default(),
        committed: Instant::now(),
        shown: None,
        source_failing: false,
    };
    let result = daemon.work(&stop);
    stop.store(true, Ordering::SeqCst);
    for thread in std::iter::once(looking).chain(api) {
        // A thread that panicked has reported itself.
        drop(thread.join());
    }
    tracing::info!(events = daemon.ledger.events, findings = daemon.ledger.findings, "stopped");
    result
}

/// The newest generation that the judging thread has not put to work yet.
#[derive(Clone, Default)]
struct Mailbox(Arc<Mutex<Option<Generation>>>);

impl Mailbox {
    fn put(&self, generation: Generation) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(generation);
    }

    fn take(&self) -> Option<Generation> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

fn open_sources(config: &Config, store: &Store) -> Result<Merged, AppError> {
    let limits = source::Limits {
        line_bytes: config.line_limit,
        document_bytes: config.document_limit,
    };
    let mut followed: Vec<Box<dyn Source>> = Vec::new();
    for source in &config.sources {
        let checkpoint = store.checkpoint(&source.name)?;
        let start = match source.start {
            Start::Beginning => source::Start::Beginning,
            Start::End => source::Start::End,
        };
        followed.push(Box::new(Follow::open(
            &source.name,
            &source.path,
            start,
            checkpoint.as_deref(),
            limits,
        )?));
    }
    Ok(Merged::new("all", followed))
}

/// Ends with the host: on SIGTERM and SIGINT the API's thread tells all others.
fn start_api(
    config: &Config,
    state: ApiState,
    stop: &Arc<AtomicBool>,
) -> Result<Option<JoinHandle<()>>, AppError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| AppError::Start {
            what: "the runtime of the API",
            error,
        })?;
    let (socket, stop) = (config.socket.clone(), Arc::clone(stop));
    let signals = {
        let _guard = runtime.enter();
        Signals::new()?
    };
    std::thread::Builder::new()
        .name("wardline-api".into())
        .spawn(move || {
            runtime.block_on(async move {
                let (ended, end) = tokio::sync::oneshot::channel::<()>();
                let watch = async {
                    signals.wait(&stop).await;
                    stop.store(true, Ordering::SeqCst);
                    // The server may have ended before.
                    let _ = ended.send(());
                };
                let answer = async {
                    let Some(socket) = socket else { return };
                    let ended = async {
                        // An error means that the other side is gone: end too.
                        let _ = end.await;
                    };
                    if let Err(error) = serve(&socket, state, ended).await {
                        tracing::error!("the API is not offered: {error}");
                    }
                };
                tokio::join!(watch, answer);
            });
        })
        .map(Some)
        .map_err(|error| AppError::Start {
            what: "the thread of the API",
            error,
        })
}

struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    fn new() -> Result<Self, AppError> {
        use tokio::signal::unix::{SignalKind, signal};
        let listen = |kind| {
            signal(kind).map_err(|error| AppError::Start {
                what: "listening to signals",
                error,
            })
        };
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
        })
    }

    /// Until a signal comes, or the host stops for another reason.
    async fn wait(mut self, stop: &AtomicBool) {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return,
                _ = self.interrupt.recv() => return,
                () = tokio::time::sleep(WAIT) => if stop.load(Ordering::SeqCst) { return },
            }
        }
    }
}

fn start_loader(
    mut loader: Loader,
    config: &Config,
    mailbox: &Mailbox,
    metrics: &Metrics,
    stop: &Arc<AtomicBool>,
) -> Result<JoinHandle<()>, AppError> {
    let mut watcher = Watcher::new(&config.plugin_directory, config.rescan);
    let (mailbox, metrics, stop) = (mailbox.clone(), metrics.clone(), Arc::clone(stop));
    std::thread::Builder::new()
        .name("wardline-loader".into())
        .spawn(move || {
            while !stop.load(Ordering::SeqCst) {
                watcher.wait();
                for event in loader.look(&mut |generation| mailbox.put(generation)) {
                    observe::loader(&metrics, &event);
                }
            }
        })
        .map_err(|error| AppError::Start {
            what: "the loader's thread",
            error,
        })
}

/// The judging thread.
struct Daemon<'a> {
    config: &'a Config,
    store: Arc<Store>,
    source: Merged,
    delivery: Delivery,
    letters: Option<DeadLetters>,
    pipeline: crate::pipeline::Pipeline,
    inventory: Arc<crate::inventory::Inventory>,
    mailbox: Mailbox,
    metrics: Metrics,
    snapshot: SnapshotCell,
    board: crate::plugin::Board,
    ledger: Ledger,
    generation: u64,
    /// What is judged and not committed.
    pending: Commit,
    committed: Instant,
    shown: Option<Instant>,
    source_failing: bool,
}

impl Daemon<'_> {
    fn work(&mut self, stop: &AtomicBool) -> Result<(), AppError> {
        let mut reading = self.deliver()?;
        while reading && !stop.load(Ordering::SeqCst) {
            if let Some(generation) = self.mailbox.take() {
                self.generation = generation.number;
                self.metrics.generation(generation.number);
                self.pipeline.swap(&generation)?;
            }
            let chunk = match self.source.next(self.config.chunk, CHUNK_BYTES, WAIT) {
                Ok(Some(chunk)) => chunk,
                Ok(None) => break,
                Err(error) => {
                    if !std::mem::replace(&mut self.source_failing, true) {
                        tracing::error!("{error}");
                    }
                    std::thread::sleep(WAIT);
                    continue;
                }
            };
            self.source_failing = false;
            let idle = chunk.lines.is_empty();
            self.pending.checkpoints.extend(chunk.checkpoints);
            if !idle {
                self.judge(chunk.lines, chunk.bytes)?;
            }
            if idle || !self.pending.findings.is_empty() || self.committed.elapsed() >= COMMIT {
                self.commit()?;
                reading = self.deliver()?;
            }
            self.show()?;
        }
        self.commit()?;
        self.deliver()?;
        // What was delivered just now need not come again.
        self.commit()
    }

    fn judge(&mut self, lines: Vec<source::RawLine>, bytes: u64) -> Result<(), AppError> {
        if let Some(first) = lines.first() {
            self.metrics.read(&first.source, lines.len() as u64, bytes);
        }
        self.metrics.queue(lines.len());
        let started = Instant::now();
        let processed = self.pipeline.process(lines)?;
        self.metrics
            .chunk(processed.events, processed.duplicates, started.elapsed());
        self.metrics.queue(0);
        self.account(&processed);
        let findings = processed
            .findings
            .iter()
            // Findings are plain values; writing them to memory cannot fail.
            .filter_map(|finding| serde_json::to_vec(finding).ok())
            .collect();
        self.pending.findings.extend(self.delivery.number(findings));
        self.pending.changes.extend(processed.changes);
        Ok(())
    }

    fn account(&mut self, processed: &Processed) {
        self.ledger.add(processed);
        observe::count(&self.metrics, processed);
        observe::log(processed);
        if let Some(letters) = &mut self.letters
            && let Err(error) = observe::keep(letters, processed)
        {
            tracing::error!("cannot write the dead-letter file: {error}");
        }
    }

    fn commit(&mut self) -> Result<(), AppError> {
        self.pending.delivered = self.delivery.take_delivered();
        if self.pending.is_empty() {
            return Ok(());
        }
        self.pending.meta.extend(self.pipeline.save_sequence());
        self.pending.meta.push(self.delivery.save());
        self.pending.inventory.extend(self.inventory.take_changes());
        self.pending.changes.retain(|(_, _, changes)| !changes.is_empty());
        let started = Instant::now();
        self.store.commit(&self.pending)?;
        self.metrics.committed(started.elapsed());
        self.pending = Commit::default();
        self.committed = Instant::now();
        Ok(())
    }

    fn deliver(&mut self) -> Result<bool, AppError> {
        Ok(!self.delivery.is_behind() || self.delivery.deliver(&self.metrics)?)
    }

    /// Shows the API where things stand, now and then.
    fn show(&mut self) -> Result<(), AppError> {
        if self.shown.is_some_and(|shown| shown.elapsed() < SNAPSHOT) {
            return Ok(());
        }
        self.shown = Some(Instant::now());
        let health = self.pipeline.health()?;
        let mut usage = std::collections::BTreeMap::new();
        for lane in &health {
            let sum: &mut crate::state::Usage = usage.entry(&lane.detector).or_default();
            sum.entries += lane.state.entries;
            sum.bytes += lane.state.bytes;
            sum.evictions += lane.state.evictions;
        }
        for (detector, usage) in usage {
            self.metrics
                .state(detector, usage.entries, usage.bytes, usage.evictions);
        }
        let (objects, evictions) = self.inventory.usage();
        self.metrics.inventory(objects, evictions);
        let mut states: std::collections::BTreeMap<&str, u64> = crate::plugin::FileState::ALL
            .iter()
            .map(|state| (state.as_str(), 0))
            .collect();
        for file in self.board.read().iter() {
            *states.entry(file.state.as_str()).or_default() += 1;
        }
        self.metrics.plugins(&states);
        self.snapshot.write(Snapshot {
            ledger: self.ledger.clone(),
            health,
            generation: self.generation,
            ready: true,
        });
        Ok(())
    }
}
