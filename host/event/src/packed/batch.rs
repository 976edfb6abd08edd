use std::fmt;
use std::marker::PhantomData;

use super::{Packed, Position, TooLarge};
use crate::model::{AuditEvent, RuntimeEvent, Signal};

/// The version of the layout that this crate writes and reads.
pub const VERSION: u16 = 1;

/// The first bytes of a batch.
const MAGIC: [u8; 4] = *b"wlpk";

/// The bytes of magic, version, family, and count.
const HEADER: usize = 12;

/// The bytes of the position and length of one event.
const ENTRY: usize = 8;

/// A type of event that batches consist of.
pub trait Event: Packed {
    /// The number of its family in the header.
    const FAMILY: u16;
}

impl Event for AuditEvent {
    const FAMILY: u16 = 1;
}

impl Event for RuntimeEvent {
    const FAMILY: u16 = 2;
}

impl Event for Signal {
    const FAMILY: u16 = 3;
}

/// Assembles a batch in a buffer and overwrites its contents. The events come from
/// [`super::pack`]: each is packed once and copied into many batches.
///
/// # Errors
/// Returns [`TooLarge`] if the batch exceeds 4 GiB. The contents of the buffer are then
/// unspecified.
pub fn assemble<'e, E: Event>(
    events: impl ExactSizeIterator<Item = &'e [u8]>,
    buffer: &mut Vec<u8>,
) -> Result<(), TooLarge> {
    let count = u32::try_from(events.len()).map_err(|_| TooLarge)?;
    let table = events.len().saturating_mul(ENTRY);
    buffer.clear();
    buffer.extend_from_slice(&MAGIC);
    buffer.extend_from_slice(&VERSION.to_le_bytes());
    buffer.extend_from_slice(&E::FAMILY.to_le_bytes());
    buffer.extend_from_slice(&count.to_le_bytes());
    buffer.resize(HEADER.saturating_add(table), 0);
    for (index, event) in events.enumerate() {
        let (start, length) = (u32::try_from(buffer.len()), u32::try_from(event.len()));
        let (Ok(start), Ok(length)) = (start, length) else {
            return Err(TooLarge);
        };
        buffer.extend_from_slice(event);
        let both = u64::from(start) | u64::from(length) << 32;
        let at = HEADER.saturating_add(index.saturating_mul(ENTRY));
        if let Some(entry) = buffer.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
            *entry = both.to_le_bytes();
        }
    }
    Ok(())
}

/// The reason why bytes cannot be read as a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotABatch {
    /// They do not begin with `wlpk`.
    Magic,
    /// The layout has another version.
    Version(u16),
    /// The events are of another family.
    Family(u16),
    /// They end before the last event does, or an event is shorter than its row.
    Damaged,
}

impl fmt::Display for NotABatch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Magic => formatter.write_str("not a packed batch: it does not begin with `wlpk`"),
            Self::Version(version) => write!(
                formatter,
                "the batch has layout {version}, but only layout {VERSION} is supported"
            ),
            Self::Family(family) => {
                write!(
                    formatter,
                    "the batch holds events of another family ({family})"
                )
            }
            Self::Damaged => formatter.write_str("the packed batch is truncated or damaged"),
        }
    }
}

impl std::error::Error for NotABatch {}

/// The events of a batch, read in place.
pub struct Events<'a, E> {
    bytes: &'a [u8],
    next: usize,
    end: usize,
    of: PhantomData<fn() -> E>,
}

impl<E> Clone for Events<'_, E> {
    fn clone(&self) -> Self {
        Self { ..*self }
    }
}

impl<'a, E: Event> Events<'a, E> {
    /// Opens a batch. Checks that every event is complete, but not its contents.
    ///
    /// # Errors
    /// Returns [`NotABatch::Magic`], [`NotABatch::Version`], or [`NotABatch::Family`] if the
    /// header is not that of a batch of these events, and [`NotABatch::Damaged`] if an event
    /// is incomplete.
    pub fn open(bytes: &'a [u8]) -> Result<Self, NotABatch> {
        let start = Position::start(bytes);
        let number = |at| u16::from_le_bytes(start.plus(at).take());
        if !bytes.starts_with(&MAGIC) {
            return Err(NotABatch::Magic);
        }
        if number(4) != VERSION {
            return Err(NotABatch::Version(number(4)));
        }
        if number(6) != E::FAMILY {
            return Err(NotABatch::Family(number(6)));
        }
        let end = start
            .plus(8)
            .offset()
            .checked_mul(ENTRY)
            .and_then(|table| HEADER.checked_add(table))
            .filter(|&end| end <= bytes.len())
            .ok_or(NotABatch::Damaged)?;
        let events = Self {
            bytes,
            next: HEADER,
            end,
            of: PhantomData,
        };
        let mut places = (HEADER..end).step_by(ENTRY).map(|at| events.event(at));
        if places.any(|event| event.len() < E::SIZE) {
            return Err(NotABatch::Damaged);
        }
        Ok(events)
    }

    fn event(&self, entry: usize) -> &'a [u8] {
        Position::start(self.bytes).plus(entry).pointed()
    }

    fn read(&self, entry: usize) -> E::View<'a> {
        E::read(Position::start(self.event(entry)))
    }
}

impl<'a, E: Event> Iterator for Events<'a, E> {
    type Item = E::View<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let at = self.next;
        (at < self.end).then(|| {
            self.next = at.wrapping_add(ENTRY);
            self.read(at)
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let count = self.end.saturating_sub(self.next) / ENTRY;
        (count, Some(count))
    }
}

impl<E: Event> DoubleEndedIterator for Events<'_, E> {
    fn next_back(&mut self) -> Option<Self::Item> {
        (self.next < self.end).then(|| {
            self.end = self.end.wrapping_sub(ENTRY);
            self.read(self.end)
        })
    }
}

impl<E: Event> ExactSizeIterator for Events<'_, E> {}
