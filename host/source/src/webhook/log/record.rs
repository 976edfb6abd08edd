//! The format of one record in a segment: a header, the sender's name, and the body.
//!
//! | Bytes | Header, little-endian |
//! |---|---|
//! | 4 | magic |
//! | 8 | number, from 1 |
//! | 8 | time of receipt, in milliseconds since the Unix epoch |
//! | 2 | length of the sender's name |
//! | 4 | length of the body |
//! | 4 | CRC-32 (ISO-HDLC) of name and body |
//! | 4 | CRC-32 of the header up to here |
//!
//! The header has a checksum of its own, so that damage to a body costs only that body.

use bytes::Bytes;

/// The first bytes of a record. They cannot occur in UTF-8 text.
pub(super) const MAGIC: [u8; 4] = *b"\xffWL\x01";

/// The size of a header, in bytes.
pub(super) const HEADER: usize = 34;
/// How many bytes of a header its own checksum covers.
const CHECKED: usize = HEADER - 4;

/// A body to store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogEntry {
    /// The time of receipt, in milliseconds since the Unix epoch.
    pub received: u64,
    /// The sender's name, which may be empty. At most 65,535 bytes are kept.
    pub sender: String,
    /// The body, less than 4 GiB.
    pub body: Bytes,
}

/// A stored body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRecord {
    /// The position among all records of the log, from 1.
    pub number: u64,
    /// The body and its metadata.
    pub entry: LogEntry,
}

/// The header of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub number: u64,
    received: u64,
    sender: u16,
    body: u32,
    checksum: u32,
}

impl LogEntry {
    /// Returns the size of the record in a segment, in bytes.
    pub(super) fn stored_length(&self) -> u64 {
        (HEADER + self.sender().len() + self.body.len()) as u64
    }

    fn sender(&self) -> &[u8] {
        let sender = self.sender.as_bytes();
        sender.get(..usize::from(u16::MAX)).unwrap_or(sender)
    }

    /// Appends the record to `out`, or returns false and appends nothing if the body is too
    /// long.
    pub(super) fn encode(&self, number: u64, out: &mut Vec<u8>) -> bool {
        let (sender, body) = (self.sender(), &self.body);
        let (Ok(sender_length), Ok(body_length)) =
            (u16::try_from(sender.len()), u32::try_from(body.len()))
        else {
            return false;
        };
        let start = out.len();
        out.extend(MAGIC);
        out.extend(number.to_le_bytes());
        out.extend(self.received.to_le_bytes());
        out.extend(sender_length.to_le_bytes());
        out.extend(body_length.to_le_bytes());
        out.extend(checksum(sender, body).to_le_bytes());
        let own = crc32fast::hash(out.get(start..).unwrap_or_default());
        out.extend(own.to_le_bytes());
        out.extend(sender);
        out.extend_from_slice(body);
        true
    }
}

impl Header {
    /// Parses the header at the beginning of `bytes`, or returns `None` if there is none or it
    /// is damaged.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let (checked, own) = bytes.get(..HEADER)?.split_at_checked(CHECKED)?;
        if crc32fast::hash(checked).to_le_bytes() != own {
            return None;
        }
        let (magic, rest) = checked.split_first_chunk()?;
        let (number, rest) = rest.split_first_chunk()?;
        let (received, rest) = rest.split_first_chunk()?;
        let (sender, rest) = rest.split_first_chunk()?;
        let (body, rest) = rest.split_first_chunk()?;
        (*magic == MAGIC).then_some(Self {
            number: u64::from_le_bytes(*number),
            received: u64::from_le_bytes(*received),
            sender: u16::from_le_bytes(*sender),
            body: u32::from_le_bytes(*body),
            checksum: u32::from_le_bytes(rest.try_into().ok()?),
        })
    }

    /// Returns the length of name and body, which follow the header, in bytes.
    pub fn content_length(&self) -> u64 {
        u64::from(self.sender) + u64::from(self.body)
    }

    /// Returns the record whose content follows the header, or `None` if the content is
    /// damaged.
    pub fn record(&self, content: Bytes) -> Option<LogRecord> {
        let sender = usize::from(self.sender);
        if content.len() as u64 != self.content_length() {
            return None;
        }
        let body = content.slice(sender..);
        let sender = content.get(..sender)?;
        if checksum(sender, &body) != self.checksum {
            return None;
        }
        Some(LogRecord {
            number: self.number,
            entry: LogEntry {
                received: self.received,
                sender: String::from_utf8_lossy(sender).into_owned(),
                body,
            },
        })
    }
}

fn checksum(sender: &[u8], body: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(sender);
    hasher.update(body);
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;

    use super::{HEADER, Header, LogEntry};

    fn decode(bytes: &[u8]) -> Option<super::LogRecord> {
        let header = Header::parse(bytes)?;
        header.record(Bytes::copy_from_slice(bytes.get(HEADER..)?))
    }

    proptest! {
        #[test]
        fn records_round_trip_and_any_flipped_bit_is_detected(
            number: u64,
            received: u64,
            sender in "[a-zä]{0,12}",
            body in proptest::collection::vec(any::<u8>(), 0..60),
            bit: prop::sample::Index,
        ) {
            let entry = LogEntry { received, sender, body: body.into() };
            let mut bytes = Vec::new();
            prop_assert!(entry.encode(number, &mut bytes));
            prop_assert_eq!(bytes.len() as u64, entry.stored_length());
            let record = decode(&bytes).unwrap();
            prop_assert_eq!((record.number, &record.entry), (number, &entry));
            let bit = bit.index(8 * bytes.len());
            bytes[bit / 8] ^= 1 << (bit % 8);
            prop_assert_eq!(decode(&bytes), None);
        }

        #[test]
        fn parses_any_bytes_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = decode(&bytes);
        }
    }
}
