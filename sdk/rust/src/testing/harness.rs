use std::cell::RefCell;
use std::rc::Rc;

use wardline_decode::decode;

use super::deliver::Deliver;
use super::host::StandIn;
use super::intel::Content;
use super::inventory::Known;
use super::limits::{BATCH, DECODE, LARGEST_BATCH};
use super::sequence::{Moment, Sequence};
use super::{RaisedFinding, TestError, setting, subscription};
use crate::contract::{
    self, AuditEvent, BindingFacts, LogLevel, RuntimeEvent, ServiceAccountFacts, SettingValue,
    Signal, Workload,
};
use crate::descriptor::SettingDefault;
use crate::view::Timestamp;
use crate::{Detector, run};

/// A detector with a stand-in for its host: see the [module](crate::testing).
///
/// What is said before the first event (settings, lists, objects) is checked when
/// that event comes, or by [`Harness::configure`].
pub struct Harness<D> {
    pub(super) descriptor: contract::Descriptor,
    pub(super) settings: Vec<(String, SettingValue)>,
    pub(super) host: Rc<RefCell<StandIn>>,
    pub(super) detector: Option<D>,
    pub(super) findings: Vec<RaisedFinding>,
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
    /// A host that has this detector alone, with the default of every setting, no
    /// lists and an inventory that knows nothing.
    #[must_use]
    pub fn new() -> Self {
        let descriptor = D::describe().into_contract();
        let mut setup = subscription::check(&descriptor).map_err(TestError::Descriptor);
        if setup.is_ok() && D::describe().into_contract() != descriptor {
            let reason = "asked twice, it says two things".to_owned();
            setup = Err(TestError::Descriptor(reason));
        }
        let host = StandIn {
            ordering: descriptor.ordering,
            ..StandIn::default()
        };
        Self {
            settings: setting::defaults(&descriptor),
            host: Rc::new(RefCell::new(host)),
            detector: None,
            findings: Vec::new(),
            sequence: Sequence::default(),
            batch: BATCH,
            setup,
            descriptor,
        }
    }

    /// Gives a setting another value than its default, as an operator would.
    #[must_use]
    pub fn setting(mut self, name: &str, value: impl Into<SettingDefault>) -> Self {
        let result = setting::replace(&mut self.settings, name, value.into());
        self.note(result);
        self
    }

