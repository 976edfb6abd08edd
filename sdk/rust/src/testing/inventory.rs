//! The objects that a test adds to the inventory.

use std::collections::BTreeMap;
use std::sync::Arc;

use wardline_inventory::observation::ObjectState;
use wardline_inventory::{Inventory, Key};

type Facts = (Option<ObjectState>, Option<Arc<str>>);

/// The facts of objects and the actors of their last changes, in whichever order a test sets them.
#[derive(Debug, Default)]
pub(super) struct Objects(BTreeMap<(Arc<str>, Key), Facts>);

impl Objects {
    /// Sets the facts of an object.
    pub fn set_facts(
        &mut self,
        cluster: &Arc<str>,
        key: Key,
        known: ObjectState,
        inventory: &Inventory,
    ) {
        self.set((Arc::clone(cluster), key), inventory, |facts| {
            facts.0 = Some(known);
        });
    }

    /// Sets the actor of an object's last change.
    pub fn set_changed_by(
        &mut self,
        cluster: &Arc<str>,
        key: Key,
        actor: &str,
        inventory: &Inventory,
    ) {
        self.set((Arc::clone(cluster), key), inventory, |facts| {
            facts.1 = Some(Arc::from(actor));
        });
    }

    fn set(
        &mut self,
        place: (Arc<str>, Key),
        inventory: &Inventory,
        change: impl FnOnce(&mut Facts),
    ) {
        let facts = self.0.entry(place.clone()).or_default();
        change(facts);
        if let (Some(known), changed_by) = facts {
            let (cluster, key) = place;
            inventory.insert(&cluster, key, known.clone(), changed_by.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::contract::Workload;
    use crate::inventory;
    use crate::prelude::*;
    use crate::testing::{Harness, Request, TestError};

    const TYPE: &str = "Impact:Kubernetes/Test";

    /// Reports the last editor of each pod that is read.
    struct Editors;

    impl Detector for Editors {
        fn describe() -> Descriptor {
            Descriptor::new("editors", "1.0.0")
                .description("Reports the last editor of each pod that is read.")
                .audit(AuditSubscription::new().verbs(["get"]))
                .finding(FindingType::new(TYPE, 3.0).title("Test"))
        }

        fn configure(_: &Settings) -> Result<Self, String> {
            Ok(Self)
        }

        fn on_audit_event(
            &mut self,
            event: AuditEvent<'_>,
            findings: &mut Findings,
        ) -> Result<(), DetectError> {
            let editor = inventory::changed_by(event, "pods", event.namespace(), event.name());
            let editor = editor.unwrap_or_else(|| "nobody".to_owned());
            findings.raise(
                Finding::new(TYPE)
                    .on(event)
                    .evidence(event, "editor", editor),
            );
            Ok(())
        }
    }

    fn on_pod(verb: &str, second: u64) -> Request {
        Request::new(verb, "pods")
            .namespace("shop")
            .name("web")
            .at(Duration::from_secs(second))
    }

    #[test]
    fn editor_of_an_object_may_be_set_before_the_object() -> Result<(), TestError> {
        let pod = Workload::default;
        let editors = [
            Harness::<Editors>::new()
                .changed_by("pods", "shop", "web", "carol")
                .pod_spec("pods", "shop", "web", pod()),
            Harness::<Editors>::new()
                .pod_spec("pods", "shop", "web", pod())
                .changed_by("pods", "shop", "web", "carol"),
            Harness::<Editors>::new().changed_by("pods", "shop", "web", "carol"),
        ]
        .map(|mut harness| {
            let found = harness.audit_event(on_pod("get", 1)).unwrap();
            found[0].evidence("editor").map(str::to_owned).unwrap()
        });
        assert_eq!(editors, ["carol", "carol", "nobody"]);
        Ok(())
    }

    #[test]
    fn answers_reflect_the_cluster_just_before_an_event() -> Result<(), TestError> {
        let mut harness =
            Harness::<Editors>::new().pod_spec("pods", "shop", "web", Workload::default());
        let found = harness.audit_events([
            on_pod("get", 1),
            on_pod("create", 2).workload(Workload::default()),
            on_pod("get", 3),
            on_pod("update", 4)
                .user("bob")
                .workload(Workload::default()),
            on_pod("patch", 5).user("mallory").code(403),
            on_pod("get", 6),
        ])?;
        let editors: Vec<_> = found
            .iter()
            .filter_map(|finding| finding.evidence("editor"))
            .collect();
        assert_eq!(editors, ["nobody", "alice", "bob"]);
        Ok(())
    }
}
