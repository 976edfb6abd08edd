//! The `state` interface.

use std::sync::Arc;

use wardline_contract::{StateError, StateKey, Window};
use wardline_event::model::Duration;
use wardline_state::{Moment, Partition, Room};
use wasmtime::StoreContextMut;
use wasmtime::component::LinkerInstance;

use crate::context::Context;

pub(super) fn link(instance: &mut LinkerInstance<'_, Context>) -> wasmtime::Result<()> {
    instance.func_wrap(
        "get",
        |mut store: StoreContextMut<'_, Context>, (at,): (StateKey,)| {
            answer(&mut store, &at, |partition, room, moment| {
                partition.get(room, &at.key, moment)
            })
        },
    )?;
    instance.func_wrap(
        "set",
        |mut store: StoreContextMut<'_, Context>,
         (at, value, keep): (StateKey, Vec<u8>, Duration)| {
            answer(&mut store, &at, |partition, room, moment| {
                partition.set(room, &at.key, &value, keep, moment)
            })
        },
    )?;
    instance.func_wrap(
        "delete",
        |mut store: StoreContextMut<'_, Context>, (at,): (StateKey,)| {
            answer(&mut store, &at, |partition, room, moment| {
                partition.delete(room, &at.key, moment)
            })
        },
    )?;
    instance.func_wrap(
        "increment",
        |mut store: StoreContextMut<'_, Context>, (at, delta, keep): (StateKey, i64, Duration)| {
            answer(&mut store, &at, |partition, room, moment| {
                partition.increment(room, &at.key, delta, keep, moment)
            })
        },
    )?;
    instance.func_wrap(
        "first-seen",
        |mut store: StoreContextMut<'_, Context>,
         (at, member, keep): (StateKey, String, Duration)| {
            answer(&mut store, &at, |partition, room, moment| {
                partition.first_seen(room, &at.key, &member, keep, moment)
            })
        },
    )?;
    instance.func_wrap(
        "observe",
        |mut store: StoreContextMut<'_, Context>,
         (at, member, length, limit): (StateKey, String, Duration, u32)| {
            answer::<Window>(&mut store, &at, |partition, room, moment| {
                partition.observe(room, &at.key, &member, length, limit, moment)
            })
        },
    )?;
    instance.func_wrap(
        "clear",
        |mut store: StoreContextMut<'_, Context>, (at,): (StateKey,)| {
            answer(&mut store, &at, |partition, room, moment| {
                partition.clear(room, &at.key, moment)
            })
        },
    )
}

/// Runs a call against the partition of the event's actor.
fn answer<T>(
    store: &mut StoreContextMut<'_, Context>,
    at: &StateKey,
    call: impl FnOnce(&mut Partition, &Room<'_>, &Moment<'_>) -> Result<T, StateError>,
) -> wasmtime::Result<(Result<T, StateError>,)> {
    let context = store.data_mut();
    context.count_call()?;
    let Some(record) = context.record(at.event).map(Arc::clone) else {
        return Ok((Err(StateError::UnknownEvent),));
    };
    let result = context.memory.call(at, &record, call);
    Ok((result,))
}
