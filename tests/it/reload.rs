//! A detector is replaced a thousand times, by new settings, while events flow. Every event
//! is judged exactly once.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use wardline::app::{Composition, compose};
use wardline::config::Config;
use wardline::pipeline::CHUNKS_IN_FLIGHT;
use wardline::plugin::LoaderEvent;
use wardline_detect::Generation;
use wardline_source::RawLine;

use crate::support::{audit_id, detector, event, evidence};

const SWAPS: u64 = 1000;
const ACTORS: u64 = 7;
const CHUNK: u64 = 16;

fn write_settings(plugins: &Path, number: u64) {
    let part = plugins.join("witness.toml.part");
    std::fs::write(&part, format!("[settings]\nlabel = \"version {number}\"\n")).unwrap();
    std::fs::rename(part, plugins.join("witness.toml")).unwrap();
}

fn chunk(first: u64) -> Vec<RawLine> {
    (first..first + CHUNK)
        .map(|number| RawLine {
            bytes: event(number, &format!("user-{}", number % ACTORS), "get", "pods").into(),
            source: Arc::from("log"),
            cluster: Arc::from(""),
            line: number,
            defect: None,
        })
        .collect()
}

#[test]
fn thousand_swaps_lose_and_repeat_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let plugins = folder.path().join("plugins");
    std::fs::create_dir(&plugins).unwrap();
    std::fs::copy(
        detector("tests/detectors/witness"),
        plugins.join("witness.wasm"),
    )
    .unwrap();
    write_settings(&plugins, 0);
    let mut config = Config::defaults().unwrap();
    config.threads = 2;
    let Composition {
        mut pipeline,
        mut loader,
        ..
    } = compose(&config, &plugins, None, Some(&folder.path().join("cache"))).unwrap();
    let mailbox: Arc<Mutex<Option<Generation>>> = Arc::default();
    loader.look(&mut |generation| *mailbox.lock().unwrap() = Some(generation));

    // The loader replaces the detector as fast as it can.
    let done = Arc::new(AtomicBool::new(false));
    let replacing = {
        let (mailbox, done) = (Arc::clone(&mailbox), Arc::clone(&done));
        std::thread::spawn(move || {
            let mut number = 0;
            while !done.load(Ordering::SeqCst) {
                // One at a time, so that each version judges some events.
                if mailbox.lock().unwrap().is_some() {
                    std::thread::yield_now();
                    continue;
                }
                number += 1;
                write_settings(&plugins, number);
                for event in loader.look(&mut |next| *mailbox.lock().unwrap() = Some(next)) {
                    assert!(
                        matches!(event, LoaderEvent::Loaded { .. }),
                        "version {number} was not loaded"
                    );
                }
            }
        })
    };

    let (mut next, mut swaps) = (1, 0);
    let mut seen: BTreeMap<String, u64> = BTreeMap::new();
    let mut counts: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    let mut labels: BTreeMap<String, u64> = BTreeMap::new();
    loop {
        if swaps < SWAPS {
            if let Some(generation) = mailbox.lock().unwrap().take() {
                pipeline.swap(&generation).unwrap();
                swaps += 1;
            }
            pipeline.submit(chunk(next)).unwrap();
            next += CHUNK;
            if pipeline.in_flight() < CHUNKS_IN_FLIGHT {
                continue;
            }
        }
        let Some(processed) = pipeline.receive().unwrap() else {
            break;
        };
        assert_eq!(processed.events, CHUNK);
        assert_eq!(processed.events_not_judged, 0);
        for finding in processed.findings {
            let finding = serde_json::to_value(&finding).unwrap();
            for id in finding["event_ids"].as_array().unwrap() {
                *seen.entry(id.as_str().unwrap().to_owned()).or_default() += 1;
            }
            counts
                .entry(finding["actor"]["username"].as_str().unwrap().to_owned())
                .or_default()
                .push(evidence(&finding, "count").parse().unwrap());
            *labels
                .entry(evidence(&finding, "label").to_owned())
                .or_default() += 1;
        }
    }
    done.store(true, Ordering::SeqCst);
    replacing.join().unwrap();

    for number in 1..next {
        assert_eq!(seen.get(&audit_id(number)), Some(&1), "event {number}");
    }
    assert_eq!(seen.len() as u64, next - 1);
    // State passes from each version to the next, in order.
    for (actor, counts) in counts {
        let expected: Vec<u64> = (1..=counts.len() as u64).collect();
        assert_eq!(counts, expected, "{actor}");
    }
    assert!(
        labels.len() as u64 > SWAPS / 2,
        "{} versions judged",
        labels.len()
    );
}
