//! The `raw` interface.

use wardline_contract::RawError;
use wardline_decode::pointer;
use wardline_event::model::EventRef;
use wasmtime::StoreContextMut;
use wasmtime::component::LinkerInstance;

use crate::context::Context;

pub(super) fn link(instance: &mut LinkerInstance<'_, Context>) -> wasmtime::Result<()> {
    instance.func_wrap(
        "json",
        |mut store: StoreContextMut<'_, Context>, (event, pointer): (EventRef, String)| {
            let context = store.data_mut();
            context.count_call()?;
            Ok((find(context, event, &pointer),))
        },
    )
}

fn find(context: &Context, event: EventRef, pointer: &str) -> Result<Option<String>, RawError> {
    let record = context.record(event).ok_or(RawError::UnknownEvent)?;
    let text = pointer::find(&record.raw, pointer).ok_or(RawError::InvalidPointer)?;
    match text {
        Some(text) if text.len() > context.limits.raw_bytes => {
            Err(RawError::TooLarge(context.limits.raw_bytes as u64))
        }
        text => Ok(text),
    }
}
