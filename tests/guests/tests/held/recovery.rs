//! Recovery after the failure of a guest.

use std::path::Path;
use std::sync::Arc;

use wardline::app::{Composition, compose};
use wardline::config::PluginSettings;
use wardline::pipeline::Processed;
use wardline::plugin::{FileState, LoaderEvent, Step};
use wardline_detect::{
    BreakerState, Detector, DetectorParts, Generation, Instance, Skip, StateSource,
};
use wardline_source::{Limits, ScanSource, Source};

use crate::text::Text;
use crate::{Conduct, Guest, build, events, stage};

/// A host with a plugin directory that a test changes.
struct Host {
    work: tempfile::TempDir,
    composition: Composition,
}

impl Host {
    fn new() -> Self {
        let work = tempfile::tempdir().unwrap();
        let plugins = work.path().join("plugins");
        std::fs::create_dir(&plugins).unwrap();
        std::fs::write(plugins.join("good.wasm"), build::good()).unwrap();
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled");
        let composition = compose(&stage::config(), &plugins, None, Some(&cache)).unwrap();
        Self { work, composition }
    }

    fn plugins(&self) -> std::path::PathBuf {
        self.work.path().join("plugins")
    }

    /// Reads the directory and swaps in its detectors.
    fn look(&mut self) -> Vec<LoaderEvent> {
        let mut generation = None;
        let events = self
            .composition
            .loader
            .look(&mut |next| generation = Some(next));
        if let Some(generation) = generation {
            self.composition.pipeline.swap(&generation).unwrap();
        }
        events
    }

    /// Judges the log again. Audit ids differ by round, since the host drops duplicates.
    fn judge(&mut self, round: u32) -> Processed {
        let file = self.work.path().join(format!("{round}.log"));
        let log = events::log().replace("00000000-0000", &format!("{round:08}-0000"));
        std::fs::write(&file, log).unwrap();
        let config = stage::config();
        let mut source = ScanSource::open(
            &file,
            Limits {
                line: config.line_limit,
                document: config.document_limit,
            },
        )
        .unwrap();
        let chunk = source
            .next(config.chunk, 1 << 20, std::time::Duration::ZERO)
            .unwrap()
            .unwrap();
        let processed = self.composition.pipeline.process(chunk.lines).unwrap();
        assert_eq!(processed.events, events::EXECS);
        let good = processed
            .findings
            .iter()
            .filter(|finding| finding.detector.name == "exec-in-kube-system");
        assert_eq!(good.count(), events::IN_KUBE_SYSTEM);
        processed
    }

    fn state_of(&self, file: &str) -> FileState {
        let files = self.composition.loader.board().read();
        files.iter().find(|known| known.file == file).unwrap().state
    }

    fn breaker(&self) -> BreakerState {
        let health = self.composition.pipeline.health().unwrap();
        let guest = health
            .into_iter()
            .find(|worker| worker.detector.as_ref() == "test-guest");
        guest.unwrap().breaker
    }
}

#[test]
fn guest_in_quarantine_is_replaced() {
    let mut host = Host::new();
    stage::place(Guest::Conduct(Conduct::EndlessLoop), &host.plugins());
    host.look();
    assert_eq!(host.state_of("guest"), FileState::Active);
    let processed = host.judge(1);
    assert_eq!(processed.events_not_judged, events::EXECS);
    host.look();
    assert_eq!(host.state_of("guest"), FileState::Quarantined);
    assert_eq!(host.breaker(), BreakerState::Quarantined);
    let processed = host.judge(2);
    assert!(
        processed
            .not_judged
            .iter()
            .all(|skipped| skipped.skip == Skip::Quarantined)
    );

    // The operator replaces it.
    stage::place(Guest::Conduct(Conduct::PoisonEvent), &host.plugins());
    let events = host.look();
    assert!(
        matches!(
            events.as_slice(),
            [LoaderEvent::Loaded { replaced: true, .. }]
        ),
        "{events:?}"
    );
    assert_eq!(host.state_of("guest"), FileState::Active);
    let processed = host.judge(3);
    assert_eq!(processed.events_not_judged, 1);
    assert_eq!(host.breaker(), BreakerState::Closed);
}

#[test]
fn circuit_breaker_closes_after_a_crisis() {
    let mut host = Host::new();
    stage::place(Guest::Conduct(Conduct::Crisis), &host.plugins());
    host.look();
    let processed = host.judge(1);
    let reasons = |wanted: &str| {
        processed
            .not_judged
            .iter()
            .filter(|skipped| skipped.skip.as_str() == wanted)
            .count()
    };
    assert!(reasons("trap") > 0 && reasons("breaker") > 0);
    assert_eq!(reasons("quarantined"), 0);
    assert_eq!(host.breaker(), BreakerState::Closed);
}

