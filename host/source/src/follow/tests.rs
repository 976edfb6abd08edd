use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Follow, Start};
use crate::{Limits, Source};

const LIMITS: Limits = Limits {
    line: 1000,
    document: 1000,
};

struct Log {
    folder: tempfile::TempDir,
}

impl Log {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("audit.log")
    }

    fn write(&self, text: &str) {
        let mut file = OpenOptions::new()
            .append(true)
            .create(true)
            .open(self.path())
            .unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    fn rotate(&self, name: &str) -> PathBuf {
        let to = self.folder.path().join(name);
        fs::rename(self.path(), &to).unwrap();
        to
    }

    fn follow(&self, start: Start, checkpoint: Option<&[u8]>) -> Follow {
        let mut follow = Follow::open("log", &self.path(), start, checkpoint, LIMITS).unwrap();
        follow.grace = Duration::ZERO;
        follow
    }
}

#[derive(Debug, Default)]
struct Read {
    lines: Vec<String>,
    numbers: Vec<u64>,
    checkpoint: Option<Vec<u8>>,
    gaps: Vec<String>,
}

impl Read {
    /// Reads until there is nothing more, `at_once` lines at a time.
    fn all(follow: &mut Follow, at_once: usize) -> Self {
        let mut read = Self::default();
        loop {
            let chunk = follow
                .next(at_once, usize::MAX, Duration::ZERO)
                .unwrap()
                .unwrap();
            read.gaps.extend(chunk.gaps);
            for (name, checkpoint) in chunk.checkpoints {
                assert_eq!(name, "log");
                read.checkpoint = Some(checkpoint);
            }
            if chunk.lines.is_empty() {
                return read;
            }
            for line in chunk.lines {
                read.lines
                    .push(String::from_utf8(line.bytes.to_vec()).unwrap());
                read.numbers.push(line.line);
            }
        }
    }
}

fn pack(path: &Path) {
    let packed = File::create(format!("{}.gz", path.display())).unwrap();
    let mut encoder = flate2::write::GzEncoder::new(packed, flate2::Compression::fast());
    encoder.write_all(&fs::read(path).unwrap()).unwrap();
    encoder.finish().unwrap();
    fs::remove_file(path).unwrap();
}

#[test]
fn delivers_only_complete_lines_as_they_are_written() {
    let log = Log::new();
    let mut follow = log.follow(Start::Beginning, None);
    assert!(Read::all(&mut follow, 10).lines.is_empty());
    log.write("one\ntw");
    assert_eq!(Read::all(&mut follow, 10).lines, ["one"]);
    log.write("o\n\nthree\n");
    let read = Read::all(&mut follow, 10);
    assert_eq!(read.lines, ["two", "three"]);
    assert_eq!(read.numbers, [2, 4]);
}

#[test]
fn restart_neither_loses_nor_repeats_lines() {
    let log = Log::new();
    let mut checkpoint = None;
    let mut lines = Vec::new();
    for round in 0..5 {
        log.write(&format!("a{round}\nb{round}\npart of "));
        let mut follow = log.follow(Start::End, checkpoint.as_deref());
        if round == 0 {
            follow = log.follow(Start::Beginning, None);
        }
        let read = Read::all(&mut follow, 1);
        lines.extend(read.lines);
        checkpoint = read.checkpoint.or(checkpoint);
    }
    let expected: Vec<String> = (0..5)
        .flat_map(|round| {
            let before = if round == 0 { "" } else { "part of " };
            [format!("{before}a{round}"), format!("b{round}")]
        })
        .collect();
    assert_eq!(lines, expected);
}

#[test]
fn start_at_end_skips_the_rest_of_a_partial_line() {
    let log = Log::new();
    log.write("old\nha");
    let mut follow = log.follow(Start::End, None);
    assert!(Read::all(&mut follow, 10).lines.is_empty());
    log.write("lf\nnew\n");
    assert_eq!(Read::all(&mut follow, 10).lines, ["new"]);
}

#[test]
fn rotation_by_renaming_loses_nothing() {
    let log = Log::new();
    log.write("one\n");
    let mut follow = log.follow(Start::Beginning, None);
    assert_eq!(Read::all(&mut follow, 10).lines, ["one"]);
    log.write("two\n");
    let old = log.rotate("audit-2026-11-25T10-00-00.000.log");
    // The writer has not noticed the rename yet.
    fs::write(&old, "one\ntwo\nlate\n").unwrap();
    log.write("three\n");
    log.rotate("audit-2026-11-25T11-00-00.000.log");
    log.write("four\nfi");
    log.rotate("audit-2026-11-25T12-00-00.000.log");
    log.write("six\n");
    let read = Read::all(&mut follow, 1);
    assert_eq!(read.lines, ["two", "late", "three", "four", "fi", "six"]);
    assert_eq!(read.gaps, [""; 0]);
}

