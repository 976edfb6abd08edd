//! The host's pipeline under measurement. Only this module depends on it and on its lines.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use wardline::app::{Composition, compose_with};
use wardline::config::Config;
use wardline::pipeline::{CHUNKS_IN_FLIGHT, Pipeline};
use wardline::plugin::LoaderEvent;
use wardline_detect::{Engine, Generation, Services};
use wardline_source::RawLine;

use crate::log::Log;
use crate::timing::{Time, timed};

/// Lines that the host judges as one chunk.
#[derive(Clone)]
pub struct Chunk(Vec<RawLine>);

/// Splits the lines of a log into chunks, as a source does.
pub fn chunks(log: &Log, size: usize) -> Vec<Chunk> {
    let source: Arc<str> = Arc::from("log");
    let lines: Vec<RawLine> = log
        .lines()
        .zip(1..)
        .map(|(bytes, line)| RawLine {
            bytes: bytes.to_vec().into(),
            source: Arc::clone(&source),
            cluster: Arc::from(""),
            line,
            defect: None,
        })
        .collect();
    lines
        .chunks(size)
        .map(|chunk| Chunk(chunk.to_vec()))
        .collect()
}

impl Chunk {
    pub fn len(&self) -> u64 {
        self.0.len() as u64
    }
}

/// Takes the first lines off a chunk.
pub fn cut(chunk: &mut Chunk, count: usize) -> Chunk {
    let rest = chunk.0.split_off(count.min(chunk.0.len()));
    Chunk(std::mem::replace(&mut chunk.0, rest))
}

/// The result of judging lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Done {
    /// The time from lines to findings.
    pub all: Time,
    /// The time inside detectors.
    pub calls: Duration,
    /// The number of subscribed events, including duplicates.
    pub wanted: u64,
    pub unwanted: u64,
    /// The number of judgments, counting each event once for each detector.
    pub judged: u64,
    pub findings: u64,
}

impl Done {
    pub fn none() -> Self {
        Self {
            all: Time::NOTHING,
            calls: Duration::ZERO,
            wanted: 0,
            unwanted: 0,
            judged: 0,
            findings: 0,
        }
    }
}

/// A host with loaded and active detectors.
pub struct Host {
    pipeline: Pipeline,
    pub services: Services,
    pub generation: Generation,
}

impl Host {
    /// Starts a host with the default configuration except for its threads.
    pub fn start(plugins: &Path, cache: &Path, threads: usize) -> Self {
        let config = config(threads);
        let engine = Engine::new(Some(cache), config.stack).expect("an engine");
        Self::with_engine(engine, &config, plugins)
    }

    /// Starts such a host with an engine that does not interrupt detectors.
    pub fn without_deadlines(plugins: &Path, threads: usize) -> Self {
        let config = config(threads);
        let engine = Engine::without_deadlines(config.stack).expect("an engine");
        Self::with_engine(engine, &config, plugins)
    }

    fn with_engine(engine: Engine, config: &Config, plugins: &Path) -> Self {
        Self::at_work(compose_with(engine, config, plugins, None).expect("a host"))
    }

    fn at_work(composition: Composition) -> Self {
        let Composition {
            pipeline,
            mut loader,
            services,
            ..
        } = composition;
        let mut generation = Generation::default();
        let events = loader.look(&mut |next| generation = next);
        let is_loaded = |event: &LoaderEvent| matches!(event, LoaderEvent::Loaded { .. });
        assert!(events.iter().all(is_loaded), "{events:?}");
        let mut host = Self {
            pipeline,
            services,
            generation: generation.clone(),
        };
        host.swap(&generation);
        host
    }

    /// Swaps the detectors; the new ones take over before the next chunk.
    pub fn swap(&mut self, generation: &Generation) {
        self.pipeline.swap(generation).expect("a thread ended");
    }

    /// Waits until all threads have processed their messages.
    pub fn wait(&self) {
        self.pipeline.health().expect("a thread ended");
    }

    /// Judges one chunk and waits for it.
    pub fn judge(&mut self, chunk: Chunk) -> Done {
        self.judge_all(&[chunk])
    }

    /// Judges all chunks with several in flight, as in a scan.
    pub fn judge_all(&mut self, chunks: &[Chunk]) -> Done {
        let mut done = Done::none();
        let mut waiting: Vec<Chunk> = chunks.iter().rev().cloned().collect();
        done.all = timed(|| {
            while let Some(chunk) = waiting.pop() {
                self.pipeline.submit(chunk.0).expect("a thread ended");
                if self.pipeline.in_flight() == CHUNKS_IN_FLIGHT {
                    self.receive(&mut done);
                }
            }
            while self.pipeline.in_flight() > 0 {
                self.receive(&mut done);
            }
        });
        done
    }

    fn receive(&mut self, done: &mut Done) {
        let received = self.pipeline.receive().expect("a thread ended");
        let processed = received.expect("no chunk is in flight");
        assert!(
            processed.rejected.is_empty(),
            "the log has lines that are not events"
        );
        assert_eq!(processed.events_not_judged, 0, "events were not judged");
        let tallies = || processed.tallies.values();
        done.calls += tallies()
            .flat_map(|tally| &tally.call_times)
            .sum::<Duration>();
        done.wanted += processed.events;
        done.unwanted += processed.unwanted;
        done.judged += tallies().map(|tally| tally.judged).sum::<u64>();
        done.findings += processed.findings.len() as u64;
    }
}

/// The default configuration with this number of threads.
pub fn config(threads: usize) -> Config {
    let mut config = Config::defaults().expect("the defaults are valid");
    config.threads = threads;
    config
}
