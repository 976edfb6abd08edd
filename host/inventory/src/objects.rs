//! The objects, with as much of their history as queries may still need.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::observation::{ObjectState, ObjectUpdate, changes_spec, merge, observe};
use serde::{Deserialize, Serialize};
use wardline_event::model::{
    AuditEvent, BindingFacts, EventRef, ServiceAccountFacts, Subject, Workload,
};

/// The most subjects in one answer about bindings. Whoever may write bindings must not make each question
/// about a subject as expensive as all bindings that name it.
pub const MAX_SUBJECTS: usize = 16_384;

/// The most bindings in one answer. Those of the whole cluster come first.
pub const MAX_BINDINGS: usize = 4096;

/// Resource, namespace, and name of an object in its cluster.
pub type Key = (String, String, String);

/// The state of an object from an event on; `known` is `None` if the object was deleted.
#[derive(Debug, Clone)]
struct Version {
    since: EventRef,
    known: Option<ObjectState>,
    changed_by: Option<Arc<str>>,
    /// The digest of the text from which it was last read, if it was read since.
    seen: Option<u64>,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    cluster: String,
    key: Key,
    known: ObjectState,
    changed_by: Option<String>,
}

/// The objects of one cluster.
#[derive(Default)]
struct Objects {
    versions: BTreeMap<Key, Vec<Version>>,
    /// The objects as counted for the limit ([`Version::count`]).
    count: usize,
    /// Existing objects by the event that last described them, for eviction.
    order: BTreeSet<(EventRef, Key)>,
    /// Objects with several versions, or with a single one that marks a deletion.
    past: BTreeSet<Key>,
    /// Bindings by the subjects that they name or have named.
    subjects: BTreeMap<String, BTreeSet<Key>>,
    changed: BTreeSet<Key>,
    evictions: u64,
}

type Clusters = BTreeMap<Arc<str>, Objects>;

/// The objects of each cluster, as far as the audit log shows them. Clusters share nothing.
pub struct Inventory {
    limit: usize,
    clusters: RwLock<Clusters>,
}

