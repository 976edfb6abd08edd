//! The cost of further detectors, with subscriptions that match nothing or everything.
//!
//! They share one compiled detector, `tests/detectors/bystander`, but each has its own name,
//! instance, and subscriptions. The host's loader would compile a file for each, since names
//! must differ; shared code is kinder to the processor's caches.

use std::sync::Arc;

use wardline_contract::AuditSubscription;
use wardline_detect::{Detector, DetectorParts, Generation};
use wardline_event::model::Stage;
use wardline_route::Subscriptions;

use crate::bench::Bench;
use crate::host::{Chunk, Host};
use crate::report::Row;
use crate::timing::{LONG_RUNS, RUNS, Time};

/// The number of chunks to judge if all detectors subscribe to everything, which takes long.
const SOME: usize = 4;

pub fn measure(bench: &mut Bench) {
    bench
        .report
        .group("Further detectors beside the default ones, one thread");
    let run = |count, subscription: fn(usize) -> AuditSubscription, chunks: &[Chunk]| {
        let mut host = Host::start(&bench.built.with_bystander, &bench.built.cache, 1);
        let generation = with_bystanders(&host.generation, count, subscription);
        host.swap(&generation);
        host.judge_all(chunks)
    };
    let mut judged = [0; 3];
    let mut least = [Time::MAX; 3];
    for _ in 0..RUNS {
        for (number, count) in [0, 10, 100].into_iter().enumerate() {
            let done = run(count, never, &bench.chunks);
            least[number] = least[number].min(done.all);
            judged[number] = done.judged;
        }
    }
    assert_eq!(judged, [judged[0]; 3], "one did match");
    let reference = ("none", least[0]);
    let mut rows = vec![
        bench.row("none", least[0]),
        bench.beside("10 that never match", least[1], reference),
        bench
            .beside("100 that never match", least[2], reference)
            .at_most(1.03),
    ];
    let some = &bench.chunks[..SOME.min(bench.chunks.len())];
    let beside = run(0, always, some).judged;
    for count in [1, 10, 100] {
        let mut least = Time::MAX;
        let mut events = 0;
        for _ in 0..LONG_RUNS {
            let done = run(count, always, some);
            events = done.wanted;
            assert_eq!(done.unwanted, 0, "not every event was wanted");
            let calls = done.judged - beside;
            assert!(
                bench.log.is_given || calls == events * count as u64,
                "not every one matched"
            );
            least = least.min(done.all);
        }
        let name = format!("{count} that want every event");
        let each = least.wall.as_secs_f64() * 1e9 / (events * count as u64) as f64;
        let note = format!("the first {events} events; {each:.0} ns for each detector");
        rows.push(Row::each(&name, least, events).note(note));
    }
    rows.into_iter().for_each(|row| bench.report.add(row));
}

/// Replaces the one bystander of a generation by `count` others.
fn with_bystanders(
    generation: &Generation,
    count: usize,
    subscription: fn(usize) -> AuditSubscription,
) -> Generation {
    let (bystanders, mut detectors): (Vec<_>, Vec<_>) = generation
        .detectors
        .iter()
        .cloned()
        .partition(|detector| detector.name() == "bystander");
    let model = bystanders.first().expect("there is one");
    detectors.extend((0..count).map(|number| {
        let mut descriptor = (*model.descriptor).clone();
        descriptor.name = format!("bystander-{number:03}");
        descriptor.audit = vec![subscription(number)];
        let mut state = model.state.clone();
        state.detector = Arc::from(descriptor.name.as_str());
        Arc::new(Detector::new(DetectorParts {
            id: 1_000_000 + number as u64,
            file: descriptor.name.clone(),
            digest: model.digest.clone(),
            subscriptions: Subscriptions::new(&descriptor).expect("they are valid"),
            descriptor: Arc::new(descriptor),
            program: Arc::clone(&model.program),
            settings: model.settings.clone(),
            limits: Arc::clone(&model.limits),
            breaker: model.breaker.clone(),
            state,
            ready: Vec::new(),
        }))
    }));
    detectors.sort_by(|one, other| one.name().cmp(other.name()));
    Generation::new(generation.number + 1, detectors)
}

/// Matches every event at every stage.
fn always(_: usize) -> AuditSubscription {
    AuditSubscription {
        stages: vec![
            Stage::RequestReceived,
            Stage::ResponseStarted,
            Stage::ResponseComplete,
            Stage::Panic,
        ],
        verbs: Vec::new(),
        api_groups: Vec::new(),
        resources: Vec::new(),
        namespaces: Vec::new(),
        names: Vec::new(),
        paths: Vec::new(),
        usernames: Vec::new(),
        groups: Vec::new(),
        outcomes: Vec::new(),
        attributes: Vec::new(),
    }
}

/// Matches no event of the log, in one of five ways: by a resource, user, or path that does not
/// occur, which the index rules out, or by a namespace or name together with frequent verbs and
/// resources, which requires a full comparison.
fn never(number: usize) -> AuditSubscription {
    let own = |what: &str| vec![format!("{what}-{number}")];
    let mut subscription = always(number);
    match number % 5 {
        0 => {
            subscription.verbs = vec!["create".into(), "update".into()];
            subscription.resources = own("gadgets");
        }
        1 => subscription.usernames = own("nobody"),
        2 => subscription.paths = own("/bystanders"),
        3 => {
            subscription.verbs = vec!["get".into(), "list".into()];
            subscription.resources = vec!["configmaps".into()];
            subscription.namespaces = own("bystanders");
        }
        _ => {
            subscription.resources = vec!["pods".into(), "pods/exec".into()];
            subscription.names = own("bystander");
        }
    }
    subscription
}
