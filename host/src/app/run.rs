//! Starts and stops the daemon.
//!
//! Seven threads run beside the pool: the judging thread (this one), the loaders of detectors, intel
//! lists, and suppression rules, the API, signals, and the engine's clock. Each sink has its own, with one
//! more that enforces the retention of undelivered findings; so has a webhook. They stop in this
//! order: sources are no longer read, the current chunk is judged and committed, sinks have some
//! seconds to deliver the rest, and the other threads end. A webhook accepts events until the end,
//! because acknowledged events are on disk for the next start; for the same reason it is the first to
//! start, before detectors are compiled. A sink that hangs is not waited for:
//! its findings are in the store for the next start.

use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use wardline_detect::EngineError;
use wardline_finding::suppress::{RuleDirectory, Rules};
use wardline_source::{Follow, Merged, Source, Stdin, Webhook, WebhookCheckpoint};
use wardline_store::{ReplacedStore, Store};
use wardline_text::chain;

use super::background::{Mailbox, start_api, start_signals};
use super::daemon::{DIGESTS, Daemon, Parts};
use super::deliver::Delivery;
use super::findings::Findings;
use super::health::Watch;
use super::letters::Letters;
use super::observe::Telemetry;
use super::reload::{ReloadThread, start_lists, start_loader, start_rules};
use super::warnings::Warnings;
use super::{AppError, Composition, compose, origins, privileges};
use crate::api::{ApiState, SnapshotCell};
use crate::config::{Config, LogFormat, SourceConfig, Start};
use crate::plugin::Pack;

/// Interval at which a store is tried again whose disk is full.
const STORE_RETRY: Duration = Duration::from_millis(500);

/// Runs the host until a signal stops it, or until all its sources have ended. `pack` holds the built-in detectors.
///
/// # Errors
/// Returns an [`AppError`] if the host cannot start or continue.
pub fn run(path: &Path, pack: &Pack) -> Result<(), AppError> {
    let config = Config::load(path)?;
    wardline_telemetry::init(
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
    // Before the first thread, which would keep its privileges.
    privileges::give_up(&config);
    let stop = Arc::new(AtomicBool::new(false));
    let signals = start_signals(&stop)?;
    let result = serve(&config, pack, &stop);
    stop.store(true, Ordering::SeqCst);
    // A panicked thread has already reported its panic.
    drop(signals.join());
    result
}

fn serve(config: &Config, pack: &Pack, stop: &Arc<AtomicBool>) -> Result<(), AppError> {
    let telemetry = Arc::new(Telemetry::default());
    let Some((store, replaced)) = open_store(config, &telemetry, stop)? else {
        return Ok(());
    };
    let store = Arc::new(store);
    // Webhooks queue events from here on; they are read once detectors are in force.
    let source = open_sources(config, &store, &telemetry)?;
    let Composition {
        pipeline,
        loader,
        lists,
        list_events,
        services,
    } = compose_cached(config, pack, &store)?;
    let mailbox = Mailbox::default();
    for event in &list_events {
        telemetry.intel.changed(event);
    }
    telemetry.intel.lists(&lists.board().read());
    let mut directory = config
        .suppression
        .directory
        .as_deref()
        .map(|path| (RuleDirectory::new(path), path));
    let rules = match &mut directory {
        None => Rules::default(),
        Some((directory, _)) => {
            for event in directory.look(jiff::Timestamp::now()) {
                telemetry.suppression.changed(&event);
            }
            directory.rules()
        }
    };
    let snapshot = SnapshotCell::default();
    let board = loader.board();
    let list_board = lists.board();
    let api = start_api(
        config,
        ApiState {
            board: board.clone(),
            lists: list_board.clone(),
            rules: rules.clone(),
            snapshot: snapshot.clone(),
            metrics: telemetry.metrics(),
        },
        stop,
    )?;
    let is_loaded = Arc::default();
    let mut threads: Vec<ReloadThread> = Vec::new();
    threads.push(start_loader(
        loader, config, &mailbox, &telemetry, &is_loaded, stop,
    )?);
    let new_lists = Mailbox::default();
    threads.extend(start_lists(lists, config, &new_lists, &telemetry, stop)?);
    if let Some((directory, path)) = directory {
        let rescan = config.suppression.rescan;
        threads.push(start_rules(directory, path, rescan, &telemetry, stop)?);
    }
    let findings = Findings::restore(config, rules, &store)?;
    let delivery = Delivery::start(config, &store, &telemetry.sinks)?;
    let letters = config
        .dead_letter
        .as_ref()
        .or(config.default_dead_letter.as_ref())
        .map(|path| Letters::new(path, config.dead_letter_limit));
    tracing::info!(
        threads = config.threads,
        sources = config.sources.len(),
        plugins = %config.plugin_directory.display(),
        "wardline {} is running",
        env!("CARGO_PKG_VERSION")
    );
    let names = config.sources.iter().map(|source| source.name().to_owned());
    let watch = Watch::new(
        config.health,
        names,
        store.meta(DIGESTS)?,
        Arc::clone(&telemetry),
        jiff::Timestamp::now(),
    );
    let mut daemon = Daemon::new(Parts {
        chunk: config.chunk,
        store,
        source,
        findings,
        update_interval: config.findings.update_interval,
        delivery,
        letters,
        pipeline,
        inventory: services.inventory,
        mailbox,
        lists: new_lists,
        telemetry,
        snapshot,
        board,
        list_board,
        watch,
        warnings: Warnings::new(config.clone()),
        is_loaded,
        replaced,
    });
    let result = daemon.work(stop);
    stop.store(true, Ordering::SeqCst);
    for thread in threads {
        thread.end();
    }
    // A panicked thread has already reported its panic.
    drop(api.join());
    tracing::info!(
        events = daemon.ledger().events,
        findings = daemon.ledger().written.new_findings,
        occurrences = daemon.ledger().findings,
        "stopped"
    );
    result
}

/// Opens the store. While its disk is full, waits for space; returns `None` if the host is stopped
/// meanwhile. A damaged store is put aside.
fn open_store(
    config: &Config,
    telemetry: &Telemetry,
    stop: &AtomicBool,
) -> Result<Option<(Store, Option<ReplacedStore>)>, AppError> {
    let path = config.state_directory.join("state.redb");
    let mut is_failing = false;
    while !stop.load(Ordering::SeqCst) {
        let result = create_directory(&config.state_directory)
            .and_then(|()| Ok(Store::open_or_replace(&path)?));
        let error = match result {
            Ok((store, replaced)) => {
                if let Some(replaced) = &replaced {
                    telemetry
                        .store
                        .replaced(&replaced.kept_as, &replaced.reason);
                }
                return Ok(Some((store, replaced)));
            }
            Err(error) => error,
        };
        let is_temporary = match &error {
            AppError::Store(error) => error.is_temporary(),
            AppError::File { error, .. } => error.kind() == ErrorKind::StorageFull,
            _ => false,
        };
        if !is_temporary {
            return Err(error);
        }
        telemetry
            .store
            .failed(&error, !std::mem::replace(&mut is_failing, true));
        std::thread::sleep(STORE_RETRY);
    }
    Ok(None)
}

/// Creates a directory that only the host may read: the store contains secrets of the cluster.
fn create_directory(path: &Path) -> Result<(), AppError> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|error| AppError::File {
            path: path.to_owned(),
            error,
        })
}

