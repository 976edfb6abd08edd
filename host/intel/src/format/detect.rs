//! Finds out how a file is written.

use super::plain::without_comment;
use super::{BYTE_ORDER_MARK, Format, FormatError, alien_vault, lines, table, tor};

/// Bytes that are looked at. Comments at the beginning of a feed are shorter.
const LOOKED_AT: usize = 64 * 1024;
/// Lines that are looked at once comments are over.
const LINES: usize = 3;

/// What the first bytes of packed files are (RFC 1952, RFC 8878, PKWARE's APPNOTE,
/// and the formats of bzip2 and xz).
const PACKED: [(&[u8], &str); 5] = [
    (b"\x1f\x8b", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"PK\x03\x04", "zip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
];

/// The format of a file, by its content. What is nothing else is plain text.
///
/// # Errors
/// Where it is surely no list.
pub fn detect(bytes: &[u8]) -> Result<Format, FormatError> {
    for (magic, name) in PACKED {
        if bytes.starts_with(magic) {
            return Err(FormatError::Packed(name));
        }
    }
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let head = bytes.get(..LOOKED_AT).unwrap_or(bytes).trim_ascii_start();
    if head.contains(&0) {
        return Err(FormatError::Binary);
    }
    match head.first() {
        Some(b'{' | b'[') => return Ok(Format::Stix2),
        Some(b'<') if is_web_page(head) => return Err(FormatError::WebPage),
        Some(b'<') => return Ok(Format::Stix1),
        _ => {}
    }
    let telling = lines(head).filter(|(_, line)| !without_comment(line).is_empty());
    for (_, line) in telling.take(LINES) {
        if let Some(format) = of_line(&line) {
            return Ok(format);
        }
    }
    Ok(Format::Plain)
}

fn of_line(line: &str) -> Option<Format> {
    if alien_vault::is_row(line) {
        return Some(Format::AlienVault);
    }
    if tor::is_row(line) {
        return Some(Format::TorExitAddresses);
    }
    table::format_of(line)
}

fn is_web_page(head: &[u8]) -> bool {
    let start = head.get(..1024).unwrap_or(head).to_ascii_lowercase();
    [&b"<!doctype html"[..], b"<html"]
        .iter()
        .any(|mark| start.windows(mark.len()).any(|window| window == *mark))
}
