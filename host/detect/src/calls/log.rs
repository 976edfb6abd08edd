//! The `log` interface.

use wardline_contract::LogLevel;
use wasmtime::StoreContextMut;
use wasmtime::component::LinkerInstance;

use crate::context::Context;

pub(super) fn link(instance: &mut LinkerInstance<'_, Context>) -> wasmtime::Result<()> {
    instance.func_wrap(
        "write",
        |mut store: StoreContextMut<'_, Context>, (level, message): (LogLevel, String)| {
            let context = store.data_mut();
            context.count_call()?;
            context.log(level, &message);
            Ok(())
        },
    )
}
