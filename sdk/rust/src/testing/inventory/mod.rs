//! What the audit events have told about the cluster's objects
//! (`wit/v0.1/host.wit`, `inventory`): learnt from what is fed, as a host does, and
//! from what a test says was there before.

use std::collections::BTreeMap;

use crate::contract::{AuditEvent, BindingFacts, EventRef, ServiceAccountFacts, Workload};
pub(super) use wardline_inventory::lesson::Known;
use wardline_inventory::lesson::{Lesson, lesson, merge};

/// Resource, namespace and name.
type Key = (String, String, String);

/// An object from some event on; `known` is none where it is gone.
#[derive(Debug)]
struct Version {
    since: EventRef,
    known: Option<Known>,
    changed_by: Option<String>,
}

/// All objects with all that they have been.
#[derive(Debug, Default)]
pub(super) struct Inventory(BTreeMap<Key, Vec<Version>>);

impl Inventory {
    /// What was there before the first event.
    pub fn insert(&mut self, kind: &str, namespace: &str, name: &str, known: Known) {
        let version = self.entry(key(kind, namespace, name), 0);
        version.known = Some(known);
    }

    /// Who had changed an object before the first event.
    pub fn insert_changed_by(&mut self, kind: &str, namespace: &str, name: &str, actor: &str) {
        let version = self.entry(key(kind, namespace, name), 0);
        version.changed_by = Some(actor.to_owned());
    }

    /// Learns from an event, on whose reference and actor it relies.
    pub fn learn(&mut self, event: &AuditEvent, actor: &str) {
        let (Some(object), Some(lesson)) = (&event.object, lesson(event)) else {
            return;
        };
        let at = key(&object.resource, &object.namespace, &object.name);
        if at.2.is_empty() && !matches!(lesson, Lesson::AllGone) {
            return;
        }
        let since = event.ref_;
        match lesson {
            Lesson::AllGone => {
                let gone: Vec<Key> = self
                    .0
                    .keys()
                    .filter(|known| known.0 == at.0 && known.1 == at.1)
                    .cloned()
                    .collect();
                for key in gone {
                    self.change(key, since, None, actor);
                }
            }
            Lesson::Gone => self.change(at, since, None, actor),
            Lesson::Whole(known) => self.change(at, since, Some(known), actor),
            Lesson::Part(part) => {
                let known = match self.newest(&at) {
                    Some(before) => merge(before, part),
                    None => part,
                };
                self.change(at, since, Some(known), actor);
            }
            // Who reads an object has not changed it.
            Lesson::Seen(known) => self.entry(at, since).known = Some(known),
        }
    }

    pub fn pod_spec(
        &self,
        as_of: EventRef,
        kind: &str,
        namespace: &str,
        name: &str,
    ) -> Option<Workload> {
        let version = self.as_of(as_of, &key(kind, namespace, name))?;
        match version.known.as_ref()? {
            Known::Workload(workload) => Some(workload.as_ref().clone()),
            _ => None,
        }
    }

    pub fn changed_by(
        &self,
        as_of: EventRef,
        kind: &str,
        namespace: &str,
        name: &str,
    ) -> Option<String> {
        let version = self.as_of(as_of, &key(kind, namespace, name))?;
        version.known.as_ref()?;
        version.changed_by.clone()
    }

    pub fn service_account(
        &self,
        as_of: EventRef,
        namespace: &str,
        name: &str,
    ) -> Option<ServiceAccountFacts> {
        let version = self.as_of(as_of, &key("serviceaccounts", namespace, name))?;
        match version.known.as_ref()? {
            Known::ServiceAccount(account) => Some(account.clone()),
            _ => None,
        }
    }

    /// In the order of resource, namespace and name.
    pub fn bindings(&self, as_of: EventRef, subject: &str) -> Vec<BindingFacts> {
        self.0
            .keys()
            .filter_map(|key| match self.as_of(as_of, key)?.known.as_ref()? {
                Known::Binding(binding) => Some(binding),
                _ => None,
            })
            .filter(|binding| names(binding, subject))
            .cloned()
            .collect()
    }

    fn as_of(&self, as_of: EventRef, key: &Key) -> Option<&Version> {
        let versions = self.0.get(key)?;
        versions.iter().rev().find(|version| version.since < as_of)
    }

    fn newest(&self, key: &Key) -> Option<&Known> {
        self.0.get(key)?.last()?.known.as_ref()
    }

    fn change(&mut self, key: Key, since: EventRef, known: Option<Known>, actor: &str) {
        let version = self.entry(key, since);
        version.known = known;
        version.changed_by = Some(actor.to_owned());
    }

    /// The version from this event on, which begins as the one before it was.
    fn entry(&mut self, key: Key, since: EventRef) -> &mut Version {
        let versions = self.0.entry(key).or_default();
        let at = versions.partition_point(|version| version.since < since);
        if versions
            .get(at)
            .is_none_or(|version| version.since != since)
        {
            let before = at.checked_sub(1).and_then(|before| versions.get(before));
            let version = Version {
                since,
                known: before.and_then(|before| before.known.clone()),
                changed_by: before.and_then(|before| before.changed_by.clone()),
            };
            versions.insert(at, version);
        }
        #[expect(clippy::indexing_slicing, reason = "it has just been put there")]
        &mut versions[at]
    }
}

fn key(kind: &str, namespace: &str, name: &str) -> Key {
    (kind.to_owned(), namespace.to_owned(), name.to_owned())
}

/// Whether a binding names a user or a group. A service account without a namespace
/// is of the binding's own.
fn names(binding: &BindingFacts, subject: &str) -> bool {
    binding.subjects.iter().any(|known| {
        if known.kind != "ServiceAccount" {
            return known.name == subject;
        }
        let namespace = if known.namespace.is_empty() {
            &binding.namespace
        } else {
            &known.namespace
        };
        subject == format!("system:serviceaccount:{namespace}:{}", known.name)
    })
}

#[cfg(test)]
mod tests;