    /// Gives the host an intel list of addresses and networks: `203.0.113.7`,
    /// `10.0.0.0/8`. `kind` is `trusted`, `threat`, `tor`, or one of the test's own.
    #[must_use]
    pub fn intel_addresses<'t>(
        self,
        list: &str,
        kind: &str,
        entries: impl IntoIterator<Item = &'t str>,
    ) -> Self {
        self.intel(list, kind, Content::Addresses, entries)
    }

    /// Gives the host an intel list of domains; `*.` and a domain holds all below it, `.` and
    /// a domain itself too. A list may be given entries of several sorts.
    #[must_use]
    pub fn intel_domains<'t>(
        self,
        list: &str,
        kind: &str,
        entries: impl IntoIterator<Item = &'t str>,
    ) -> Self {
        self.intel(list, kind, Content::Domains, entries)
    }

    /// Gives the host an intel list of texts: digests, names.
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
        let result = self
            .host
            .borrow_mut()
            .intel
            .insert(list, kind, content, &entries);
        self.note(result);
        self
    }

    /// Lets the inventory know an object's pod spec before the first event. `kind`
    /// is the resource in the plural.
    #[must_use]
    pub fn pod_spec(self, kind: &str, namespace: &str, name: &str, spec: Workload) -> Self {
        self.known(kind, namespace, name, Known::Workload(Box::new(spec)))
    }

    /// Lets the inventory know who last changed an object before the first event;
    /// the object has to be known too.
    #[must_use]
    pub fn changed_by(self, kind: &str, namespace: &str, name: &str, actor: &str) -> Self {
        self.host
            .borrow_mut()
            .inventory
            .insert_changed_by(kind, namespace, name, actor);
        self
    }

    /// Lets the inventory know a service account before the first event.
    #[must_use]
    pub fn service_account(self, account: ServiceAccountFacts) -> Self {
        let (namespace, name) = (account.namespace.clone(), account.name.clone());
        self.known(
            "serviceaccounts",
            &namespace,
            &name,
            Known::ServiceAccount(account),
        )
    }

    /// Lets the inventory know a binding before the first event: one of a namespace,
    /// or of the cluster where it has none.
    #[must_use]
    pub fn binding(self, binding: BindingFacts) -> Self {
        let kind = match binding.namespace.is_empty() {
            true => "clusterrolebindings",
            false => "rolebindings",
        };
        let (namespace, name) = (binding.namespace.clone(), binding.name.clone());
        self.known(kind, &namespace, &name, Known::Binding(binding))
    }

    fn known(self, kind: &str, namespace: &str, name: &str, known: Known) -> Self {
        self.host
            .borrow_mut()
            .inventory
            .insert(kind, namespace, name, known);
        self
    }

    /// How many events the detector gets in one call, 1 to 256; 64 if not said.
    #[must_use]
    pub fn batch(mut self, events: usize) -> Self {
        self.batch = events.clamp(1, LARGEST_BATCH);
        self
    }

    fn note(&mut self, result: Result<(), TestError>) {
        if self.setup.is_ok() {
            self.setup = result;
        }
    }

    /// Makes an instance of the detector from the settings, if there is none yet.
    /// Events do this too.
    ///
    /// # Errors
    /// Where the test has set up what cannot be, or the detector refuses.
    pub fn configure(&mut self) -> Result<(), TestError> {
        self.setup.clone()?;
        self.instance()
    }

    /// Throws the instance away, as a host does after a failure, for a new version or
    /// when it starts again: the next event finds a new one. State stays.
    pub fn restart(&mut self) {
        self.detector = None;
        self.host.borrow_mut().newest = 0;
    }

    /// Sets what [`crate::clock::now`] says from here on. Without, it is the newest
    /// time among the events that the instance was handed.
    pub fn set_now(&mut self, now: Timestamp) {
        self.host.borrow_mut().fixed_now = Some(now.nanoseconds());
    }

    /// Feeds one line of an audit log; like [`Harness::audit_lines`].
    ///
    /// # Errors
    /// As [`Harness::audit_lines`].
    pub fn audit_line(&mut self, json: &str) -> Result<Vec<RaisedFinding>, TestError> {
        self.audit_lines(json)
    }

    /// Feeds an audit log: one `Event` or `EventList` of `audit.k8s.io/v1` a line.
    /// Gives the findings that these events raise.
    ///
    /// # Errors
    /// Where a line cannot be decoded; then nothing of the text is fed. Otherwise as
    /// [`Harness::audit_events`].
    pub fn audit_lines(&mut self, ndjson: &str) -> Result<Vec<RaisedFinding>, TestError> {
        let mut events = Vec::new();
        for (index, line) in ndjson.lines().enumerate() {
            let mut rejected = None;
            decode(line.as_bytes(), &DECODE, &mut |unit| match unit {
                Ok(decoded) => events.push((decoded.event, Some(decoded.raw.to_owned()))),
                Err(unit) => {
                    rejected.get_or_insert(TestError::Rejected {
                        line: index + 1,
                        reason: unit.reason.as_str(),
                        detail: unit.detail,
                    });
                }
            });
            if let Some(error) = rejected {
                return Err(error);
            }
        }
        self.feed_audit(events)
    }

    /// Feeds one audit event that the test has built: a [`super::Request`] or a
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

    /// Feeds audit events that the test has built. The detector gets those that it
    /// subscribes to; the inventory learns from all. One without an id gets one.
    ///
    /// # Errors
    /// The first of what went wrong. The events that can be judged are judged
    /// nevertheless, as on a host, and their findings are in
    /// [`Harness::findings`].
    pub fn audit_events(
        &mut self,
        events: impl IntoIterator<Item = impl Into<AuditEvent>>,
    ) -> Result<Vec<RaisedFinding>, TestError> {
        let events = events.into_iter().map(|event| (event.into(), None));
        self.feed_audit(events.collect())
    }

    fn feed_audit(
        &mut self,
        events: Vec<(AuditEvent, Option<String>)>,
    ) -> Result<Vec<RaisedFinding>, TestError> {
        self.configure()?;
        let mut wanted = Vec::new();
        let mut problem = None;
        for (mut event, text) in events {
            let Some((moment, first_answer)) = self.sequence.audit(&mut event, text) else {
                problem.get_or_insert(TestError::Duplicate(event.audit_id));
                continue;
            };
            self.host
                .borrow_mut()
                .inventory
                .learn(&event, &moment.actor);
            if subscription::audit(&self.descriptor, &event, first_answer) {
                wanted.push((event, moment));
            }
        }
        let answer = self.deliver(wanted, run::audit_events);
        problem.map_or(answer, Err)
    }

    /// Feeds runtime events. The detector gets those that it subscribes to.
    ///
    /// # Errors
    /// As [`Harness::audit_events`].
    pub fn runtime_events(
        &mut self,
        events: impl IntoIterator<Item = RuntimeEvent>,
    ) -> Result<Vec<RaisedFinding>, TestError> {
        self.configure()?;
        let mut wanted = Vec::new();
        for mut event in events {
            let moment = self.sequence.runtime(&mut event);
            if subscription::runtime(&self.descriptor, &event) {
                wanted.push((event, moment));
            }
        }
        self.deliver(wanted, run::runtime_events)
    }

    /// Feeds findings of other detectors. The detector gets those that it subscribes
    /// to, and none of its own.
    ///
    /// # Errors
    /// As [`Harness::audit_events`].
    pub fn signals(
        &mut self,
        signals: impl IntoIterator<Item = Signal>,
    ) -> Result<Vec<RaisedFinding>, TestError> {
        self.configure()?;
        let mut wanted = Vec::new();
        for mut signal in signals {
            let moment = self.sequence.signal(&mut signal);
            if subscription::signal(&self.descriptor, &signal) {
                wanted.push((signal, moment));
            }
        }
        self.deliver(wanted, run::signals)
    }

    fn deliver<E>(
        &mut self,
        wanted: Vec<(E, Moment)>,
        judge: super::deliver::Judge<D, E>,
    ) -> Result<Vec<RaisedFinding>, TestError> {
        let size = self.batch;
        let mut delivery = Deliver::new(self, judge);
        let mut rest = wanted.into_iter().peekable();
        while rest.peek().is_some() {
            delivery.batch(rest.by_ref().take(size).unzip());
        }
        delivery.finish()
    }

    /// All findings so far, in order.
    #[must_use]
    pub fn findings(&self) -> &[RaisedFinding] {
        &self.findings
    }

    /// All lines that the detector has written so far.
    #[must_use]
    pub fn log_lines(&self) -> Vec<(LogLevel, String)> {
        self.host.borrow().log.clone()
    }
}
