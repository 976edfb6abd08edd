//! The files of a log. Each is named by the number of its first record, contains consecutive
//! records, and is never reopened for appending: a restarted host begins a new file.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use bytes::BytesMut;
use memchr::memmem;

use super::record::{HEADER, Header, LogRecord, MAGIC};

const EXTENSION: &str = "log";

/// How many bytes are searched at once for the next record after damage.
const WINDOW: usize = 64 * 1024;

/// The content at a position.
#[derive(Debug)]
pub(super) enum SegmentItem {
    /// A record and the position of its end.
    Record(LogRecord, u64),
    /// Damage up to this position, which is that of the next record or the end.
    Damage(u64),
}

/// Returns the path of the file whose first record has this number.
pub(super) fn path(directory: &Path, first: u64) -> PathBuf {
    directory.join(format!("{first:020}.{EXTENSION}"))
}

/// Lists the number of the first record and the length of each file, ignoring other files.
pub(super) fn list(directory: &Path) -> io::Result<Vec<(u64, u64)>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        let path = entry.path();
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        if path.extension().is_some_and(|own| own == EXTENSION)
            && let Some(first) = stem.and_then(|stem| stem.parse().ok())
        {
            found.push((first, entry.metadata()?.len()));
        }
    }
    Ok(found)
}

/// Creates a file that survives a loss of power. Only the host's user may read it, since bodies
/// may contain secrets of the cluster.
pub(super) fn create(directory: &Path, first: u64) -> io::Result<File> {
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path(directory, first))?;
    File::open(directory)?.sync_all()?;
    Ok(file)
}

/// Reads the content at `offset` of a file with `end` written bytes.
pub(super) fn read_item(file: &File, offset: u64, end: u64) -> io::Result<SegmentItem> {
    let mut head = [0; HEADER];
    if end.saturating_sub(offset) < HEADER as u64 {
        return Ok(SegmentItem::Damage(end));
    }
    file.read_exact_at(&mut head, offset)?;
    let start = offset + HEADER as u64;
    let Some(header) = Header::parse(&head) else {
        return Ok(SegmentItem::Damage(search(file, offset + 1, end)?));
    };
    if header.content_length() > end - start {
        return Ok(SegmentItem::Damage(search(file, offset + 1, end)?));
    }
    let next = start + header.content_length();
    let length = usize::try_from(header.content_length()).unwrap_or(usize::MAX);
    let mut content = BytesMut::zeroed(length);
    file.read_exact_at(&mut content, start)?;
    Ok(match header.record(content.freeze()) {
        Some(record) => SegmentItem::Record(record, next),
        None => SegmentItem::Damage(next),
    })
}

/// Returns the position of the first header from `offset` on, or the end.
fn search(file: &File, mut offset: u64, end: u64) -> io::Result<u64> {
    let mut window = vec![0; WINDOW];
    while end.saturating_sub(offset) >= HEADER as u64 {
        let length = usize::try_from(end - offset).map_or(WINDOW, |left| left.min(WINDOW));
        let bytes = window.get_mut(..length).unwrap_or_default();
        file.read_exact_at(bytes, offset)?;
        let mut places = memmem::find_iter(bytes, &MAGIC);
        if let Some(at) = places.find(|at| bytes.get(*at..).and_then(Header::parse).is_some()) {
            return Ok(offset + at as u64);
        }
        // A header may span two windows.
        offset += (length + 1 - HEADER) as u64;
    }
    Ok(end)
}

/// Truncates a write at the end of the newest file that a crash left incomplete. Returns the
/// number of its last record, if it has one, and its length.
pub(super) fn cut_tail(path: &Path) -> io::Result<(Option<u64>, u64)> {
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    let end = file.metadata()?.len();
    let (mut last, mut whole, mut offset) = (None, 0, 0);
    while offset < end {
        offset = match read_item(&file, offset, end)? {
            SegmentItem::Record(record, next) => {
                last = Some(record.number);
                whole = next;
                next
            }
            SegmentItem::Damage(next) => next,
        };
    }
    if whole < end {
        tracing::info!(path = %path.display(), bytes = end - whole, "truncated an unfinished write");
        file.set_len(whole)?;
        file.sync_all()?;
    }
    Ok((last, whole))
}
