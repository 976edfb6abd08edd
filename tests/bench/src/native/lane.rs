//! One native detector with its host.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use wardline_contract::Ordering;
use wardline_detect::Detector as Loaded;
use wardline_event::Record;
use wardline_event::model::AuditEvent;
use wardline_event::packed::assemble;
use wardline_inventory::Inventory;
use wardline_sdk::native::with_host;
use wardline_sdk::{Detector, Settings, run};

use super::host::NativeHost;
use crate::host::Done;

/// Judges a packed batch and returns the number of findings.
type Judge = Box<dyn FnMut(&[u8]) -> usize>;

pub struct Lane {
    /// The events to judge.
    pub wanted: Vec<Arc<Record>>,
    judge: Judge,
    host: Rc<RefCell<NativeHost>>,
    batch: Vec<u8>,
}

impl Lane {
    /// Links the native detector of the same name.
    pub fn new(loaded: &Arc<Loaded>, inventory: &Arc<Inventory>) -> Self {
        let judge = match loaded.name() {
            "anonymous-access" => linked::<anonymous_access::AnonymousAccess>(),
            "control-plane-integrity" => linked::<control_plane_integrity::ControlPlaneIntegrity>(),
            "credential-issuance" => linked::<credential_issuance::CredentialIssuance>(),
            "credential-misuse" => linked::<credential_misuse::CredentialMisuse>(),
            "defense-evasion" => linked::<defense_evasion::DefenseEvasion>(),
            "discovery" => linked::<discovery::Discovery>(),
            "impact" => linked::<impact::Impact>(),
            "malicious-callers" => linked::<malicious_callers::MaliciousCallers>(),
            "network-exposure" => linked::<network_exposure::NetworkExposure>(),
            "pod-exec" => linked::<pod_exec::PodExec>(),
            "privileged-workloads" => linked::<privileged_workloads::PrivilegedWorkloads>(),
            "rbac-escalation" => linked::<rbac_escalation::RbacEscalation>(),
            "secret-access" => linked::<secret_access::SecretAccess>(),
            "suspicious-workloads" => linked::<suspicious_workloads::SuspiciousWorkloads>(),
            other => panic!("{other} is not linked natively"),
        };
        let is_of_cluster = loaded.descriptor.ordering == Ordering::Cluster;
        let host = NativeHost::new(Arc::clone(inventory), loaded.state.quota, is_of_cluster);
        Self {
            wanted: Vec::new(),
            judge,
            host: Rc::new(RefCell::new(host)),
            batch: Vec::new(),
        }
    }

    /// Judges events. The time of a call covers the same work as in the sandbox.
    pub fn judge(&mut self, records: &[Arc<Record>], done: &mut Done) {
        let started = Instant::now();
        let events: Vec<&[u8]> = records
            .iter()
            .map(|record| record.packed().expect("it can be packed"))
            .collect();
        assemble::<AuditEvent>(events.into_iter(), &mut self.batch).expect("a batch");
        self.host.borrow_mut().enter(records);
        let (judge, batch) = (&mut self.judge, &self.batch);
        done.findings += with_host(self.host.clone(), || judge(batch)) as u64;
        self.host.borrow_mut().leave();
        done.calls += started.elapsed();
        done.judged += records.len() as u64;
    }
}

/// Configures a detector with the default of every setting.
fn linked<D: Detector + 'static>() -> Judge {
    let settings = D::describe()
        .into_contract()
        .settings
        .into_iter()
        .map(|setting| (setting.name, setting.default))
        .collect();
    let mut detector = D::configure(&Settings::new(settings)).expect("the defaults are valid");
    Box::new(move |batch| {
        run::packed_audit_events(&mut detector, batch)
            .expect("a detector judges")
            .len()
    })
}
