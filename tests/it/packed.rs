//! Detectors find the same in packed events as in records.

#[path = "../../host/decode/tests/common/arbitrary.rs"]
mod arbitrary;

use std::fmt::Debug;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use arbitrary::{arbitrary, arbitrary_of_case};
use serde::de::DeserializeOwned;
use wardline::app::Composition;
use wardline_detect::{Detector, Generation, Instance};
use wardline_event::model::{AuditEvent, Facts, RuntimeEvent, Signal};
use wardline_event::packed::{Packed, Shape};
use wardline_event::{Origin, Record};
use wardline_sdk::view;

use crate::support::log::{lines, recorded};
use crate::support::transport::{build_typed, config, load, typed};
use crate::support::{DEFAULT, default_detectors, keep_only_default, root};

/// The default detectors, exporting both `audit` and `audit-packed`.
fn typed_detectors() -> &'static Path {
    static BUILT: OnceLock<std::path::PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let folder = root().join("target/test-typed");
        let directories = DEFAULT.map(|name| format!("plugins/{name}"));
        build_typed(&directories.each_ref().map(String::as_str), &folder);
        keep_only_default(&folder);
        folder
    })
}

/// The findings of the detectors, as JSON text.
fn findings(mut composition: Composition, generation: &Generation) -> Vec<String> {
    composition.pipeline.swap(generation).unwrap();
    let mut findings = Vec::new();
    for chunk in lines(&recorded()).chunks(1_000) {
        let processed = composition.pipeline.process(chunk.to_vec()).unwrap();
        assert!(processed.not_judged.is_empty());
        let text = |finding| serde_json::to_string(finding).unwrap();
        findings.extend(processed.findings.iter().map(text));
    }
    findings
}

/// Returns the detectors of audit events, which have a packed form.
fn of_audit(generation: &Generation) -> impl Iterator<Item = &Arc<Detector>> {
    let detectors = generation.detectors.iter();
    detectors.filter(|one| !one.descriptor.audit.is_empty())
}

fn reads_packed(generation: &Generation) -> Vec<bool> {
    of_audit(generation)
        .map(|one| one.program.reads_packed())
        .collect()
}

#[test]
fn default_detectors_find_the_same() {
    let cache = root().join("target/test-cache");
    let load = |folder| load(&config(), folder, Some(&cache));

    let (composition, only_packed) = load(default_detectors());
    assert!(of_audit(&only_packed).all(|one| one.program.typed().is_none()));
    let expected = findings(composition, &only_packed);
    assert!(expected.len() >= 20, "{}", expected.len());

    let (composition, both) = load(typed_detectors());
    assert!(reads_packed(&both).into_iter().all(|packed| packed));
    assert_eq!(findings(composition, &both), expected, "packed");

    let (composition, both) = load(typed_detectors());
    let only_typed = typed(&both);
    assert!(!reads_packed(&only_typed).into_iter().any(|packed| packed));
    assert_eq!(findings(composition, &only_typed), expected, "typed");
}

/// Pseudorandom bytes (Sebastiano Vigna's SplitMix64).
fn entropy(seed: u64) -> Vec<u8> {
    let mut state = seed;
    let mut bytes = Vec::new();
    for _ in 0..500 {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = state;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bytes.extend((word ^ (word >> 31)).to_le_bytes());
    }
    bytes
}

/// Several events for every kind of facts.
fn events() -> Vec<AuditEvent> {
    let Shape::Variant { none, cases, .. } = Facts::SHAPE else {
        panic!("`Facts` is not a variant");
    };
    let cases: Vec<&'static str> = cases.iter().map(|&(case, _)| case).chain([*none]).collect();
    assert_eq!(cases.len(), 24);
    (0..cases.len() as u64 * 8)
        .map(|number| {
            let case = cases[number as usize % cases.len()];
            let mut event: AuditEvent = arbitrary_of_case(&entropy(number), case);
            event.ref_ = number + 1;
            let facts = &event.requested.as_ref().unwrap().facts;
            assert!(format!("{facts:?}").starts_with(case), "{case}: {facts:?}");
            event
        })
        .chain([AuditEvent::default()])
        .collect()
}

fn record(event: AuditEvent) -> Arc<Record> {
    let origin = Origin {
        source: "test".into(),
        line: 1,
    };
    let record = Record::audit(event, "{}".into(), "".into(), origin);
    Arc::new(Record {
        first_answer: true,
        ..record
    })
}

/// The digests that the detector `mirror` reports, one for each event.
fn seen(composition: &Composition, mirror: &Detector, records: &[Arc<Record>]) -> Vec<String> {
    let mut instance = Instance::start(
        &mirror.program,
        &mirror.limits,
        &composition.services,
        &mirror.state,
    )
    .unwrap();
    instance.configure(&mirror.settings).unwrap();
    records
        .chunks(7)
        .flat_map(|batch| instance.judge(batch).unwrap())
        .map(|finding| finding.evidence[0].value.clone())
        .collect()
}

#[test]
fn every_field_reads_the_same() {
    let folder = root().join("target/test-mirror");
    build_typed(&["tests/detectors/mirror"], &folder);
    let (composition, both) = load(&config(), &folder, None);
    let only_typed = typed(&both);
    let records: Vec<Arc<Record>> = events().into_iter().map(record).collect();
    let expected: Vec<String> = records
        .iter()
        .map(|record| mirror::print(&format!("{:?}", record.as_audit().unwrap())))
        .collect();
    assert_eq!(seen(&composition, &both.detectors[0], &records), expected);
    assert_eq!(
        seen(&composition, &only_typed.detectors[0], &records),
        expected
    );
}

/// Checks that `Debug` of a view, which calls the methods that a detector uses, shows all
/// fields.
fn is_shown<'a, T, V>(value: &'a T)
where
    T: DeserializeOwned + Debug,
    V: From<&'a T> + Debug,
{
    assert_eq!(format!("{:?}", V::from(value)), format!("{value:?}"));
}

#[test]
fn views_have_every_field() {
    for number in 0..200 {
        let bytes = entropy(number);
        is_shown::<_, view::AuditEvent>(&arbitrary::<AuditEvent>(&bytes));
        is_shown::<_, view::RuntimeEvent>(&arbitrary::<RuntimeEvent>(&bytes));
        is_shown::<_, view::Signal>(&arbitrary::<Signal>(&bytes));
    }
    for event in events() {
        is_shown::<_, view::AuditEvent>(&event);
    }
}
