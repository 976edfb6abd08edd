use std::collections::VecDeque;
use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use wardline_finding::export::Form;

use super::FileSink;
use crate::fixture::{finding, outgoing};
use crate::journal::{Intent, Journal};
use crate::line::Digest;
use crate::{DeliverError, Sink};

fn deliver(sink: &mut FileSink, numbers: std::ops::RangeInclusive<u64>) {
    let texts: Vec<(u64, String)> = numbers.map(|number| (number, number.to_string())).collect();
    let finding = finding(1);
    sink.deliver(&outgoing(&finding, &texts)).unwrap();
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

fn journal(folder: &Path, last: u64) -> Journal {
    Journal::open(&folder.join("journal"), last)
}

/// The fate of a batch that is being delivered.
#[derive(Debug, Clone, Copy)]
enum Fate {
    /// The sink has it, and its cursor is saved.
    Saved,
    /// The sink has it, and the host is killed before the cursor is saved.
    Delivered,
    /// The host is killed before the first byte is written, or after this share of them.
    Cut(f64),
    /// The disk is full; the host goes on.
    Full,
}

/// A change of the file by another program before the host starts again.
#[derive(Debug, Clone, Copy)]
enum Rotation {
    Stays,
    Renamed,
    Packed,
    Copied,
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        Just(Fate::Saved),
        Just(Fate::Delivered),
        Just(Fate::Cut(0.0)),
        (0.0..=1.0).prop_map(Fate::Cut),
        Just(Fate::Full),
    ]
}

fn rotation() -> impl Strategy<Value = Rotation> {
    prop_oneof![
        3 => Just(Rotation::Stays),
        1 => Just(Rotation::Renamed),
        1 => Just(Rotation::Packed),
        1 => Just(Rotation::Copied),
    ]
}

struct Machine {
    folder: tempfile::TempDir,
    form: Form,
    /// The number of the last committed finding.
    last: u64,
    /// The cursor in the store.
    saved: u64,
    /// Rotated files, oldest first.
    rotated: Vec<PathBuf>,
}

impl Machine {
    fn path(&self) -> PathBuf {
        self.folder.path().join("findings")
    }

    fn start(&self) -> (FileSink, u64) {
        let mut sink = FileSink::new(
            &self.path(),
            None,
            self.form,
            journal(self.folder.path(), self.last),
        );
        let delivered = sink.open().unwrap();
        (sink, self.saved.max(delivered))
    }

    /// Leaves what a kill leaves in the middle of a batch: the journal, and a part of the bytes.
    fn cut(&self, first: u64, last: u64, share: f64) {
        let path = self.path();
        let metadata = fs::metadata(&path).unwrap();
        let mut text: String = (first..=last).map(|number| format!("{number}\n")).collect();
        if let (Some(header), 0) = (self.form.header(), metadata.len()) {
            text = format!("{header}\n{text}");
        }
        journal(self.folder.path(), self.last)
            .note(Intent {
                before: first - 1,
                last,
                device: metadata.dev(),
                inode: metadata.ino(),
                offset: metadata.len(),
                length: text.len() as u64,
                digest: Digest::of(text.as_bytes()),
            })
            .unwrap();
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss
        )]
        let length = (share * text.len() as f64) as usize;
        let mut file = fs::OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(&text.as_bytes()[..length]).unwrap();
    }

    fn rotate(&mut self, rotation: Rotation) {
        let old = self
            .folder
            .path()
            .join(format!("findings.{}", self.rotated.len()));
        match rotation {
            Rotation::Stays => return,
            Rotation::Renamed => fs::rename(self.path(), &old).unwrap(),
            Rotation::Packed => {
                let packed = old.with_extension(format!("{}.gz", self.rotated.len()));
                let mut encoder = flate2::write::GzEncoder::new(
                    fs::File::create(&packed).unwrap(),
                    flate2::Compression::fast(),
                );
                encoder.write_all(&fs::read(self.path()).unwrap()).unwrap();
                encoder.finish().unwrap();
                fs::remove_file(self.path()).unwrap();
                return self.rotated.push(packed);
            }
            Rotation::Copied => {
                fs::copy(self.path(), &old).unwrap();
                fs::File::options()
                    .write(true)
                    .truncate(true)
                    .open(self.path())
                    .unwrap();
            }
        }
        self.rotated.push(old);
    }

    fn all(&self) -> String {
        let mut all = String::new();
        for file in self.rotated.iter().chain([&self.path()]) {
            let bytes = fs::read(file).unwrap_or_default();
            if file.extension().is_some_and(|extension| extension == "gz") {
                flate2::read::GzDecoder::new(bytes.as_slice())
                    .read_to_string(&mut all)
                    .unwrap();
            } else {
                all.push_str(&String::from_utf8(bytes).unwrap());
            }
        }
        all
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Wherever the host is killed and however the file is rotated, each finding is in one of the
    /// files, whole, once, and in order. A batch that was cut off and whose file was compressed or
    /// copied as it was is the exception: its beginning stays in that copy.
    #[test]
    fn kills_and_rotations_neither_repeat_nor_lose(
        csv in any::<bool>(),
        batches in prop::collection::vec((1..5_u64, fate(), rotation()), 1..14),
    ) {
        let form = if csv { Form::Csv } else { Form::Jsonl };
        let mut machine = Machine {
            folder: tempfile::tempdir().unwrap(),
            form,
            last: 0,
            saved: 0,
            rotated: Vec::new(),
        };
        let (mut sink, mut cursor) = machine.start();
        let mut waiting: VecDeque<(u64, Fate, Rotation)> = batches.into();
        while let Some((count, fate, rotation)) = waiting.pop_front() {
            machine.last += count;
            let (first, last) = (cursor + 1, machine.last);
            let mut rotation = rotation;
            match fate {
                Fate::Saved => {
                    deliver(&mut sink, first..=last);
                    cursor = last;
                    machine.saved = cursor;
                    machine.rotate(rotation);
                    continue;
                }
                Fate::Delivered => deliver(&mut sink, first..=last),
                Fate::Cut(share) => {
                    sink.file.open().unwrap();
                    machine.cut(first, last, share);
                    if !matches!(rotation, Rotation::Stays) {
                        rotation = Rotation::Renamed;
                    }
                }
                Fate::Full => {
                    // The batch is noted and not written; a larger one follows.
                    let texts = [crate::line::Line { number: first, text: b"x" }];
                    let failed = sink.file.append_noted(&texts, |_| {
                        Err(std::io::ErrorKind::StorageFull.into())
                    });
                    prop_assert!(failed.is_err());
                    continue;
                }
            }
            machine.rotate(rotation);
            drop(sink);
            (sink, cursor) = machine.start();
        }
        if cursor < machine.last {
            deliver(&mut sink, cursor + 1..=machine.last);
        }
        let all = machine.all();
        let lines: Vec<&str> = all
            .lines()
            .filter(|line| Some(*line) != form.header())
            .collect();
        let expected: Vec<String> = (1..=machine.last).map(|number| number.to_string()).collect();
        prop_assert_eq!(lines, expected);
    }
}