/// Builds the parts, without the cache of compiled detectors if its directory cannot be used: compiling
/// again is slow, but not judging is worse.
fn compose_cached(
    config: &Config,
    pack: &Pack,
    store: &Arc<Store>,
) -> Result<Composition, AppError> {
    let with = |cache| {
        compose(
            config,
            origins(config, pack),
            Some(Arc::clone(store)),
            cache,
        )
    };
    match with(Some(&config.cache_directory)) {
        Err(AppError::Engine(error @ EngineError::Cache { .. })) => {
            tracing::warn!("compiled detectors are not cached: {}", chain(&error));
            with(None)
        }
        result => result,
    }
}

fn open_sources(config: &Config, store: &Store, telemetry: &Telemetry) -> Result<Merged, AppError> {
    let limits = wardline_source::Limits {
        line: config.line_limit,
        document: config.document_limit,
    };
    let mut sources: Vec<Box<dyn Source>> = Vec::new();
    for source in &config.sources {
        let name = source.name();
        let checkpoint = store.checkpoint(name)?;
        sources.push(match source {
            SourceConfig::File {
                path,
                start,
                cluster,
                ..
            } => {
                let start = match start {
                    Start::Beginning => wardline_source::Start::Beginning,
                    Start::End => wardline_source::Start::End,
                };
                let follow = Follow::open(name, path, start, checkpoint.as_deref(), limits)?;
                Box::new(follow.in_cluster(cluster))
            }
            SourceConfig::Webhook(settings) => {
                let checkpoint = checkpoint
                    .map(|stored| WebhookCheckpoint::parse(name, &stored))
                    .transpose()?;
                Box::new(Webhook::open(
                    settings.as_ref().clone(),
                    &config.state_directory.join("webhook").join(name),
                    checkpoint,
                    telemetry.webhooks.source(name),
                )?)
            }
            SourceConfig::Stdin { cluster, .. } => Box::new(Stdin::open(name, cluster, limits)?),
        });
    }
    Ok(Merged::new(sources))
}