#[test]
fn older_version_stays_active_if_a_guest_is_refused() {
    let mut host = Host::new();
    stage::place(Guest::Conduct(Conduct::PoisonEvent), &host.plugins());
    host.look();
    let guest = std::fs::read(host.plugins().join("guest.wasm")).unwrap();
    for bad in [Text::TrapInStart, Text::Changing, Text::WrongVersion] {
        std::fs::write(host.plugins().join("guest.wasm"), bad.build()).unwrap();
        std::fs::write(host.plugins().join("guest.toml"), "").unwrap();
        let events = host.look();
        assert!(
            matches!(
                events.as_slice(),
                [LoaderEvent::Refused {
                    older_at_work: true,
                    ..
                }]
            ),
            "{events:?}"
        );
        assert_eq!(host.state_of("guest"), FileState::Active);
    }
    let processed = host.judge(1);
    assert_eq!(processed.events_not_judged, 1);

    // Back to the version that is already active.
    std::fs::write(host.plugins().join("guest.wasm"), guest).unwrap();
    stage::place(Guest::Conduct(Conduct::PoisonEvent), &host.plugins());
    host.look();
    let files = host.composition.loader.board().read();
    let status = files.iter().find(|known| known.file == "guest").unwrap();
    assert_eq!((status.state, &status.failure), (FileState::Active, &None));
}

/// Five guests at once, on three threads.
#[test]
fn several_guests_do_not_disturb_the_good_detector() {
    let mut config = stage::config();
    config.threads = 3;
    let work = tempfile::tempdir().unwrap();
    std::fs::write(work.path().join("good.wasm"), build::good()).unwrap();
    for (index, text) in [
        Text::EndlessRecursion,
        Text::TableGrowth,
        Text::OutOfBounds,
        Text::UnalignedResult,
        Text::InvalidTitle,
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("test-guest-{index}");
        let bytes = text.named(&name);
        std::fs::write(work.path().join(format!("{name}.wasm")), bytes).unwrap();
    }
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled");
    let mut host = Host {
        composition: compose(&config, work.path(), None, Some(&cache)).unwrap(),
        work,
    };
    let events = host.look();
    assert_eq!(events.len(), 6, "{events:?}");
    let processed = host.judge(1);
    assert_eq!(processed.events_not_judged, events::EXECS);
    assert_eq!(processed.not_judged.len() as u64, 5 * events::EXECS);
}

/// If no new instance starts, no event is at fault, so the batch is not bisected.
#[test]
fn events_without_an_instance_are_not_judged_for_that_reason() {
    let mut host = Host::new();
    stage::place(Guest::Conduct(Conduct::PoisonEvent), &host.plugins());
    let mut generation = None;
    host.composition
        .loader
        .look(&mut |next| generation = Some(next));
    let generation: Generation = generation.unwrap();
    let loaded = generation
        .detectors
        .iter()
        .find(|detector| detector.name() == "test-guest")
        .unwrap();
    // The same version, but with settings that it refuses and without a prepared instance.
    let settings = PluginSettings::parse("[settings]\nconduct = \"none\"", "test").unwrap();
    let crippled = Detector::new(DetectorParts {
        id: u64::MAX,
        file: "guest".into(),
        digest: loaded.digest.clone(),
        descriptor: Arc::clone(&loaded.descriptor),
        subscriptions: wardline_route::Subscriptions::new(&loaded.descriptor).unwrap(),
        program: Arc::clone(&loaded.program),
        settings: settings.values(&loaded.descriptor).unwrap(),
        limits: Arc::clone(&loaded.limits),
        breaker: loaded.breaker.clone(),
        state: StateSource {
            detector: Arc::from("test-guest"),
            store: None,
            quota: stage::config().quota,
            cluster: false,
        },
        ready: Vec::<Instance>::new(),
    });
    let mut detectors = generation.detectors.clone();
    for detector in &mut detectors {
        if detector.name() == "test-guest" {
            *detector = Arc::new(crippled);
            break;
        }
    }
    let generation = Generation::new(2, detectors);
    host.composition.pipeline.swap(&generation).unwrap();
    let processed = host.judge(1);
    assert_eq!(processed.not_judged.len() as u64, events::EXECS);
    let Skip::Unavailable(failure) = &processed.not_judged[0].skip else {
        panic!("{:?}", processed.not_judged[0].skip);
    };
    assert_eq!(
        failure.message,
        "rejects its settings: there is no conduct `none`"
    );
    assert_eq!(host.breaker(), BreakerState::Quarantined);
}

#[test]
fn board_shows_why_a_guest_is_refused() {
    let mut host = Host::new();
    stage::place(Guest::Conduct(Conduct::PanicInConfigure), &host.plugins());
    host.look();
    assert_eq!(host.state_of("guest"), FileState::Refused);
    let files = host.composition.loader.board().read();
    let status = files.iter().find(|known| known.file == "guest").unwrap();
    let failure = status.failure.as_ref().unwrap();
    assert_eq!(failure.step, Step::Configure);
    assert!(
        failure.message.contains("the rule file has no rules"),
        "{}",
        failure.message
    );
    assert!(status.running.is_none());
}
