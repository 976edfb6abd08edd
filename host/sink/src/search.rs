//! Looks for a batch that an earlier process may have written.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use flate2::bufread::MultiGzDecoder;

use super::journal::Intent;
use super::line::Digest;

/// Maximum number of rotated files that are searched, the newest first.
const ROTATED_FILES: usize = 32;

/// Suffixes of compressed files.
const PACKED: [&str; 2] = [".gz", ".zst"];

/// Returns true if the file at the path, or a rotated one beside it, contains the batch. A batch that was
/// cut off is removed.
///
/// # Errors
/// Returns the operating system's error if a batch that was cut off cannot be removed.
pub(crate) fn is_written(path: &Path, intent: &Intent) -> io::Result<bool> {
    let mut files = vec![path.to_owned()];
    files.extend(rotated(path));
    // A file that cannot be read, or is damaged, does not contain it.
    if files
        .iter()
        .any(|file| contains(file, intent).unwrap_or(false))
    {
        return Ok(true);
    }
    for file in files {
        let Ok(metadata) = std::fs::metadata(&file) else {
            continue;
        };
        let is_it =
            metadata.is_file() && (metadata.dev(), metadata.ino()) == (intent.device, intent.inode);
        let end = intent.offset.saturating_add(intent.length);
        if is_it && (intent.offset + 1..=end).contains(&metadata.len()) {
            OpenOptions::new()
                .write(true)
                .open(&file)?
                .set_len(intent.offset)?;
        }
    }
    Ok(false)
}

/// Returns true if the bytes at the batch's offset are those of the batch.
fn contains(path: &Path, intent: &Intent) -> io::Result<bool> {
    if !std::fs::metadata(path)?.is_file() {
        return Ok(false);
    }
    let mut reader: Box<dyn BufRead> = Box::new(BufReader::new(File::open(path)?));
    let head = reader.fill_buf()?;
    if head.starts_with(&[0x1f, 0x8b]) {
        reader = Box::new(BufReader::new(MultiGzDecoder::new(reader)));
    } else if head.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        reader = Box::new(BufReader::new(zstd::Decoder::with_buffer(reader)?));
    } else {
        // Plain files need not be read up to the batch.
        let mut file = File::open(path)?;
        io::Seek::seek(&mut file, io::SeekFrom::Start(intent.offset))?;
        return holds(&mut file, intent);
    }
    let skipped = io::copy(&mut (&mut reader).take(intent.offset), &mut io::sink())?;
    Ok(skipped == intent.offset && holds(&mut reader, intent)?)
}

fn holds(reader: &mut impl Read, intent: &Intent) -> io::Result<bool> {
    let mut text = Vec::new();
    reader.take(intent.length).read_to_end(&mut text)?;
    Ok(text.len() as u64 == intent.length && Digest::of(&text) == intent.digest)
}

/// Returns rotated versions of a file beside it, the newest first: `NAME.1` and `NAME-20261125` as
/// logrotate names them, and `STEM-20261125.EXTENSION` (logrotate's `extension`), also compressed.
fn rotated(path: &Path) -> Vec<PathBuf> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
        return Vec::new();
    };
    let mut files: Vec<(SystemTime, PathBuf)> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| {
            entry
                .file_name()
                .to_str()
                .is_some_and(|other| is_rotated(name, other))
        })
        .filter_map(|entry| {
            let metadata = entry.metadata().ok()?;
            metadata
                .is_file()
                .then(|| Some((metadata.modified().ok()?, entry.path())))?
        })
        .collect();
    files.sort();
    files
        .into_iter()
        .rev()
        .take(ROTATED_FILES)
        .map(|(_, path)| path)
        .collect()
}

/// Returns true if the second name is that of the first file after a rotation: only a number or a
/// date was added, and perhaps the suffix of compressed files.
fn is_rotated(name: &str, other: &str) -> bool {
    let other = PACKED
        .iter()
        .find_map(|suffix| other.strip_suffix(suffix))
        .unwrap_or(other);
    let is_stamp = |text: &str| {
        text.starts_with(['.', '-', '_'])
            && text.bytes().any(|byte| byte.is_ascii_digit())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_digit() || b".-_:TZ".contains(&byte))
    };
    if other.strip_prefix(name).is_some_and(is_stamp) {
        return true;
    }
    name.rsplit_once('.').is_some_and(|(stem, extension)| {
        other
            .strip_prefix(stem)
            .and_then(|rest| rest.strip_suffix(extension)?.strip_suffix('.'))
            .is_some_and(is_stamp)
    })
}

#[cfg(test)]
mod tests {
    use super::is_rotated;

    #[test]
    fn only_numbered_and_dated_names_are_rotated_files() {
        for (other, is_so) in [
            ("findings.jsonl.1", true),
            ("findings.jsonl.12.gz", true),
            ("findings.jsonl-20261125", true),
            ("findings.jsonl-20261125.zst", true),
            ("findings-20261125.jsonl", true),
            ("findings-2026-11-25T10-00-00.000.jsonl", true),
            ("findings.1.jsonl", true),
            ("findings.jsonl", false),
            ("findings-all.jsonl", false),
            ("findings2.jsonl", false),
            ("findings.jsonl.bak", false),
            ("other.jsonl", false),
        ] {
            assert_eq!(is_rotated("findings.jsonl", other), is_so, "{other}");
        }
        assert!(is_rotated("findings", "findings-20261125"));
    }
}
