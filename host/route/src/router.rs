//! The subscriptions of all detectors: one index for each family of events.

use std::sync::Arc;

use wardline_decode::{Demand, DemandFilter, Head, HeadObject, Texts};
use wardline_event::{Event, Record};

use super::Subscriptions;
use super::audit::AuditIndex;
use super::index::Index;
use super::runtime::RuntimeCondition;
use super::signal::SignalCondition;

/// The subscriptions of several detectors, which are identified by their numbers. The cost of an
/// event depends on the conditions that it meets, not on those that are loaded.
#[derive(Debug)]
pub struct Router {
    audit: AuditIndex,
    runtime: Index<Arc<RuntimeCondition>>,
    signals: Index<Arc<SignalCondition>>,
}

impl Default for Router {
    fn default() -> Self {
        Self::new([])
    }
}

impl Router {
    /// Builds the indexes. The first detector is number 0.
    #[must_use]
    pub fn new<'s>(detectors: impl IntoIterator<Item = &'s Subscriptions>) -> Self {
        let (mut audit, mut runtime, mut signals) = (Vec::new(), Vec::new(), Vec::new());
        for (number, subscriptions) in detectors.into_iter().enumerate() {
            audit.extend(numbered(number, &subscriptions.audit));
            runtime.extend(numbered(number, &subscriptions.runtime));
            signals.extend(numbered(number, &subscriptions.signals));
        }
        Self {
            audit: AuditIndex::new(audit),
            runtime: Index::new(runtime, |condition| condition.actions()),
            signals: Index::new(signals, |condition| condition.finding_types()),
        }
    }

    /// Passes the number of each detector that subscribes to an event, in increasing order.
    pub fn each(&self, record: &Record, detector: impl FnMut(usize)) {
        match &record.event {
            Event::Audit(event) => self.audit.each(event, record.first_answer, detector),
            Event::Runtime(event) => {
                let matches = |condition: &Arc<RuntimeCondition>| condition.matches(event);
                self.runtime.each(&event.action, matches, detector);
            }
            Event::Signal(signal) => {
                let matches = |condition: &Arc<SignalCondition>| condition.matches(signal);
                self.signals.each(&signal.finding_type, matches, detector);
            }
        }
    }
}

fn numbered<C>(number: usize, conditions: &[Arc<C>]) -> impl Iterator<Item = (usize, Arc<C>)> {
    conditions
        .iter()
        .map(move |condition| (number, Arc::clone(condition)))
}

/// Accepts audit events that match a subscription or affect the inventory.
impl DemandFilter for Router {
    fn may_match(
        &self,
        verb: &str,
        object: Option<&HeadObject<'_>>,
        source_ips: &Texts<'_>,
    ) -> bool {
        self.audit.may_match(verb, object, source_ips)
    }

    fn demand(&self, head: &Head<'_>) -> Demand {
        self.audit.demand(head)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use wardline_contract::{
        AuditSubscription, Descriptor, RuntimeSubscription, SignalSubscription,
    };
    use wardline_event::model::{AuditEvent, RuntimeEvent, Signal};
    use wardline_event::{Origin, Record};

    use super::Router;
    use crate::Subscriptions;

    fn subscriptions(name: &str, families: &str) -> Subscriptions {
        let mut descriptor = Descriptor {
            name: name.into(),
            ..Descriptor::default()
        };
        if families.contains('a') {
            descriptor.audit.push(AuditSubscription::default());
        }
        if families.contains('r') {
            descriptor.runtime.push(RuntimeSubscription::default());
        }
        if families.contains('s') {
            descriptor.signals.push(SignalSubscription::default());
        }
        Subscriptions::new(&descriptor).unwrap()
    }

    #[test]
    fn each_family_has_its_own_subscribers() {
        let detectors = [
            subscriptions("one", "as"),
            subscriptions("two", "r"),
            subscriptions("three", "ars"),
        ];
        let router = Router::new(&detectors);
        let origin = || Origin {
            source: "test".into(),
            line: 1,
        };
        let mut audit = Record::audit(AuditEvent::default(), "{}".into(), "".into(), origin());
        audit.first_answer = true;
        let runtime = RuntimeEvent::default();
        let runtime = Record::runtime(runtime, "r", "{}".into(), "".into(), origin());
        let audit = Arc::new(audit);
        let signal = Signal {
            detector: "one".into(),
            ..Signal::default()
        };
        let signal = Record::signal(signal, "{}".into(), &audit);
        let subscribers = |record: &Record| {
            let mut numbers = Vec::new();
            router.each(record, |number| numbers.push(number));
            numbers
        };
        assert_eq!(subscribers(&audit), [0, 2]);
        assert_eq!(subscribers(&runtime), [1, 2]);
        assert_eq!(
            subscribers(&signal),
            [2],
            "never the detector that raised it"
        );
    }
}
