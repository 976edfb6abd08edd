use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;

use super::Stdout;
use crate::fixture::{finding, outgoing};
use crate::{DeliverError, Sink};

fn texts() -> Vec<(u64, String)> {
    vec![(1, "one".to_owned()), (2, "two".to_owned())]
}

#[test]
fn findings_are_lines_of_a_pipe() {
    let (mut reader, writer) = std::io::pipe().unwrap();
    let finding = finding(1);
    let mut sink = Stdout::to(OwnedFd::from(writer).into());
    sink.deliver(&outgoing(&finding, &texts())).unwrap();
    drop(sink);
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    assert_eq!(text, "one\ntwo\n");
}

#[test]
fn pipe_without_a_reader_is_closed() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let finding = finding(1);
    let mut sink = Stdout::to(OwnedFd::from(writer).into());
    let error = sink.deliver(&outgoing(&finding, &texts())).unwrap_err();
    assert!(matches!(error, DeliverError::Closed), "{error}");
}

#[test]
fn full_device_is_a_temporary_failure() {
    let full = File::options().write(true).open("/dev/full").unwrap();
    let finding = finding(1);
    let error = Stdout::to(full)
        .deliver(&outgoing(&finding, &texts()))
        .unwrap_err();
    assert!(
        matches!(error, DeliverError::Temporary { taken: 0, .. }),
        "{error}"
    );
}
