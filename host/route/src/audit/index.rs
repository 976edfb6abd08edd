//! An index of all audit subscriptions, so that the cost of an event depends on the conditions that
//! it meets, not on those that are loaded.

use std::cell::LazyCell;
use std::ops::ControlFlow;
use std::sync::Arc;

use wardline_decode::{Demand, DemandFilter, Head, HeadObject, Texts as Addresses};
use wardline_event::address::is_public;
use wardline_event::model::AuditEvent;
use wardline_inventory::observation::{inventory_demand, may_affect_inventory};

use super::attributes::may_be_excepted;
use super::condition::{AuditCondition, is_unnamed};
use crate::Pattern;
use crate::lookup::{Bits, Found, Lookup, Texts, set, word};

/// The conditions that the verb and the target of a request meet.
struct Targets<'l> {
    verbs: Found<'l>,
    resources: Option<Found<'l>>,
    paths: &'l Bits,
}

impl Targets<'_> {
    fn word(&self, number: usize) -> u64 {
        let verbs = self.verbs.word(number);
        match &self.resources {
            _ if verbs == 0 => 0,
            Some(resources) => verbs & resources.word(number),
            None => verbs & word(self.paths, number),
        }
    }
}

/// The audit subscriptions of several detectors, which are identified by their numbers.
#[derive(Debug)]
pub(crate) struct AuditIndex {
    words: usize,
    /// Each condition with its detector, in the order of the detectors.
    conditions: Vec<(usize, Arc<AuditCondition>)>,
    verbs: Lookup,
    resources: Lookup,
    namespaces: Lookup,
    names: Lookup,
    usernames: Lookup,
    /// Conditions that except a user, by user name.
    excepted: Lookup,
    /// Conditions that except any users.
    excepting: Bits,
    /// Conditions that a non-resource request can meet.
    paths: Bits,
    /// Conditions that a request without a public address can meet.
    inside: Bits,
    /// Whether a condition restricts neither verb, resource, nor address, so that these alone
    /// exclude no event.
    is_for_any: bool,
}

impl AuditIndex {
    /// Builds the index of conditions, each with the number of its detector, in increasing order.
    pub fn new(conditions: Vec<(usize, Arc<AuditCondition>)>) -> Self {
        let words = conditions.len().div_ceil(64);
        let lookup = || Lookup::new(words);
        let mut index = Self {
            words,
            verbs: lookup(),
            resources: lookup(),
            namespaces: lookup(),
            names: lookup(),
            usernames: lookup(),
            excepted: lookup(),
            excepting: vec![0; words].into(),
            paths: vec![0; words].into(),
            inside: vec![0; words].into(),
            conditions: Vec::new(),
            is_for_any: false,
        };
        for (number, (_, condition)) in conditions.iter().enumerate() {
            let some =
                |patterns| Some(patterns).filter(|patterns: &&[Pattern]| !patterns.is_empty());
            index.verbs.add(number, some(condition.verbs()));
            index.namespaces.add(number, some(condition.namespaces()));
            index.names.add(number, some(condition.names()));
            index.usernames.add(number, some(condition.usernames()));
            index
                .resources
                .add(number, condition.resource_names().as_deref());
            if condition.takes_paths() {
                set(&mut index.paths, number);
            }
            let attributes = condition.attributes();
            if let Some(excepted) = some(attributes.excepted()) {
                index.excepted.add(number, Some(excepted));
                set(&mut index.excepting, number);
            }
            if !attributes.needs_public_address() {
                set(&mut index.inside, number);
            }
        }
        index.is_for_any = (0..words).any(|number| {
            let any = word(&index.verbs.any, number) & word(&index.resources.any, number);
            any & word(&index.paths, number) & word(&index.inside, number) != 0
        });
        index.conditions = conditions;
        index
    }

    /// Passes the number of each detector that subscribes to an event, in increasing order.
    pub fn each(&self, event: &AuditEvent, first_answer: bool, mut detector: impl FnMut(usize)) {
        let head = Head::of(event);
        let mut last = None;
        let _ = self.candidates(&head, false, |number, condition| {
            if last != Some(number) && condition.meets(&head, Some(first_answer)) {
                last = Some(number);
                detector(number);
            }
            ControlFlow::Continue(())
        });
    }

    fn targets<'l>(&'l self, verb: &'l str, object: Option<&HeadObject<'l>>) -> Targets<'l> {
        Targets {
            verbs: self.verbs.find(verb),
            resources: object.map(|object| self.resources.find(object.resource)),
            paths: &self.paths,
        }
    }

    /// Passes the conditions that verb, object, user, and addresses do not exclude. `is_early`
    /// is true if only the head is known, as for [`AuditCondition::may_match`].
    fn candidates(
        &self,
        head: &Head<'_>,
        is_early: bool,
        mut each: impl FnMut(usize, &AuditCondition) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let targets = self.targets(head.verb, head.object.as_ref());
        let object = head.object.as_ref();
        let named = object.filter(|object| !(is_early && is_unnamed(head.verb, object)));
        let impersonated = head.impersonated_user.as_ref();
        let mut users = Texts::new(
            &self.usernames,
            [
                Some(head.user.username),
                impersonated.map(|user| user.username),
            ],
        );
        let mut namespaces =
            object.map(|object| Texts::new(&self.namespaces, [Some(object.namespace), None]));
        let mut names = named.map(|object| Texts::new(&self.names, [Some(object.name), None]));
        let from_public = LazyCell::new(|| head.source_ips.clone().any(is_public));
        let excepted =
            LazyCell::new(|| may_be_excepted(head).then(|| self.excepted.find(head.user.username)));
        for number in 0..self.words {
            let mut bits = targets.word(number);
            if bits & word(&self.excepting, number) != 0
                && let Some(excepted) = &*excepted
            {
                bits &= !excepted.word(number);
            }
            let inside = word(&self.inside, number);
            if bits & !inside != 0 && !*from_public {
                bits &= inside;
            }
            for texts in [Some(&mut users), namespaces.as_mut(), names.as_mut()] {
                if bits != 0
                    && let Some(texts) = texts
                {
                    bits = texts.narrow(bits, number);
                }
            }
            while bits != 0 {
                let condition = number * 64 + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                if let Some((detector, condition)) = self.conditions.get(condition) {
                    each(*detector, condition)?;
                }
            }
        }
        ControlFlow::Continue(())
    }
}

/// Accepts events that match a subscription or affect the inventory.
impl DemandFilter for AuditIndex {
    fn may_match(
        &self,
        verb: &str,
        object: Option<&HeadObject<'_>>,
        source_ips: &Addresses<'_>,
    ) -> bool {
        if self.is_for_any {
            return true;
        }
        let targets = self.targets(verb, object);
        let from_public = LazyCell::new(|| source_ips.clone().any(is_public));
        may_affect_inventory(verb, object)
            || (0..self.words).any(|number| {
                let bits = targets.word(number);
                bits & word(&self.inside, number) != 0 || (bits != 0 && *from_public)
            })
    }

    fn demand(&self, head: &Head<'_>) -> Demand {
        let found = self.candidates(head, true, |_, condition| {
            if condition.may_match(head) {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        match found {
            ControlFlow::Break(()) => Demand::Full,
            ControlFlow::Continue(()) => inventory_demand(head),
        }
    }
}

#[cfg(test)]
mod tests;
