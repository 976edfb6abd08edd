use std::path::Path;

use wardline_finding::export::Form;

use super::FileSink;
use crate::fixture::{finding, outgoing};
use crate::{DeliverError, Sink};

fn deliver(sink: &mut FileSink, numbers: std::ops::RangeInclusive<u64>) {
    let texts: Vec<(u64, String)> = numbers.map(|number| (number, number.to_string())).collect();
    let finding = finding(1);
    sink.deliver(&outgoing(&finding, &texts)).unwrap();
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn findings_of_an_earlier_process_are_not_written_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("findings.jsonl");
    std::fs::write(&path, "3\n4\n5").unwrap();
    // Rotated by rename after an earlier process wrote them; the last is of another sink.
    std::fs::write(folder.path().join("findings.jsonl.1"), "1\n").unwrap();
    std::fs::write(folder.path().join("findings-20261125.jsonl"), "2\n").unwrap();
    std::fs::write(folder.path().join("findings-all.jsonl"), "5\n6\n").unwrap();
    let mut sink = FileSink::new(&path, None, Form::Jsonl, 6);
    deliver(&mut sink, 1..=4);
    assert_eq!(read(&path), "3\n4\n", "the incomplete line is removed");
    deliver(&mut sink, 5..=8);
    assert_eq!(read(&path), "3\n4\n5\n6\n7\n8\n");
    assert!(sink.recent.is_none(), "the memory is released");
    // Findings of this process are not compared.
    deliver(&mut sink, 8..=8);
    assert_eq!(read(&path), "3\n4\n5\n6\n7\n8\n8\n");
}

#[test]
fn renamed_file_is_begun_again_with_its_header() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("findings.csv");
    let mut sink = FileSink::new(&path, None, Form::Csv, 0);
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
    let mut sink = FileSink::new(&path, None, Form::Jsonl, 9);
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
