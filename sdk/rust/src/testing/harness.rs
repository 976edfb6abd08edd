use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use wardline_check::{
    DescriptorError, ExportedFamilies, Given, check_descriptor, resolve_settings,
};
use wardline_decode::decode;
use wardline_event::Record;
use wardline_intel::Content;
use wardline_inventory::observation::ObjectState;
use wardline_route::Subscriptions;

use super::deliver::Deliver;
use super::host::StandIn;
use super::intel::Lists;
use super::inventory::Objects;
use super::limits::{DEFAULT_LIMITS, MAX_BATCH};
use super::record::Sequence;
use super::{RaisedFinding, TestError, setting};
use crate::Detector;
use crate::contract::{
    self, AuditEvent, BindingFacts, LogLevel, RuntimeEvent, ServiceAccountFacts, SettingValue,
    Signal, Workload,
};
use crate::descriptor::SettingDefault;
use crate::view::Timestamp;

/// [`crate::detector!`] exports a function for each family.
const EXPORTS: ExportedFamilies = ExportedFamilies {
    audit: true,
    runtime: true,
    signals: true,
};

/// A detector with a stand-in for its host: see the [module](crate::testing).
///
/// Settings, lists, and objects are set before the first event, and checked with it or by
/// [`Harness::configure`].
pub struct Harness<D> {
    pub(super) descriptor: Arc<contract::Descriptor>,
    pub(super) settings: Vec<(String, SettingValue)>,
    pub(super) host: Rc<RefCell<StandIn>>,
    pub(super) detector: Option<D>,
    pub(super) findings: Vec<RaisedFinding>,
    /// `None` if a host would refuse the descriptor.
    subscriptions: Option<Subscriptions>,
    given: BTreeMap<String, Given>,
    lists: Lists,
    objects: Objects,
    sequence: Sequence,
    batch: usize,
    setup: Result<(), TestError>,
}

impl<D: Detector> Default for Harness<D> {
    fn default() -> Self {
        Self::new()
    }
}

impl<D: Detector> Harness<D> {
    /// Returns a host with this detector only, default settings, no intel lists, and an empty
    /// inventory.
    #[must_use]
    pub fn new() -> Self {
        let descriptor = D::describe().into_contract();
        let checked = if D::describe().into_contract() == descriptor {
            check_descriptor(&descriptor, EXPORTS)
        } else {
            Err(DescriptorError::Changing)
        };
        let (subscriptions, setup) = match checked {
            Ok(subscriptions) => (Some(subscriptions), Ok(())),
            Err(error) => (None, Err(TestError::Descriptor(error.to_string()))),
        };
        let mut harness = Self {
            settings: Vec::new(),
            host: Rc::new(RefCell::new(StandIn::new(descriptor.ordering))),
            detector: None,
            findings: Vec::new(),
            subscriptions,
            given: BTreeMap::new(),
            lists: Lists::default(),
            objects: Objects::default(),
            sequence: Sequence::default(),
            batch: DEFAULT_LIMITS.batch,
            setup,
            descriptor: Arc::new(descriptor),
        };
        harness.resolve();
        harness
    }

    /// Sets a setting, as an operator would.
    #[must_use]
    pub fn setting(mut self, name: &str, value: impl Into<SettingDefault>) -> Self {
        let value = setting::given(value.into().into_contract());
        self.given.insert(name.to_owned(), value);
        self.resolve();
        self
    }

    /// Resolves the settings as the host does with those of an operator.
    fn resolve(&mut self) {
        let result = resolve_settings(&self.given, &self.descriptor.settings)
            .map(|settings| self.settings = settings)
            .map_err(|error| TestError::Setting(error.to_string()));
        self.note(result);
    }

