//! The same detectors, linked natively, on the host's own state and inventory and with the
//! same batches: what lies between the two is what the sandbox costs.

mod host;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use host::NativeHost;
use wardline::config::Config;
use wardline::detect::{Detector as Loaded, Generation};
use wardline::inventory::Inventory;
use wardline::route::{Origin, Record};
use wardline::sequence::{Sequenced, Sequencer, unplaced};
use wardline_event::model::AuditEvent;
use wardline_sdk::native::with_host;
use wardline_sdk::{Detector, Settings, run};

use crate::log::Log;

/// What the native detectors did with the log.
pub struct Native {
    /// The time inside detectors.
    pub calls: Duration,
    pub findings: u64,
}

/// Lets the detectors of a generation judge the log, as often as `crate::RUNS` says; the
/// best counts.
pub fn judge_all(log: &Log, generation: &Generation, config: &Config) -> Native {
    let events = events(log);
    (0..crate::RUNS)
        .map(|_| judge(&events, generation, config))
        .min_by_key(|native| native.calls)
        .expect("there are runs")
}

fn events(log: &Log) -> Vec<AuditEvent> {
    let limits = wardline_event::decode::Limits {
        line_bytes: 2 << 20,
        depth: 128,
    };
    let mut events = Vec::new();
    for line in log.lines() {
        wardline_event::decode::decode(line, &limits, &mut |result| {
            events.extend(result.ok().map(|decoded| decoded.event));
        });
    }
    events
}

fn judge(events: &[AuditEvent], generation: &Generation, config: &Config) -> Native {
    let inventory = Arc::new(Inventory::new(config.inventory_objects));
    let mut lanes: Vec<Lane> = generation
        .detectors
        .iter()
        .map(|detector| Lane::new(detector, &inventory))
        .collect();
    let mut sequencer = Sequencer::default();
    let mut native = Native {
        calls: Duration::ZERO,
        findings: 0,
    };
    for events in events.chunks(config.chunk) {
        let records: Vec<Arc<Record>> = events
            .iter()
            .filter_map(|event| record(&mut sequencer, event))
            .collect();
        for record in &records {
            inventory.apply(&record.event, record.reference(), &record.actor);
        }
        for lane in &mut lanes {
            let wanted: Vec<Arc<Record>> = records
                .iter()
                .filter(|record| lane.loaded.subscriptions.matches(record))
                .cloned()
                .collect();
            for part in wanted.chunks(config.batch) {
                lane.judge(part, &mut native);
            }
        }
        inventory.forget_before(sequencer.next_reference());
    }
    native
}

fn record(sequencer: &mut Sequencer, event: &AuditEvent) -> Option<Arc<Record>> {
    let origin = Origin {
        source: Arc::from("log"),
        line: 0,
    };
    match sequencer.take(unplaced(event.clone(), "{}".into(), origin)) {
        Sequenced::Record(record) => Some(Arc::new(record)),
        Sequenced::Duplicate => None,
    }
}

type Judge = Box<dyn FnMut(&[AuditEvent]) -> usize>;

/// One detector with its host.
struct Lane {
    loaded: Arc<Loaded>,
    judge: Judge,
    host: Rc<RefCell<NativeHost>>,
}

impl Lane {
    fn new(loaded: &Arc<Loaded>, inventory: &Arc<Inventory>) -> Self {
        let judge = match loaded.name() {
            "anonymous-access" => linked::<anonymous_access::AnonymousAccess>(),
            "exec-in-kube-system" => linked::<exec_in_kube_system::ExecInKubeSystem>(),
            "exec-in-privileged-pod" => linked::<exec_in_privileged_pod::ExecInPrivilegedPod>(),
            "privileged-workloads" => linked::<privileged_workloads::PrivilegedWorkloads>(),
            "secret-enumeration" => linked::<secret_enumeration::SecretEnumeration>(),
            other => panic!("{other} is not linked natively"),
        };
        let host = NativeHost::new(Arc::clone(inventory), loaded.state.quota);
        Self {
            loaded: Arc::clone(loaded),
            judge,
            host: Rc::new(RefCell::new(host)),
        }
    }

    fn judge(&mut self, records: &[Arc<Record>], native: &mut Native) {
        let events: Vec<AuditEvent> = records
            .iter()
            .map(|record| AuditEvent::clone(&record.event))
            .collect();
        let started = Instant::now();
        self.host.borrow_mut().enter(records);
        let judge = &mut self.judge;
        let found = with_host(self.host.clone(), || judge(&events));
        self.host.borrow_mut().leave();
        native.calls += started.elapsed();
        native.findings += found as u64;
    }
}

/// A detector with the default of every setting.
fn linked<D: Detector + 'static>() -> Judge {
    let settings = D::describe()
        .into_contract()
        .settings
        .into_iter()
        .map(|setting| (setting.name, setting.default))
        .collect();
    let mut detector = D::configure(&Settings::new(settings)).expect("the defaults are right");
    Box::new(move |events| {
        run::audit_events(&mut detector, events)
            .expect("a detector judges")
            .len()
    })
}