#[test]
fn finds_a_file_rotated_and_compressed_during_a_restart() {
    let log = Log::new();
    log.write("one\ntwo\n");
    let checkpoint = Read::all(&mut log.follow(Start::Beginning, None), 10).checkpoint;
    log.write("three\n");
    pack(&log.rotate("audit-2026-11-25T10-00-00.000.log"));
    log.write("four\n");
    pack(&log.rotate("audit-2026-11-25T11-00-00.000.log"));
    log.write("five\n");
    let read = Read::all(&mut log.follow(Start::End, checkpoint.as_deref()), 1);
    assert_eq!(read.lines, ["three", "four", "five"]);
    assert_eq!(read.numbers, [3, 4, 5]);
    assert_eq!(read.gaps, [""; 0]);
}

#[test]
fn resumes_after_any_line() {
    let log = Log::new();
    for file in 0..3 {
        log.write(&format!("{file}a\n{file}b\n"));
        if file < 2 {
            log.rotate(&format!("audit.log.{}", 2 - file));
        }
    }
    // The oldest file is known from a checkpoint at its beginning.
    let oldest = log.folder.path().join("audit.log.2");
    let mut first = Follow::open("log", &oldest, Start::Beginning, None, LIMITS).unwrap();
    let mut checkpoint = first
        .next(1, usize::MAX, Duration::ZERO)
        .unwrap()
        .unwrap()
        .checkpoints
        .pop()
        .unwrap()
        .1;
    let mut lines = Vec::new();
    loop {
        let mut follow = log.follow(Start::End, Some(&checkpoint));
        let chunk = follow.next(1, usize::MAX, Duration::ZERO).unwrap().unwrap();
        let Some(line) = chunk.lines.first() else {
            break;
        };
        lines.push(String::from_utf8(line.bytes.to_vec()).unwrap());
        checkpoint = chunk.checkpoints.last().unwrap().1.clone();
    }
    assert_eq!(lines, ["0b", "1a", "1b", "2a", "2b"]);
}

#[test]
fn truncated_file_is_read_from_its_beginning() {
    let log = Log::new();
    log.write("one\ntwo\nthr");
    let mut follow = log.follow(Start::Beginning, None);
    assert_eq!(Read::all(&mut follow, 10).lines, ["one", "two"]);
    File::create(log.path()).unwrap();
    log.write("four\n");
    let read = Read::all(&mut follow, 10);
    // A line that cannot become complete is delivered, and rejected by the decoder.
    assert_eq!(read.lines, ["thr", "four"]);
    assert_eq!(read.numbers, [3, 4]);
    // The file is longer than before, so that only its beginning tells.
    File::create(log.path()).unwrap();
    log.write("five is a longer line\nsix\n");
    assert_eq!(
        Read::all(&mut follow, 10).lines,
        ["five is a longer line", "six"]
    );
}

#[test]
fn file_missing_after_a_restart_is_a_gap() {
    let log = Log::new();
    log.write("one\n");
    let checkpoint = Read::all(&mut log.follow(Start::Beginning, None), 10).checkpoint;
    fs::remove_file(log.path()).unwrap();
    log.write("two\n");
    let read = Read::all(&mut log.follow(Start::End, checkpoint.as_deref()), 10);
    assert_eq!(read.lines, ["two"]);
    assert_eq!(read.gaps.len(), 1, "{:?}", read.gaps);
}

#[test]
fn damaged_rotated_file_does_not_stop_the_others() {
    let log = Log::new();
    log.write("one\n");
    let checkpoint = Read::all(&mut log.follow(Start::Beginning, None), 10).checkpoint;
    log.rotate("audit.log.2");
    fs::write(
        log.folder.path().join("audit.log.1.gz"),
        [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3],
    )
    .unwrap();
    log.write("three\n");
    let read = Read::all(&mut log.follow(Start::End, checkpoint.as_deref()), 10);
    assert_eq!(read.lines, ["three"]);
    assert_eq!(read.gaps.len(), 1, "{:?}", read.gaps);
}

#[test]
fn rejects_a_foreign_checkpoint() {
    let log = Log::new();
    let error = Follow::open("log", &log.path(), Start::End, Some(b"{}"), LIMITS).err();
    assert!(
        error
            .unwrap()
            .to_string()
            .contains("the stored checkpoint of log")
    );
}
