//! The `inventory` interface.
//!
//! Answers reflect the cluster just before an event of the current batch. For any other reference
//! the answer is empty, because older versions of objects are dropped once no thread can ask for
//! them.

use wardline_event::model::EventRef;
use wasmtime::StoreContextMut;
use wasmtime::component::LinkerInstance;

use crate::context::Context;

pub(super) fn link(instance: &mut LinkerInstance<'_, Context>) -> wasmtime::Result<()> {
    instance.func_wrap(
        "pod-spec",
        |mut store: StoreContextMut<'_, Context>,
         (as_of, kind, namespace, name): (EventRef, String, String, String)| {
            let context = enter(&mut store, as_of)?;
            Ok((context.and_then(|context| {
                context
                    .services
                    .inventory
                    .pod_spec(as_of, &kind, &namespace, &name)
            }),))
        },
    )?;
    instance.func_wrap(
        "changed-by",
        |mut store: StoreContextMut<'_, Context>,
         (as_of, kind, namespace, name): (EventRef, String, String, String)| {
            let context = enter(&mut store, as_of)?;
            Ok((context
                .and_then(|context| {
                    context
                        .services
                        .inventory
                        .changed_by(as_of, &kind, &namespace, &name)
                })
                .map(|actor| actor.as_ref().to_owned()),))
        },
    )?;
    instance.func_wrap(
        "service-account",
        |mut store: StoreContextMut<'_, Context>,
         (as_of, namespace, name): (EventRef, String, String)| {
            let context = enter(&mut store, as_of)?;
            Ok((context.and_then(|context| {
                context
                    .services
                    .inventory
                    .service_account(as_of, &namespace, &name)
            }),))
        },
    )?;
    instance.func_wrap(
        "bindings",
        |mut store: StoreContextMut<'_, Context>, (as_of, subject): (EventRef, String)| {
            let context = enter(&mut store, as_of)?;
            Ok((context
                .map(|context| context.services.inventory.bindings(as_of, &subject))
                .unwrap_or_default(),))
        },
    )
}

fn enter<'a>(
    store: &'a mut StoreContextMut<'_, Context>,
    as_of: EventRef,
) -> wasmtime::Result<Option<&'a Context>> {
    let context = store.data_mut();
    context.count_call()?;
    Ok(context.record(as_of).is_some().then_some(&*context))
}
