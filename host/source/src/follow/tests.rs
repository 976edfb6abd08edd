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

/// The result of a rotation.
#[derive(Debug, Clone, Copy)]
enum Way {
    /// `audit.log.1`, and the older ones by one more.
    Numbered,
    /// `audit.log.1.gz`, and the older ones by one more.
    Packed,
    /// The name has the time.
    Dated,
    /// logrotate's `copytruncate` with numbers.
    Copied,
}

impl Log {
    fn shift(&self) {
        for number in (1..40).rev() {
            for suffix in ["", ".gz"] {
                let name = |number| {
                    self.folder
                        .path()
                        .join(format!("audit.log.{number}{suffix}"))
                };
                if name(number).exists() {
                    fs::rename(name(number), name(number + 1)).unwrap();
                }
            }
        }
    }

    fn rotate_as(&self, way: Way, round: usize) {
        match way {
            Way::Dated => {
                self.rotate(&format!("audit-2026-11-25T10-{round:02}-00.000.log"));
                self.write("");
            }
            Way::Numbered | Way::Packed => {
                self.shift();
                let old = self.rotate("audit.log.1");
                if matches!(way, Way::Packed) {
                    pack(&old);
                }
                self.write("");
            }
            Way::Copied => {
                self.shift();
                fs::copy(self.path(), self.folder.path().join("audit.log.1")).unwrap();
                File::create(self.path()).unwrap();
            }
        }
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(96))]

    /// However far the reader is behind, however the log is rotated meanwhile, and wherever the host
    /// is restarted, each line is read once and in order, and no gap is told.
    #[test]
    fn reader_that_is_behind_loses_nothing(
        way in proptest::sample::select(vec![Way::Numbered, Way::Packed, Way::Dated, Way::Copied]),
        steps in proptest::collection::vec((0..6_usize, 0..8_usize, 0..4_u8), 1..24),
    ) {
        let log = Log::new();
        log.write("");
        let mut follow = log.follow(Start::Beginning, None);
        let (mut read, mut written, mut checkpoint) = (Vec::new(), Vec::new(), None);
        let mut gaps = Vec::new();
        let mut take = |follow: &mut Follow, count: usize, checkpoint: &mut Option<Vec<u8>>| {
            let chunk = follow.next(count, usize::MAX, Duration::ZERO).unwrap().unwrap();
            gaps.extend(chunk.gaps);
            for line in &chunk.lines {
                read.push(String::from_utf8(line.bytes.to_vec()).unwrap());
            }
            if let Some((_, stored)) = chunk.checkpoints.into_iter().next_back() {
                *checkpoint = Some(stored);
            }
            chunk.lines.len()
        };
        // The file is known before it is rotated for the first time.
        written.push("first".to_owned());
        log.write("first\n");
        take(&mut follow, 1, &mut checkpoint);
        for (round, (lines, taken, then)) in steps.into_iter().enumerate() {
            for line in 0..lines {
                let text = format!("round {round} line {line}");
                log.write(&format!("{text}\n"));
                written.push(text);
            }
            if taken > 0 {
                take(&mut follow, taken, &mut checkpoint);
            }
            match then {
                // An empty file is not rotated (logrotate's `notifempty`).
                0 | 1 if fs::metadata(log.path()).unwrap().len() > 0 => log.rotate_as(way, round),
                2 => follow = log.follow(Start::End, checkpoint.as_deref()),
                _ => {}
            }
        }
        for _ in 0..200 {
            take(&mut follow, 3, &mut checkpoint);
        }
        proptest::prop_assert_eq!(&read, &written);
        proptest::prop_assert_eq!(gaps, Vec::<String>::new());
    }
}

#[test]
fn removed_backlog_is_a_gap() {
    let log = Log::new();
    log.write("one\n");
    let mut follow = log.follow(Start::Beginning, None);
    assert_eq!(Read::all(&mut follow, 10).lines, ["one"]);
    log.write("two\n");
    let first = log.rotate("audit.log.2");
    log.write("three\n");
    let second = log.rotate("audit.log.1");
    log.write("four\n");
    follow.caught_up = None;
    fs::remove_file(first).unwrap();
    fs::remove_file(second).unwrap();
    let read = Read::all(&mut follow, 10);
    assert_eq!(read.lines, ["two", "four"]);
    assert_eq!(read.gaps.len(), 1, "{:?}", read.gaps);
}

#[test]
fn truncated_backlog_is_a_gap() {
    let log = Log::new();
    log.write("one\n");
    log.write(&"x\n".repeat(200_000));
    let mut follow = log.follow(Start::Beginning, None);
    for _ in 0..2 {
        follow.next(1, usize::MAX, Duration::ZERO).unwrap();
    }
    File::create(log.path()).unwrap();
    log.write("new\n");
    let read = Read::all(&mut follow, 1000);
    assert_eq!(read.lines.last().unwrap(), "new");
    assert_eq!(read.gaps.len(), 1, "{:?}", read.gaps);
    assert!(
        read.gaps[0].contains("was truncated before"),
        "{:?}",
        read.gaps
    );
}

#[test]
fn file_rotated_before_it_was_seen_is_read() {
    let log = Log::new();
    fs::write(log.folder.path().join("audit.log.9"), "old\n").unwrap();
    std::thread::sleep(Duration::from_millis(20));
    let mut follow = log.follow(Start::Beginning, None);
    log.write("one\n");
    log.rotate("audit.log.1");
    log.write("two\n");
    let read = Read::all(&mut follow, 10);
    assert_eq!(read.lines, ["one", "two"]);
    let note = follow.states().remove(0).note.unwrap();
    assert!(note.starts_with("1 files beside"), "{note}");
}

/// A path that cannot be followed is told, and nothing waits for it.
#[test]
fn path_that_is_no_log_is_told() {
    use std::os::unix::fs::symlink;
    let problem = |make: &dyn Fn(&Path)| {
        let log = Log::new();
        make(&log.path());
        let mut follow = log.follow(Start::Beginning, None);
        drop(follow.next(10, usize::MAX, Duration::ZERO));
        let problem = follow.states().remove(0).problem;
        let path = format!("{}", log.folder.path().display());
        problem.unwrap_or_default().replace(&path, "")
    };
    let pipe = |path: &Path| {
        let made = std::process::Command::new("mkfifo").arg(path).status();
        assert!(made.unwrap().success());
    };
    for (make, expected) in [
        (
            &(|_: &Path| {}) as &dyn Fn(&Path),
            "/audit.log does not exist",
        ),
        (
            &|path| symlink("gone", path).unwrap(),
            "/audit.log is a link to gone, which does not exist",
        ),
        (
            &|path| fs::create_dir(path).unwrap(),
            "cannot open /audit.log: it is a directory, not a file",
        ),
        (&pipe, "cannot open /audit.log: it is a pipe, not a file"),
        (
            &|path| fs::write(path, vec![7; 5000]).unwrap(),
            "/audit.log has 5000 bytes and not one complete line",
        ),
        (&|path| fs::write(path, "").unwrap(), ""),
        (&|path| fs::write(path, "{}\n").unwrap(), ""),
    ] {
        assert_eq!(problem(make), expected);
    }
}