impl Inventory {
    /// Creates an empty inventory of at most `limit` objects in each cluster. An object counts once
    /// for each 16 KiB of its facts that it begins, so that the limit bounds memory too. The object that
    /// was observed longest ago is evicted first.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self {
            limit: limit.max(1),
            clusters: RwLock::default(),
        }
    }

    /// Adds an object of a cluster as it was before the first event.
    pub fn insert(
        &self,
        cluster: &Arc<str>,
        key: Key,
        known: ObjectState,
        changed_by: Option<Arc<str>>,
    ) {
        let mut clusters = self.write();
        let objects = clusters.entry(Arc::clone(cluster)).or_default();
        objects.set(key, 0, Some(known), changed_by);
        objects.evict(self.limit, 0);
    }

    /// Updates the inventory with an event. Events come in the order of their references.
    pub fn apply(
        &self,
        cluster: &Arc<str>,
        event: &AuditEvent,
        reference: EventRef,
        actor: &Arc<str>,
    ) {
        let Some(update) = observe(event) else {
            return;
        };
        let Some(object) = &event.object else {
            return;
        };
        let named = |name: &str| {
            (
                object.resource.clone(),
                object.namespace.clone(),
                name.to_owned(),
            )
        };
        let mut clusters = self.write();
        let objects = clusters.entry(Arc::clone(cluster)).or_default();
        match update {
            ObjectUpdate::AllDeleted => {
                let first = named("");
                let gone: Vec<Key> = objects
                    .versions
                    .range(first..)
                    .map(|(key, _)| key)
                    .take_while(|key| key.0 == object.resource && key.1 == object.namespace)
                    .cloned()
                    .collect();
                for key in gone {
                    objects.set(key, reference, None, Some(Arc::clone(actor)));
                }
            }
            _ if object.name.is_empty() => {}
            ObjectUpdate::Deleted => {
                objects.set(
                    named(&object.name),
                    reference,
                    None,
                    Some(Arc::clone(actor)),
                );
            }
            ObjectUpdate::Replaced(known) => {
                let key = named(&object.name);
                let changed_by = objects.changed_by(&key, event, actor);
                objects.set(key, reference, Some(known), changed_by);
            }
            // The reader of an object has not changed it.
            ObjectUpdate::Read(known) => {
                let key = named(&object.name);
                let before = objects.newest(&key);
                if before.is_some_and(|before| before.known.as_ref() == Some(&known)) {
                    return;
                }
                let changed_by = before.and_then(|before| before.changed_by.clone());
                objects.set(key, reference, Some(known), changed_by);
            }
            ObjectUpdate::Patched(known) => {
                let key = named(&object.name);
                let after = match objects
                    .newest(&key)
                    .and_then(|before| before.known.as_ref())
                {
                    Some(before) => merge(before, known),
                    None => known,
                };
                let changed_by = objects.changed_by(&key, event, actor);
                objects.set(key, reference, Some(after), changed_by);
            }
        }
        objects.evict(self.limit, reference);
    }

    /// Returns whether the object was last read from a text with this digest, so that the same
    /// text adds nothing.
    #[must_use]
    pub fn has_seen(&self, cluster: &str, key: &Key, digest: u64) -> bool {
        let clusters = self.read();
        let newest = clusters
            .get(cluster)
            .and_then(|objects| objects.newest(key));
        newest.and_then(|newest| newest.seen) == Some(digest)
    }

    /// Records the digest of the text from which an object was just read.
    pub fn note_seen(&self, cluster: &str, key: &Key, digest: u64) {
        let mut clusters = self.write();
        let newest = clusters
            .get_mut(cluster)
            .and_then(|objects| objects.versions.get_mut(key))
            .and_then(|all| all.last_mut());
        if let Some(newest) = newest.filter(|newest| newest.known.is_some()) {
            newest.seen = Some(digest);
        }
    }

    /// Returns the pod spec of an object just before an event.
    #[must_use]
    pub fn pod_spec(
        &self,
        cluster: &str,
        as_of: EventRef,
        kind: &str,
        namespace: &str,
        name: &str,
    ) -> Option<Workload> {
        match self
            .read()
            .get(cluster)?
            .as_of(as_of, kind, namespace, name)?
            .known
            .as_ref()?
        {
            ObjectState::Workload(workload) => Some(workload.as_ref().clone()),
            _ => None,
        }
    }

    /// Returns the actor that created an object or last changed its spec before an event, or none
    /// if no such event was applied.
    #[must_use]
    pub fn changed_by(
        &self,
        cluster: &str,
        as_of: EventRef,
        kind: &str,
        namespace: &str,
        name: &str,
    ) -> Option<Arc<str>> {
        let clusters = self.read();
        let version = clusters.get(cluster)?.as_of(as_of, kind, namespace, name)?;
        version.known.as_ref()?;
        version.changed_by.clone()
    }

    /// Returns a service account just before an event.
    #[must_use]
    pub fn service_account(
        &self,
        cluster: &str,
        as_of: EventRef,
        namespace: &str,
        name: &str,
    ) -> Option<ServiceAccountFacts> {
        let clusters = self.read();
        match clusters
            .get(cluster)?
            .as_of(as_of, "serviceaccounts", namespace, name)?
            .known
            .as_ref()?
        {
            ObjectState::ServiceAccount(account) => Some(account.clone()),
            _ => None,
        }
    }

    /// Returns the bindings that named a subject just before an event, ordered by resource,
    /// namespace, and name, at most [`MAX_BINDINGS`]. Once they have more than [`MAX_SUBJECTS`] subjects together, the subject
    /// that was asked for is the only one of the others.
    #[must_use]
    pub fn bindings(&self, cluster: &str, as_of: EventRef, subject: &str) -> Vec<BindingFacts> {
        let clusters = self.read();
        let Some(objects) = clusters.get(cluster) else {
            return Vec::new();
        };
        let Some(keys) = objects.subjects.get(subject) else {
            return Vec::new();
        };
        let mut count = 0_usize;
        keys.iter()
            .filter_map(|key| {
                let binding = match objects.as_of_key(as_of, key)?.known.as_ref()? {
                    ObjectState::Binding(binding) => binding,
                    _ => return None,
                };
                let found = binding
                    .subjects
                    .iter()
                    .find(|one| is_named(one, &binding.namespace, subject))?;
                count = count.saturating_add(binding.subjects.len());
                if count <= MAX_SUBJECTS {
                    return Some(binding.clone());
                }
                Some(BindingFacts {
                    subjects: vec![found.clone()],
                    role_kind: binding.role_kind.clone(),
                    role_name: binding.role_name.clone(),
                    namespace: binding.namespace.clone(),
                    name: binding.name.clone(),
                    kind: binding.kind.clone(),
                })
            })
            .take(MAX_BINDINGS)
            .collect()
    }

    /// Drops history that only queries as of older events would need.
    pub fn forget_before(&self, reference: EventRef) {
        for objects in self.write().values_mut() {
            for key in std::mem::take(&mut objects.past) {
                objects.forget(&key, reference);
            }
        }
    }

    /// Returns the number of objects, and how many the limit has evicted.
    #[must_use]
    pub fn usage(&self) -> (usize, u64) {
        self.read()
            .values()
            .fold((0, 0), |(count, evictions), objects| {
                (count + objects.order.len(), evictions + objects.evictions)
            })
    }

    /// Returns the changes since the last call, by storage key; `None` for an object that was
    /// deleted.
    pub fn take_changes(&self) -> Vec<(String, Option<Vec<u8>>)> {
        let mut clusters = self.write();
        let changes = clusters
            .iter_mut()
            .flat_map(|(cluster, objects)| objects.take_changes(cluster));
        changes.collect()
    }

    /// Restores saved objects, and returns how many could not be read and were skipped.
    pub fn restore(&self, saved: impl IntoIterator<Item = (String, Vec<u8>)>) -> usize {
        let mut clusters = self.write();
        let mut unreadable = 0;
        for (_, bytes) in saved {
            match serde_json::from_slice::<Saved>(&bytes) {
                Ok(saved) => {
                    let by = saved.changed_by.map(Arc::from);
                    clusters.entry(Arc::from(saved.cluster)).or_default().set(
                        saved.key,
                        0,
                        Some(saved.known),
                        by,
                    );
                }
                Err(_) => unreadable += 1,
            }
        }
        for objects in clusters.values_mut() {
            objects.changed.clear();
            objects.evict(self.limit, 0);
        }
        unreadable
    }

    fn read(&self) -> RwLockReadGuard<'_, Clusters> {
        self.clusters.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Clusters> {
        self.clusters
            .write()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// The size of facts, in bytes, that counts as one object.
const COUNTED_BYTES: usize = 16 * 1024;

impl Version {
    /// Returns as how many objects it counts.
    fn count(&self) -> usize {
        let size = self.known.as_ref().map(ObjectState::size);
        size.map_or(0, |size| 1 + size / COUNTED_BYTES)
    }

    /// The subjects that this version names, if it is a binding.
    fn subjects(&self) -> impl Iterator<Item = String> + '_ {
        let binding = match &self.known {
            Some(ObjectState::Binding(binding)) => Some(binding),
            _ => None,
        };
        binding.into_iter().flat_map(subjects)
    }
}

