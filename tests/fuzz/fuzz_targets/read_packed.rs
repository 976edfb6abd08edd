//! Any bytes as a packed batch: read or refused, without a panic.
#![no_main]

use std::fmt::Debug;

use libfuzzer_sys::fuzz_target;
use wardline_event::model::{AuditEvent, RuntimeEvent, Signal};
use wardline_event::packed::{Event, Events, VERSION};

/// Reads every field by formatting it.
fn read<E: Event>(bytes: &[u8])
where
    for<'a> E::View<'a>: Debug,
{
    // Lists may overlap, so a few bytes may give much text: only a part of each event is read.
    struct Most(usize);

    impl std::fmt::Write for Most {
        fn write_str(&mut self, text: &str) -> std::fmt::Result {
            self.0 = self.0.checked_sub(text.len()).ok_or(std::fmt::Error)?;
            Ok(())
        }
    }

    if let Ok(events) = Events::<E>::open(bytes) {
        assert_eq!(events.clone().rev().count(), events.len());
        for event in events.take(16) {
            let _ = std::fmt::write(&mut Most(1 << 16), format_args!("{event:?}"));
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    read::<AuditEvent>(bytes);
    read::<RuntimeEvent>(bytes);
    read::<Signal>(bytes);
    // With a valid header, since the target is the contents.
    for family in 1_u16..4 {
        let mut batch = b"wlpk".to_vec();
        batch.extend(VERSION.to_le_bytes());
        batch.extend(family.to_le_bytes());
        batch.extend(1_u32.to_le_bytes());
        batch.extend(20_u32.to_le_bytes());
        batch.extend((bytes.len() as u32).to_le_bytes());
        batch.extend(bytes);
        read::<AuditEvent>(&batch);
        read::<RuntimeEvent>(&batch);
        read::<Signal>(&batch);
    }
});
