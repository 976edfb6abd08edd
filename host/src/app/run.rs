//! The daemon.
//!
//! Five threads beside the pool: the one that judges (this one), the loader, the
//! API's, that of the suppression rules, and the engine's clock. They stop in this order: the source is not read any
//! more, the chunk at work is judged and committed, findings are delivered, then the
//! others end.

use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::background::{Mailbox, start_api, start_loader, start_rules};
use super::daemon::{Daemon, Parts};
use super::deliver::Delivery;
use super::findings::Findings;
use super::{AppError, Composition, compose, observe};
use crate::api::{ApiState, SnapshotCell};
use crate::config::{Config, LogFormat, Start};
use crate::sink::DeadLetters;
use crate::source::{self, Follow, Merged, Source};
use crate::state::Store;
use crate::suppress::{RuleDirectory, Rules};
use crate::telemetry::{self, Metrics};

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
    // The store holds what the cluster keeps secret.
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&config.state_directory)
        .map_err(|error| AppError::File {
            path: config.state_directory.clone(),
            error,
        })?;
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
    let mut directory = config
        .suppression
        .directory
        .as_deref()
        .map(|path| (RuleDirectory::new(path), path));
    let rules = match &mut directory {
        None => Rules::default(),
        Some((directory, _)) => {
            for event in directory.look(jiff::Timestamp::now()) {
                observe::rules(&metrics, &event);
            }
            directory.rules()
        }
    };
    let snapshot = SnapshotCell::default();
    let board = loader.board();
    let api = start_api(
        &config,
        ApiState {
            board: board.clone(),
            rules: rules.clone(),
            snapshot: snapshot.clone(),
            metrics: metrics.clone(),
        },
        &stop,
    )?;
    let looking = start_loader(loader, &config, &mailbox, &metrics, &stop)?;
    let mut threads = vec![looking, api];
    if let Some((directory, path)) = directory {
        let rescan = config.suppression.rescan;
        threads.push(start_rules(directory, path, rescan, &metrics, &stop)?);
    }
    let findings = Findings::restore(&config, rules, &store)?;
    let delivery = Delivery::open(&config, Arc::clone(&store))?;
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
        metrics,
        snapshot,
        board,
    });
    let result = daemon.work(&stop);
    stop.store(true, Ordering::SeqCst);
    for thread in threads {
        // A thread that panicked has reported itself.
        drop(thread.join());
    }
    tracing::info!(
        events = daemon.ledger().events,
        findings = daemon.ledger().written.new_findings,
        occurrences = daemon.ledger().findings,
        "stopped"
    );
    result
}

fn open_sources(config: &Config, store: &Store) -> Result<Merged, AppError> {
    let limits = source::Limits {
        line: config.line_limit,
        document: config.document_limit,
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
    Ok(Merged::new(followed))
}
