//! One entry of a detector's state.

use serde::{Deserialize, Serialize};
use wardline_event::model::Timestamp;

use super::window::Observations;

/// The first byte of an entry on disk, which gives the format of the rest.
const FORMAT: u8 = 1;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Value {
    Bytes(Vec<u8>),
    Counter(i64),
    Seen,
    Window(Observations),
}

/// A value with the times that quota and expiry need.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StateEntry {
    /// The value.
    pub value: Value,
    /// When the entry expires; zero means never.
    pub expires: Timestamp,
    /// A counter of writes, so that the entry written longest ago can be found.
    pub written: u64,
}

impl StateEntry {
    /// Returns whether the entry has expired at a time.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires != 0 && self.expires <= now
    }

    /// Returns the size that counts towards the quota, including the key, in bytes.
    pub fn size(&self, key: &[u8]) -> usize {
        key.len()
            + match &self.value {
                Value::Bytes(bytes) => bytes.len(),
                Value::Counter(_) => size_of::<i64>(),
                Value::Seen => 0,
                Value::Window(window) => window.size(),
            }
    }

    /// Returns the form on disk.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![FORMAT];
        // Serializing to memory a value whose maps have only string keys cannot fail.
        let _ = serde_json::to_writer(&mut bytes, self);
        bytes
    }

    /// Returns `None` if the entry has another format or is damaged.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (&FORMAT, rest) = bytes.split_first()? else {
            return None;
        };
        serde_json::from_slice(rest).ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{StateEntry, Value};

    fn values() -> impl Strategy<Value = Value> {
        prop_oneof![
            any::<Vec<u8>>().prop_map(Value::Bytes),
            any::<i64>().prop_map(Value::Counter),
            Just(Value::Seen),
        ]
    }

    proptest! {
        #[test]
        fn entries_round_trip(
            value in values(),
            expires in any::<u64>(),
            written in any::<u64>(),
        ) {
            let entry = StateEntry { value, expires, written };
            prop_assert_eq!(StateEntry::decode(&entry.encode()), Some(entry));
        }

        #[test]
        fn decodes_any_bytes_without_panic(bytes in any::<Vec<u8>>(), first in any::<bool>()) {
            let mut bytes = bytes;
            if first {
                bytes.insert(0, super::FORMAT);
            }
            let _ = StateEntry::decode(&bytes);
        }
    }
}
