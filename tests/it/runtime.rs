//! Runtime events, which no source reads yet, reach detectors like audit events.

use std::sync::Arc;

use wardline_detect::{Generation, Services, Shard};
use wardline_event::model::{ContainerInfo, PodInfo, RuntimeEvent};
use wardline_event::{Origin, Record};
use wardline_finding::{EventFamily, Finding, finding_of};

use crate::support::root;
use crate::support::transport::{build_typed, config, load, typed};

fn record(number: u64, action: &str) -> Arc<Record> {
    let mut event = RuntimeEvent {
        time: number * 1_000_000_000,
        action: action.into(),
        node: "node-1".into(),
        container: Some(ContainerInfo {
            id: "c1".into(),
            image: "shop/web:1".into(),
            ..ContainerInfo::default()
        }),
        pod: Some(PodInfo {
            namespace: "shop".into(),
            name: "web-0".into(),
            service_account: "web".into(),
            ..PodInfo::default()
        }),
        ..RuntimeEvent::default()
    };
    event.process.pid = 4711;
    event.process.executable = "/tmp/xmrig".into();
    let origin = Origin {
        source: "sensor".into(),
        line: number,
    };
    let id = format!("runtime-{number}");
    let mut record = Record::runtime(event, &id, "{}".into(), "lab".into(), origin);
    record.event.set_reference(number);
    Arc::new(record)
}

fn judge(generation: &Generation, services: Services) -> Vec<Finding> {
    let mut shard = Shard::new(0, 1, 64, services);
    shard.swap(generation);
    let records = [record(1, "exec"), record(2, "open"), record(3, "exec")];
    let output = shard.judge(&records, 0);
    assert!(output.not_judged.is_empty());
    output.claims.iter().map(finding_of).collect()
}

#[test]
fn runtime_events_are_judged_in_packed_form_and_as_records() {
    let folder = root().join("target/test-runtime");
    build_typed(&["tests/detectors/closer"], &folder);
    let (composition, both) = load(&config(), &folder, None);
    let found = judge(&both, composition.services.clone());
    assert_eq!(found, judge(&typed(&both), composition.services));
    let ids: Vec<&[String]> = found.iter().map(|one| &*one.event_ids).collect();
    assert_eq!(ids, [["runtime-1"], ["runtime-3"]]);
    let first = &found[0];
    assert_eq!(first.event_family, EventFamily::Runtime);
    assert_eq!(first.cluster, "lab");
    assert_eq!(first.request, None);
    assert_eq!(first.actor.username, "system:serviceaccount:shop:web");
    assert_eq!(first.resource.name, "web-0");
    assert_eq!(first.node.as_deref(), Some("node-1"));
    assert_eq!(first.container.as_ref().unwrap().image, "shop/web:1");
    let process = first.process.as_ref().unwrap();
    assert_eq!((process.pid, &*process.executable), (4711, "/tmp/xmrig"));
}