impl Objects {
    fn newest(&self, key: &Key) -> Option<&Version> {
        self.versions.get(key)?.last()
    }

    /// Returns who last changed the spec of an object that an event changed.
    fn changed_by(&self, key: &Key, event: &AuditEvent, actor: &Arc<str>) -> Option<Arc<str>> {
        if changes_spec(event) {
            return Some(Arc::clone(actor));
        }
        let before = self.newest(key).filter(|before| before.known.is_some());
        before.and_then(|before| before.changed_by.clone())
    }

    fn as_of(&self, as_of: EventRef, kind: &str, namespace: &str, name: &str) -> Option<&Version> {
        self.as_of_key(
            as_of,
            &(kind.to_owned(), namespace.to_owned(), name.to_owned()),
        )
    }

    fn as_of_key(&self, as_of: EventRef, key: &Key) -> Option<&Version> {
        self.versions
            .get(key)?
            .iter()
            .rev()
            .find(|version| version.since < as_of)
    }

    fn take_changes(&mut self, cluster: &str) -> Vec<(String, Option<Vec<u8>>)> {
        let changed = std::mem::take(&mut self.changed);
        changed
            .into_iter()
            .map(|key| {
                let saved = self.newest(&key).and_then(|version| {
                    let saved = Saved {
                        cluster: cluster.to_owned(),
                        key: key.clone(),
                        known: version.known.clone()?,
                        changed_by: version.changed_by.as_ref().map(|by| by.as_ref().to_owned()),
                    };
                    serde_json::to_vec(&saved).ok()
                });
                (storage_key(cluster, &key), saved)
            })
            .collect()
    }

