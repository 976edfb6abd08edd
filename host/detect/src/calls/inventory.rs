//! The `inventory` interface.
//!
//! Answers reflect the event's cluster just before an event of the current batch; for a signal,
//! just before the event that its finding is about, so that the answer does not depend on the size
//! of chunks. For any other reference the answer is empty, because older versions of objects are
//! dropped once no thread can ask for them.

use wardline_event::model::EventRef;
use wardline_inventory::Inventory;
use wasmtime::StoreContextMut;
use wasmtime::component::LinkerInstance;

use crate::context::Context;

pub(super) fn link(instance: &mut LinkerInstance<'_, Context>) -> wasmtime::Result<()> {
    instance.func_wrap(
        "pod-spec",
        |mut store: StoreContextMut<'_, Context>,
         (as_of, kind, namespace, name): (EventRef, String, String, String)| {
            let asked = enter(&mut store, as_of)?;
            Ok((asked.and_then(|(inventory, cluster, as_of)| {
                inventory.pod_spec(cluster, as_of, &kind, &namespace, &name)
            }),))
        },
    )?;
    instance.func_wrap(
        "changed-by",
        |mut store: StoreContextMut<'_, Context>,
         (as_of, kind, namespace, name): (EventRef, String, String, String)| {
            let asked = enter(&mut store, as_of)?;
            Ok((asked
                .and_then(|(inventory, cluster, as_of)| {
                    inventory.changed_by(cluster, as_of, &kind, &namespace, &name)
                })
                .map(|actor| actor.as_ref().to_owned()),))
        },
    )?;
    instance.func_wrap(
        "service-account",
        |mut store: StoreContextMut<'_, Context>,
         (as_of, namespace, name): (EventRef, String, String)| {
            let asked = enter(&mut store, as_of)?;
            Ok((asked.and_then(|(inventory, cluster, as_of)| {
                inventory.service_account(cluster, as_of, &namespace, &name)
            }),))
        },
    )?;
    instance.func_wrap(
        "bindings",
        |mut store: StoreContextMut<'_, Context>, (as_of, subject): (EventRef, String)| {
            let asked = enter(&mut store, as_of)?;
            Ok((asked
                .map(|(inventory, cluster, as_of)| inventory.bindings(cluster, as_of, &subject))
                .unwrap_or_default(),))
        },
    )
}

/// Returns the inventory, and the cluster and reference as of which it answers.
fn enter<'a>(
    store: &'a mut StoreContextMut<'_, Context>,
    as_of: EventRef,
) -> wasmtime::Result<Option<(&'a Inventory, &'a str, EventRef)>> {
    let context = store.data_mut();
    context.count_call()?;
    let context = &*context;
    Ok(context.record(as_of).map(|record| {
        let subject = record.subject();
        let cluster = subject.cluster.as_ref();
        (&*context.services.inventory, cluster, subject.reference())
    }))
}