    /// Adds an intel list of addresses and networks: `203.0.113.7`, `10.0.0.0/8`. `kind` is
    /// `trusted`, `threat`, `tor`, or any other.
    #[must_use]
    pub fn intel_addresses<'t>(
        self,
        list: &str,
        kind: &str,
        entries: impl IntoIterator<Item = &'t str>,
    ) -> Self {
        self.intel(list, kind, Content::Addresses, entries)
    }

    /// Adds an intel list of domains. `*.example.org` matches every name below `example.org`;
    /// `.example.org` matches that name too. A list may get entries of several contents.
    #[must_use]
    pub fn intel_domains<'t>(
        self,
        list: &str,
        kind: &str,
        entries: impl IntoIterator<Item = &'t str>,
    ) -> Self {
        self.intel(list, kind, Content::Domains, entries)
    }

    /// Adds an intel list of texts: digests, names.
    #[must_use]
    pub fn intel_names<'t>(
        self,
        list: &str,
        kind: &str,
        entries: impl IntoIterator<Item = &'t str>,
    ) -> Self {
        self.intel(list, kind, Content::Names, entries)
    }

    fn intel<'t>(
        mut self,
        list: &str,
        kind: &str,
        content: Content,
        entries: impl IntoIterator<Item = &'t str>,
    ) -> Self {
        let entries: Vec<&str> = entries.into_iter().collect();
        let result = self.lists.insert(list, kind, content, &entries);
        self.host.borrow_mut().intel = self.lists.build();
        self.note(result);
        self
    }

    /// Adds an object's pod spec to the inventory. `kind` is the resource in the plural.
    #[must_use]
    pub fn pod_spec(self, kind: &str, namespace: &str, name: &str, spec: Workload) -> Self {
        self.known(kind, namespace, name, ObjectState::Workload(Box::new(spec)))
    }

    /// Adds the actor of an object's last change to the inventory, which must contain the object
    /// too.
    #[must_use]
    pub fn changed_by(mut self, kind: &str, namespace: &str, name: &str, actor: &str) -> Self {
        let key = (kind.to_owned(), namespace.to_owned(), name.to_owned());
        let host = self.host.borrow();
        self.objects
            .set_changed_by(&self.sequence.cluster, key, actor, &host.inventory);
        drop(host);
        self
    }

    /// Adds a service account to the inventory.
    #[must_use]
    pub fn service_account(self, account: ServiceAccountFacts) -> Self {
        let (namespace, name) = (account.namespace.clone(), account.name.clone());
        self.known(
            "serviceaccounts",
            &namespace,
            &name,
            ObjectState::ServiceAccount(account),
        )
    }

    /// Adds a binding to the inventory: a RoleBinding, or a ClusterRoleBinding if it has no
    /// namespace.
    #[must_use]
    pub fn binding(self, binding: BindingFacts) -> Self {
        let kind = match binding.namespace.is_empty() {
            true => "clusterrolebindings",
            false => "rolebindings",
        };
        let (namespace, name) = (binding.namespace.clone(), binding.name.clone());
        self.known(kind, &namespace, &name, ObjectState::Binding(binding))
    }

    fn known(mut self, kind: &str, namespace: &str, name: &str, known: ObjectState) -> Self {
        let key = (kind.to_owned(), namespace.to_owned(), name.to_owned());
        let host = self.host.borrow();
        self.objects
            .set_facts(&self.sequence.cluster, key, known, &host.inventory);
        drop(host);
        self
    }

    /// Sets the number of events in a batch, from 1 to 256; the default is 64.
    #[must_use]
    pub fn batch(mut self, events: usize) -> Self {
        self.batch = events.clamp(1, MAX_BATCH);
        self
    }

    fn note(&mut self, result: Result<(), TestError>) {
        if self.setup.is_ok() {
            self.setup = result;
        }
    }

    /// Creates an instance of the detector from the settings, if there is none. Feeding events does
    /// the same.
    ///
    /// # Errors
    /// Returns [`TestError::Configure`] if the detector refuses its settings, and
    /// [`TestError::Descriptor`], [`TestError::Setting`], or [`TestError::Intel`] if the setup is
    /// invalid.
    pub fn configure(&mut self) -> Result<(), TestError> {
        self.setup.clone()?;
        self.instance()
    }

    /// Drops the instance, as a host does after a failure, for a new version, or when it restarts.
    /// The next event creates a new one. State remains.
    pub fn restart(&mut self) {
        self.detector = None;
        self.host.borrow_mut().newest = 0;
    }

    /// Sets the cluster of the events that are fed, and of the objects that are added, from now on.
    /// By default, its name is empty. Duplicates, state, and the inventory are separate for each
    /// cluster.
    pub fn set_cluster(&mut self, name: &str) {
        self.sequence.cluster = Arc::from(name);
    }

    /// Sets the result of [`crate::clock::now`]. By default, it is the newest time among the events
    /// that the instance has received.
    pub fn set_now(&mut self, now: Timestamp) {
        self.host.borrow_mut().fixed_now = Some(now.nanoseconds());
    }

    /// Feeds one line of an audit log, as [`Harness::audit_lines`].
    ///
    /// # Errors
    /// As [`Harness::audit_lines`].
    pub fn audit_line(&mut self, json: &str) -> Result<Vec<RaisedFinding>, TestError> {
        self.audit_lines(json)
    }

    /// Feeds an audit log with one `Event` or `EventList` of `audit.k8s.io/v1` in each line, and
    /// returns the findings that these events raise.
    ///
    /// # Errors
    /// Returns [`TestError::Rejected`] if a line cannot be decoded, in which case no event is fed.
    /// Otherwise as [`Harness::audit_events`].
    pub fn audit_lines(&mut self, ndjson: &str) -> Result<Vec<RaisedFinding>, TestError> {
        let events = Self::decode(ndjson)?;
        self.feed_audit(events)
    }

    /// Decodes an audit log, each event with its JSON text.
    pub(super) fn decode(ndjson: &str) -> Result<Vec<(AuditEvent, String)>, TestError> {
        let mut events = Vec::new();
        for (index, line) in ndjson.lines().enumerate() {
            let mut rejected = None;
            decode(
                line.as_bytes(),
                &DEFAULT_LIMITS.decode,
                &mut |unit| match unit {
                    Ok(decoded) => events.push((decoded.event, decoded.raw.to_owned())),
                    Err(unit) => {
                        rejected.get_or_insert(TestError::Rejected {
                            line: index + 1,
                            reason: unit.reason.as_str(),
                            detail: unit.detail,
                        });
                    }
                },
            );
            if let Some(error) = rejected {
                return Err(error);
            }
        }
        Ok(events)
    }

    /// Feeds one audit event that the test built: a [`super::Request`] or a
    /// [`contract::AuditEvent`].
    ///
    /// # Errors
    /// As [`Harness::audit_events`].
    pub fn audit_event(
        &mut self,
        event: impl Into<AuditEvent>,
    ) -> Result<Vec<RaisedFinding>, TestError> {
        self.audit_events([event])
    }

    /// Feeds audit events that the test built, and returns the findings. The detector receives
    /// those that it subscribes to; the inventory is updated from all of them. An event without an
    /// id gets one.
    ///
    /// # Errors
    /// Returns the first problem: an error of [`Harness::configure`], [`TestError::Duplicate`],
    /// [`TestError::NotJudged`], [`TestError::Finding`], or [`TestError::NoText`]. The other events
    /// are judged nevertheless, as on a host; [`Harness::findings`] contains their findings.
    pub fn audit_events(
        &mut self,
        events: impl IntoIterator<Item = impl Into<AuditEvent>>,
    ) -> Result<Vec<RaisedFinding>, TestError> {
        let events = events
            .into_iter()
            .map(|event| (event.into(), String::new()));
        self.feed_audit(events.collect())
    }

    pub(super) fn feed_audit(
        &mut self,
        events: Vec<(AuditEvent, String)>,
    ) -> Result<Vec<RaisedFinding>, TestError> {
        self.configure()?;
        let mut records = Vec::new();
        let mut problem = None;
        for (event, text) in events {
            match self.sequence.audit(event, text) {
                Ok(record) => records.push(record),
                Err(error) => {
                    problem.get_or_insert(error);
                }
            }
        }
        let answer = self.deliver(records);
        problem.map_or(answer, Err)
    }

    /// Feeds runtime events. The detector receives those that it subscribes to.
    ///
    /// # Errors
    /// As [`Harness::audit_events`].
    pub fn runtime_events(
        &mut self,
        events: impl IntoIterator<Item = RuntimeEvent>,
    ) -> Result<Vec<RaisedFinding>, TestError> {
        self.configure()?;
        let records: Result<Vec<_>, _> = events
            .into_iter()
            .map(|event| self.sequence.runtime(event))
            .collect();
        self.deliver(records?)
    }

    /// Feeds findings of other detectors. The detector receives those that it subscribes to, except
    /// its own.
    ///
    /// # Errors
    /// As [`Harness::audit_events`].
    pub fn signals(
        &mut self,
        signals: impl IntoIterator<Item = Signal>,
    ) -> Result<Vec<RaisedFinding>, TestError> {
        self.configure()?;
        let records: Result<Vec<_>, _> = signals
            .into_iter()
            .map(|signal| self.sequence.signal(signal))
            .collect();
        self.deliver(records?)
    }

    /// Updates the inventory with events of one family, and delivers those that the detector
    /// subscribes to.
    fn deliver(&mut self, records: Vec<Arc<Record>>) -> Result<Vec<RaisedFinding>, TestError> {
        let mut subscribed = Vec::new();
        for record in records {
            if let Some(event) = record.as_audit() {
                self.host.borrow().inventory.apply(
                    &record.cluster,
                    event,
                    record.reference(),
                    &record.actor,
                );
            }
            let subscriptions = self.subscriptions.as_ref();
            if subscriptions.is_some_and(|all| all.matches(&record)) {
                subscribed.push(record);
            }
        }
        let size = self.batch;
        let mut delivery = Deliver::new(self);
        for batch in subscribed.chunks(size) {
            delivery.batch(batch.to_vec());
        }
        delivery.finish()
    }

    /// Returns all findings so far, in order.
    #[must_use]
    pub fn findings(&self) -> &[RaisedFinding] {
        &self.findings
    }

    /// Returns all log lines that the detector has written so far.
    #[must_use]
    pub fn log_lines(&self) -> Vec<(LogLevel, String)> {
        self.host.borrow().log.clone()
    }
}