    fn set(
        &mut self,
        key: Key,
        since: EventRef,
        known: Option<ObjectState>,
        changed_by: Option<Arc<str>>,
    ) {
        if let Some(ObjectState::Binding(binding)) = &known {
            for subject in subjects(binding) {
                self.subjects
                    .entry(subject)
                    .or_default()
                    .insert(key.clone());
            }
        }
        let versions = self.versions.entry(key.clone()).or_default();
        if let Some(last) = versions.last() {
            if self.order.remove(&(last.since, key.clone())) {
                self.count -= last.count();
            }
        } else if known.is_none() {
            self.versions.remove(&key);
            return;
        }
        if versions.len() == 1 || known.is_none() {
            self.past.insert(key.clone());
        }
        let version = Version {
            since,
            known,
            changed_by,
            seen: None,
        };
        if version.known.is_some() && self.order.insert((since, key.clone())) {
            self.count += version.count();
        }
        versions.push(version);
        self.changed.insert(key);
    }

    fn forget(&mut self, key: &Key, reference: EventRef) {
        let Some(versions) = self.versions.get_mut(key) else {
            return;
        };
        let newest_before = versions
            .iter()
            .rposition(|version| version.since < reference)
            .unwrap_or(0);
        let gone: Vec<Version> = versions.drain(..newest_before).collect();
        let kept: HashSet<String> = versions.iter().flat_map(Version::subjects).collect();
        for subject in gone.iter().flat_map(Version::subjects) {
            if !kept.contains(&subject)
                && let Some(keys) = self.subjects.get_mut(&subject)
            {
                keys.remove(key);
                if keys.is_empty() {
                    self.subjects.remove(&subject);
                }
            }
        }
        let Some(versions) = self.versions.get_mut(key) else {
            return;
        };
        if let [only] = versions.as_slice() {
            if only.known.is_none() {
                self.remove(key);
            }
        } else {
            self.past.insert(key.clone());
        }
    }

    fn remove(&mut self, key: &Key) {
        let Some(versions) = self.versions.remove(key) else {
            return;
        };
        for version in versions {
            if self.order.remove(&(version.since, key.clone())) {
                self.count -= version.count();
            }
            if let Some(ObjectState::Binding(binding)) = &version.known {
                for subject in subjects(binding) {
                    if let Some(keys) = self.subjects.get_mut(&subject) {
                        keys.remove(key);
                        if keys.is_empty() {
                            self.subjects.remove(&subject);
                        }
                    }
                }
            }
        }
        self.changed.insert(key.clone());
    }

    /// Evicts objects beyond the limit. Like a deletion, this takes effect from the current
    /// event on: earlier events may still be judged, and their results must not depend on
    /// speed.
    fn evict(&mut self, limit: usize, since: EventRef) {
        while self.count > limit {
            let Some((_, key)) = self.order.first().cloned() else {
                return;
            };
            self.set(key, since, None, None);
            self.evictions += 1;
        }
    }
}

/// Returns the key under which an object is stored. A cluster without a name is left out.
fn storage_key(cluster: &str, key: &Key) -> String {
    let slash = if cluster.is_empty() { "" } else { "/" };
    format!("{cluster}{slash}{}/{}/{}", key.0, key.1, key.2)
}

/// Returns whether a subject of a binding in this namespace has a name as a user or group.
fn is_named(subject: &Subject, home: &str, name: &str) -> bool {
    if subject.kind != "ServiceAccount" {
        return subject.name == name;
    }
    let namespace = match subject.namespace.as_str() {
        "" => home,
        namespace => namespace,
    };
    name.strip_prefix("system:serviceaccount:")
        .and_then(|rest| rest.strip_prefix(namespace))
        .and_then(|rest| rest.strip_prefix(':'))
        == Some(subject.name.as_str())
}

/// Returns the subjects of a binding as user and group names.
fn subjects(binding: &BindingFacts) -> impl Iterator<Item = String> + '_ {
    binding.subjects.iter().map(|subject| {
        if subject.kind == "ServiceAccount" {
            let namespace = if subject.namespace.is_empty() {
                &binding.namespace
            } else {
                &subject.namespace
            };
            format!("system:serviceaccount:{namespace}:{}", subject.name)
        } else {
            subject.name.clone()
        }
    })
}

#[cfg(test)]
mod tests;
