//! One record, as it lies in a segment: a header, the sender's name, the body.
//!
//! | Bytes | Header, little-endian |
//! |---|---|
//! | 4 | magic |
//! | 8 | number, from 1 |
//! | 8 | when it was received, in milliseconds since the Unix epoch |
//! | 2 | length of the sender's name |
//! | 4 | length of the body |
//! | 4 | CRC-32 (ISO-HDLC) of name and body |
//! | 4 | CRC-32 of the header up to here |
//!
//! The header has a checksum of its own, so that damage to a body costs that body only.

use bytes::Bytes;

/// No text of UTF-8 holds these bytes.
pub(super) const MAGIC: [u8; 4] = *b"\xffWL\x01";

/// Bytes of a header.
pub(super) const HEADER: usize = 34;
/// Bytes of a header that its own checksum is of.
const CHECKED: usize = HEADER - 4;

/// What is to be stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// When it was received, in milliseconds since the Unix epoch.
    pub received: u64,
    /// Who sent it; may be empty. At most 65,535 bytes are kept.
    pub sender: String,
    /// What was sent; less than 4 GiB.
    pub body: Bytes,
}

/// What was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its place among all records of its log, from 1.
    pub number: u64,
    /// What was stored.
    pub entry: Entry,
}

/// What stands before a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub number: u64,
    received: u64,
    sender: u16,
    body: u32,
    checksum: u32,
}

impl Entry {
    /// Bytes that it takes in a segment.
    pub(super) fn stored_length(&self) -> u64 {
        (HEADER + self.sender().len() + self.body.len()) as u64
    }

    fn sender(&self) -> &[u8] {
        let sender = self.sender.as_bytes();
        sender.get(..usize::from(u16::MAX)).unwrap_or(sender)
    }

    /// Writes it behind `out`. False, and nothing is written: its body is too long.
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
    /// Reads a header that `bytes` begin with; none if they do not, or it is damaged.
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

    /// Bytes of name and body, which follow the header.
    pub fn content_length(&self) -> u64 {
        u64::from(self.sender) + u64::from(self.body)
    }

    /// The record with what follows the header; none if that is damaged.
    pub fn record(&self, content: Bytes) -> Option<Record> {
        let sender = usize::from(self.sender);
        if content.len() as u64 != self.content_length() {
            return None;
        }
        let body = content.slice(sender..);
        let sender = content.get(..sender)?;
        if checksum(sender, &body) != self.checksum {
            return None;
        }
        Some(Record {
            number: self.number,
            entry: Entry {
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

    use super::{Entry, HEADER, Header};

    fn decode(bytes: &[u8]) -> Option<super::Record> {
        let header = Header::parse(bytes)?;
        header.record(Bytes::copy_from_slice(bytes.get(HEADER..)?))
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_and_every_flipped_bit_is_seen(
            number: u64,
            received: u64,
            sender in "[a-zä]{0,12}",
            body in proptest::collection::vec(any::<u8>(), 0..60),
            bit: prop::sample::Index,
        ) {
            let entry = Entry { received, sender, body: body.into() };
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
        fn any_bytes_are_a_header_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = decode(&bytes);
        }
    }
}