#[test]
fn batch_that_was_cut_off_is_removed_from_the_rotated_file() {
    let mut machine = Machine {
        folder: tempfile::tempdir().unwrap(),
        form: Form::Jsonl,
        last: 2,
        saved: 0,
        rotated: Vec::new(),
    };
    let (mut sink, _) = machine.start();
    deliver(&mut sink, 1..=2);
    machine.last = 6;
    machine.cut(3, 6, 0.6);
    machine.rotate(Rotation::Renamed);
    assert_eq!(
        read(&machine.rotated[0]),
        "1\n2\n3\n4\n",
        "whole lines, but not the batch"
    );
    let (mut sink, cursor) = machine.start();
    assert_eq!(cursor, 2);
    deliver(&mut sink, 3..=6);
    assert_eq!(machine.all(), "1\n2\n3\n4\n5\n6\n");
}

#[test]
fn nothing_is_written_that_was_not_noted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("findings.jsonl");
    // The journal's path is a directory.
    fs::create_dir(folder.path().join("journal")).unwrap();
    let mut sink = FileSink::new(&path, None, Form::Jsonl, journal(folder.path(), 0));
    let finding = finding(1);
    let error = sink
        .deliver(&outgoing(&finding, &[(1, "1".to_owned())]))
        .unwrap_err();
    assert!(
        matches!(error, DeliverError::Temporary { taken: 0, .. }),
        "{error}"
    );
    assert_eq!(read(&path), "");
}

#[test]
fn renamed_file_is_begun_again_with_its_header() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("findings.csv");
    let mut sink = FileSink::new(&path, None, Form::Csv, journal(folder.path(), 0));
    deliver(&mut sink, 1..=1);
    std::fs::rename(&path, folder.path().join("old")).unwrap();
    deliver(&mut sink, 2..=3);
    let header = Form::Csv.header().unwrap();
    assert_eq!(read(&path), format!("{header}\n2\n3\n"));
    // As logrotate's `copytruncate` does.
    std::fs::write(&path, "").unwrap();
    deliver(&mut sink, 4..=4);
    assert_eq!(read(&path), format!("{header}\n4\n"));
}

#[test]
fn file_that_cannot_be_opened_is_a_temporary_failure() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("later/findings.jsonl");
    let mut sink = FileSink::new(&path, None, Form::Jsonl, journal(folder.path(), 9));
    let finding = finding(1);
    let error = sink
        .deliver(&outgoing(&finding, &[(1, "1".to_owned())]))
        .unwrap_err();
    assert!(
        matches!(error, DeliverError::Temporary { taken: 0, .. }),
        "{error}"
    );
    std::fs::create_dir(folder.path().join("later")).unwrap();
    deliver(&mut sink, 1..=1);
    assert_eq!(read(&path), "1\n");
}
