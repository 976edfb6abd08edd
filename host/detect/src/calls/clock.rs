//! The `clock` interface.

use wasmtime::StoreContextMut;
use wasmtime::component::LinkerInstance;

use crate::context::Context;

pub(super) fn link(instance: &mut LinkerInstance<'_, Context>) -> wasmtime::Result<()> {
    instance.func_wrap("now", |mut store: StoreContextMut<'_, Context>, (): ()| {
        let context = store.data_mut();
        context.count_call()?;
        Ok((context.now,))
    })
}
