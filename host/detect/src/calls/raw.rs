//! The `raw` interface.

use serde_json::Value;
use wardline_contract::RawError;
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
    if !is_pointer(pointer) {
        return Err(RawError::InvalidPointer);
    }
    let Ok(document) = serde_json::from_slice::<Value>(&record.raw) else {
        return Ok(None);
    };
    let Some(value) = document.pointer(pointer) else {
        return Ok(None);
    };
    let text = value.to_string();
    if text.len() > context.limits.raw_bytes {
        return Err(RawError::TooLarge(context.limits.raw_bytes as u64));
    }
    Ok(Some(text))
}

/// RFC 6901, section 3: empty, or each token preceded by `/`; `~` only as `~0` or `~1`.
fn is_pointer(text: &str) -> bool {
    (text.is_empty() || text.starts_with('/'))
        && text
            .split('~')
            .skip(1)
            .all(|rest| rest.starts_with('0') || rest.starts_with('1'))
}

#[cfg(test)]
mod tests {
    use super::is_pointer;

    #[test]
    fn accepts_only_pointers_of_rfc_6901() {
        for good in ["", "/", "/a/0", "/a~1b", "/m~0n"] {
            assert!(is_pointer(good), "{good}");
        }
        for bad in ["a", "a/b", "/~", "/~2", "/a~"] {
            assert!(!is_pointer(bad), "{bad}");
        }
    }
}
