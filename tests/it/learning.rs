//! The inventory does not depend on the subscriptions of detectors.

use std::sync::Arc;

use wardline::app::{Composition, compose};
use wardline::config::Config;
use wardline_decode::{Limits, decode};
use wardline_event::{Origin, Record};
use wardline_inventory::Inventory;
use wardline_order::{Sequenced, Sequencer};
use wardline_source::RawLine;

use crate::support::event;
use crate::support::log::{lines, recorded};

const LIMITS: Limits = Limits {
    line_bytes: 2 << 20,
    document_bytes: 64 << 20,
    depth: 128,
};

/// The inventory after every event was decoded in full.
fn learned_slowly(lines: &[RawLine]) -> Vec<(String, Option<Vec<u8>>)> {
    let inventory = Inventory::new(10_000);
    let mut sequencer = Sequencer::default();
    for line in lines {
        decode(&line.bytes, &LIMITS, &mut |result| {
            let Ok(decoded) = result else { return };
            let origin = Origin {
                source: Arc::clone(&line.source),
                line: line.line,
            };
            let cluster = Arc::clone(&line.cluster);
            let record = Record::audit(decoded.event, line.bytes.clone(), cluster, origin);
            if let Sequenced::Record(record) | Sequenced::ReusedId(record) = sequencer.take(record)
            {
                let event = record.as_audit().unwrap();
                inventory.apply(&record.cluster, event, record.reference(), &record.actor);
            }
        });
    }
    inventory.take_changes()
}

/// The inventory of a host without detectors.
fn learned(lines: &[RawLine]) -> Vec<(String, Option<Vec<u8>>)> {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::defaults().unwrap();
    config.threads = 2;
    let Composition {
        mut pipeline,
        services,
        ..
    } = compose(&config, folder.path(), None, None).unwrap();
    for chunk in lines.chunks(50) {
        let processed = pipeline.process(chunk.to_vec()).unwrap();
        assert!(processed.rejected.is_empty());
    }
    services.inventory.take_changes()
}

#[test]
fn inventory_of_a_recorded_log_agrees() {
    let lines = lines(&recorded());
    let expected = learned_slowly(&lines);
    assert!(expected.len() > 10, "{}", expected.len());
    assert_eq!(learned(&lines), expected);
}

/// An event in which a pod is read.
fn read(number: u64, name: &str, version: u64, privileged: bool) -> String {
    let mut read: serde_json::Value =
        serde_json::from_str(&event(number, "controller", "get", "pods")).unwrap();
    read["level"] = "RequestResponse".into();
    read["objectRef"]["name"] = name.into();
    read["responseStatus"] = serde_json::json!({ "code": 200 });
    read["responseObject"] = serde_json::json!({
        "kind": "Pod",
        "apiVersion": "v1",
        "metadata": { "name": name, "namespace": "default", "resourceVersion": version.to_string() },
        "spec": { "containers": [
            { "name": "main", "image": "i", "securityContext": { "privileged": privileged } },
        ] },
    });
    read.to_string()
}

#[test]
fn repeated_read_updates_the_inventory_if_the_object_changed() {
    let log = [
        read(1, "a", 1, false),
        read(2, "a", 1, false),
        read(3, "a", 2, true),
        read(4, "b", 3, true),
        read(5, "a", 4, false),
        read(6, "b", 5, true),
        // A table for printing, not the object.
        read(7, "b", 6, false).replace("\"kind\":\"Pod\"", "\"kind\":\"Table\""),
    ];
    for length in 1..=log.len() {
        let lines = lines(log[..length].join("\n").as_bytes());
        let expected = learned_slowly(&lines);
        assert!(!expected.is_empty());
        assert_eq!(learned(&lines), expected, "after {length}");
    }
}

#[test]
fn new_response_that_is_not_json_is_rejected() {
    let folder = tempfile::tempdir().unwrap();
    let config = Config::defaults().unwrap();
    let mut composition = compose(&config, folder.path(), None, None).unwrap();
    let broken = read(1, "a", 1, false).replace("\"privileged\":", "\"privileged\" ");
    let processed = composition
        .pipeline
        .process(lines(broken.as_bytes()))
        .unwrap();
    assert_eq!(processed.rejected.len(), 1);
    assert_eq!((processed.events, processed.unwanted), (0, 0));
}
