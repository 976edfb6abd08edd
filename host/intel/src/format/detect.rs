//! Detects the format of a file.

use super::plain::without_comment;
use super::{BYTE_ORDER_MARK, Format, FormatError, alien_vault, lines, table, tor};

/// How much of a file is examined, in bytes. Comments at the beginning of a feed are shorter.
const LOOKED_AT: usize = 64 * 1024;
/// How many lines are examined after the comments.
const LINES: usize = 3;

/// The first bytes of compressed files (RFC 1952, RFC 8878, PKWARE's APPNOTE, and the formats
/// of bzip2 and xz).
const PACKED: [(&[u8], &str); 5] = [
    (b"\x1f\x8b", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"PK\x03\x04", "zip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
];

/// Detects the format of a file by its content. Plain text is the fallback.
///
/// # Errors
/// Returns [`FormatError::Packed`], [`FormatError::Binary`], or [`FormatError::WebPage`] if the
/// file is certainly not a list.
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
