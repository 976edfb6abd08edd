//! The `intel` interface.

use wardline_contract::{Hit, IntelError};
use wardline_intel::Intel;
use wasmtime::component::{LinkerInstance, WasmStr};
use wasmtime::{AsContext, StoreContextMut};

use crate::context::Context;

type Answer = Result<Option<Hit>, IntelError>;

pub(super) fn link(instance: &mut LinkerInstance<'_, Context>) -> wasmtime::Result<()> {
    lookup(instance, "address", Intel::address)?;
    lookup(instance, "domain", Intel::domain)?;
    lookup(instance, "name", Intel::name)?;
    instance.func_wrap(
        "lists",
        |mut store: StoreContextMut<'_, Context>, (kind,): (String,)| {
            let context = store.data_mut();
            context.count_call()?;
            Ok((context.services.intel.lists(&kind),))
        },
    )
}

/// Links a lookup that reads its strings in the guest's memory, so that a miss copies nothing.
fn lookup(
    instance: &mut LinkerInstance<'_, Context>,
    name: &str,
    find: fn(&Intel, &str, &str) -> Answer,
) -> wasmtime::Result<()> {
    instance.func_wrap(
        name,
        move |mut store: StoreContextMut<'_, Context>, (list, value): (WasmStr, WasmStr)| {
            store.data_mut().count_call()?;
            let store = store.as_context();
            let (list, value) = (list.to_str(&store)?, value.to_str(&store)?);
            Ok((find(&store.data().services.intel, &list, &value),))
        },
    )
}
