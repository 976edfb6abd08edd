//! All subscriptions as one index, so that an event costs what it is wanted by and not
//! what is loaded.

use std::cell::OnceCell;
use std::ops::ControlFlow;
use std::sync::Arc;

use foldhash::{HashMap, HashMapExt};
use wardline_event::decode::{Head, HeadObject, Interest, Wanted};
use wardline_event::lesson::{may_concern, may_teach};

use super::condition::AuditCondition;
use super::{Pattern, Record, Subscriptions};

/// A set of conditions, one bit each.
type Bits = Box<[u64]>;

/// Which conditions a text meets.
#[derive(Debug)]
struct Lookup {
    /// Those that ask for no text.
    any: Bits,
    exact: HashMap<Box<str>, Bits>,
    prefixes: Vec<(Box<str>, Bits)>,
}

impl Lookup {
    fn new(words: usize) -> Self {
        Self {
            any: vec![0; words].into(),
            exact: HashMap::new(),
            prefixes: Vec::new(),
        }
    }

    /// Adds what a condition asks for; none is anything.
    fn add(&mut self, condition: usize, patterns: Option<&[Pattern]>) {
        let Some(patterns) = patterns else {
            set(&mut self.any, condition);
            return;
        };
        let words = self.any.len();
        for pattern in patterns {
            let bits = match pattern {
                Pattern::Exact(text) => self
                    .exact
                    .entry(text.clone())
                    .or_insert_with(|| vec![0; words].into()),
                Pattern::Prefix(text) => {
                    let known = self.prefixes.iter_mut().find(|(known, _)| known == text);
                    if let Some((_, bits)) = known {
                        set(bits, condition);
                    } else {
                        let mut bits: Bits = vec![0; words].into();
                        set(&mut bits, condition);
                        self.prefixes.push((text.clone(), bits));
                    }
                    continue;
                }
            };
            set(bits, condition);
        }
    }

    fn find<'l>(&'l self, text: &'l str) -> Found<'l> {
        Found {
            lookup: self,
            text,
            exact: self.exact.get(text),
        }
    }
}

fn set(bits: &mut Bits, condition: usize) {
    if let Some(word) = bits.get_mut(condition / 64) {
        *word |= 1 << (condition % 64);
    }
}

fn word(bits: &Bits, number: usize) -> u64 {
    bits.get(number).copied().unwrap_or_default()
}

/// The conditions that one text meets.
struct Found<'l> {
    lookup: &'l Lookup,
    text: &'l str,
    exact: Option<&'l Bits>,
}

impl Found<'_> {
    fn word(&self, number: usize) -> u64 {
        let exact = self.exact.map_or(0, |bits| word(bits, number));
        let mut found = word(&self.lookup.any, number) | exact;
        for (prefix, bits) in &self.lookup.prefixes {
            if self.text.starts_with(prefix.as_ref()) {
                found |= word(bits, number);
            }
        }
        found
    }
}

/// The conditions that a verb and what was asked for meet.
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

/// The subscriptions of several detectors, which are known by their numbers.
#[derive(Debug)]
pub struct Router {
    words: usize,
    /// Each with its detector, in the order of the detectors.
    conditions: Vec<(usize, Arc<AuditCondition>)>,
    verbs: Lookup,
    resources: Lookup,
    usernames: Lookup,
    /// Those that a request for no resource can meet.
    paths: Bits,
    /// Whether one asks for no verb and no resource, so that these decide nothing alone.
    is_for_any: bool,
}

impl Default for Router {
    fn default() -> Self {
        Self::new([])
    }
}

impl Router {
    /// Makes the index; the first detector is number 0.
    #[must_use]
    pub fn new<'s>(detectors: impl IntoIterator<Item = &'s Subscriptions>) -> Self {
        let conditions: Vec<(usize, Arc<AuditCondition>)> = detectors
            .into_iter()
            .enumerate()
            .flat_map(|(detector, subscriptions)| {
                let conditions = subscriptions.conditions().iter();
                conditions.map(move |condition| (detector, Arc::clone(condition)))
            })
            .collect();
        let words = conditions.len().div_ceil(64);
        let lookup = || Lookup::new(words);
        let mut router = Self {
            words,
            verbs: lookup(),
            resources: lookup(),
            usernames: lookup(),
            paths: vec![0; words].into(),
            conditions: Vec::new(),
            is_for_any: false,
        };
        for (number, (_, condition)) in conditions.iter().enumerate() {
            let some =
                |patterns| Some(patterns).filter(|patterns: &&[Pattern]| !patterns.is_empty());
            router.verbs.add(number, some(condition.verbs()));
            router.usernames.add(number, some(condition.usernames()));
            router
                .resources
                .add(number, condition.resource_names().as_deref());
            if condition.takes_paths() {
                set(&mut router.paths, number);
            }
        }
        router.is_for_any = (0..words).any(|number| {
            let any = word(&router.verbs.any, number) & word(&router.resources.any, number);
            any & word(&router.paths, number) != 0
        });
        router.conditions = conditions;
        router
    }

    /// Names the detectors that want an event, in the order of their numbers.
    pub fn each(&self, record: &Record, mut detector: impl FnMut(usize)) {
        let head = Head::of(&record.event);
        let mut last = None;
        let _ = self.candidates(&head, |number, condition| {
            if last != Some(number) && condition.meets(&head, Some(record.first_answer)) {
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

    /// Goes through the conditions that verb, resource and user do not rule out.
    fn candidates(
        &self,
        head: &Head<'_>,
        mut each: impl FnMut(usize, &AuditCondition) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let targets = self.targets(head.verb, head.object.as_ref());
        let users: OnceCell<[Option<Found<'_>>; 2]> = OnceCell::new();
        for number in 0..self.words {
            let mut bits = targets.word(number);
            if bits == 0 {
                continue;
            }
            let users = users.get_or_init(|| {
                [Some(&head.user), head.impersonated_user.as_ref()]
                    .map(|user| user.map(|user| self.usernames.find(user.username)))
            });
            bits &= users
                .iter()
                .flatten()
                .fold(0, |bits, user| bits | user.word(number));
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

/// An event is wanted by a detector, or by the inventory.
impl Interest for Router {
    fn may_want(&self, verb: &str, object: Option<&HeadObject<'_>>) -> bool {
        if self.is_for_any {
            return true;
        }
        let targets = self.targets(verb, object);
        may_concern(verb, object) || (0..self.words).any(|number| targets.word(number) != 0)
    }

    fn wants(&self, head: &Head<'_>) -> Wanted {
        let found = self.candidates(head, |_, condition| {
            if condition.may_match(head) {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        match found {
            ControlFlow::Break(()) => Wanted::Everything,
            ControlFlow::Continue(()) => may_teach(head),
        }
    }
}

#[cfg(test)]
mod tests;
