//! The real binary, `wardline run`, with sinks that fail, hang, or are rotated.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::host::{Host, eventually};
use crate::support::judged::{assert_each_once, judged_lenient};
use crate::support::{detector, event};

fn open(sinks: &str) -> Host {
    let host = Host::new();
    host.configure(sinks);
    host.install(&detector("tests/detectors/witness"), "witness");
    host
}

fn write(host: &Host, numbers: std::ops::RangeInclusive<u64>) {
    for number in numbers {
        host.write(&event(number, "bob", "get", "pods"));
    }
}

fn count(findings: &Path) -> u64 {
    judged_lenient(findings).len() as u64
}

fn make_pipe(path: &Path) {
    let made = Command::new("mkfifo").arg(path).status().unwrap();
    assert!(made.success());
}

fn has_metric(host: &Host, line: &str) -> bool {
    host.get("/metrics").contains(line)
}

#[test]
fn full_disk_delays_one_sink_and_tears_no_line() {
    let mut host = open("[[sink]]\ntype = \"file\"\nname = \"full\"\npath = \"full.jsonl\"\n");
    let full = host.path("full.jsonl");
    std::os::unix::fs::symlink("/dev/full", &full).unwrap();
    host.start();
    write(&host, 1..=20);
    eventually("the other sink has all", || count(&host.findings()) == 20);
    eventually("the lag is shown", || {
        has_metric(&host, "wardline_sink_lag_findings{sink=\"full\"} 20")
            && !has_metric(&host, "wardline_sink_errors_total{sink=\"full\"} 0")
    });
    eventually("all are judged", || host.status()["findings"] == 20);
    // There is room again.
    fs::remove_file(&full).unwrap();
    eventually("the sink has all", || count(&full) == 20);
    eventually("nothing is left", || {
        has_metric(&host, "wardline_undelivered_findings 0")
    });
    assert_eq!(host.stop(), Some(0), "{}", host.log());
    assert_each_once(&full, 20);
    assert_each_once(&host.findings(), 20);
    assert_eq!(
        host.log().matches("will be delivered later").count(),
        1,
        "one line for all failures in a row"
    );
}

#[test]
fn partly_written_batch_is_undone() {
    const LIMIT: usize = 16 << 20;
    let mut host = open("");
    // A file that has room for one or two findings.
    let findings = host.findings();
    let earlier = format!("{{\"earlier\":\"{}\"}}\n", "x".repeat(LIMIT - 3_000));
    fs::write(&findings, &earlier).unwrap();
    host.start_limited(LIMIT);
    write(&host, 1..=20);
    eventually("a write fails", || {
        !has_metric(
            &host,
            "wardline_sink_errors_total{sink=\"findings.jsonl\"} 0",
        )
    });
    let rotated = host.path("findings.jsonl.1");
    fs::rename(&findings, &rotated).unwrap();
    let text = fs::read_to_string(&rotated).unwrap();
    let before = text.strip_prefix(&earlier).unwrap();
    eventually("all are delivered", || {
        count(&findings) + before.lines().count() as u64 == 20
    });
    assert_eq!(host.stop(), Some(0), "{}", host.log());
    assert!(before.is_empty() || before.ends_with('\n'), "{before}");
    let all = host.path("all");
    fs::write(
        &all,
        format!("{before}{}", fs::read_to_string(&findings).unwrap()),
    )
    .unwrap();
    assert_each_once(&all, 20);
}

#[test]
fn sink_that_hangs_delays_neither_judging_nor_the_end() {
    let mut host = open("[[sink]]\ntype = \"file\"\nname = \"hangs\"\npath = \"hangs\"\n");
    // Nobody reads the pipe, which takes 64 KiB.
    make_pipe(&host.path("hangs"));
    for last in [200, 210] {
        host.start();
        write(&host, if last == 200 { 1..=200 } else { 201..=210 });
        eventually("the other sink has all", || count(&host.findings()) == last);
        assert_eq!(host.stop(), Some(0), "{}", host.log());
    }
    assert_each_once(&host.findings(), 210);
    assert!(host.log().contains("kept for the next start"));
    // With a reader, everything arrives from the beginning.
    let (pipe, copy) = (host.path("hangs"), host.path("copy"));
    let reader = {
        let copy = copy.clone();
        std::thread::spawn(move || {
            let mut pipe = fs::File::open(pipe).unwrap();
            let mut copy = fs::File::create(copy).unwrap();
            std::io::copy(&mut pipe, &mut copy).unwrap()
        })
    };
    host.start();
    eventually("the slow sink has all", || count(&copy) == 210);
    assert_eq!(host.stop(), Some(0), "{}", host.log());
    reader.join().unwrap();
    assert_each_once(&copy, 210);
}

/// Kills, rotations by rename, and a sink that is down all the time.
#[test]
fn kills_and_rotations_lose_and_repeat_nothing() {
    let mut host =
        open("[[sink]]\ntype = \"file\"\nname = \"down\"\npath = \"later/findings.jsonl\"\n");
    let findings = host.findings();
    let mut rotated: Vec<PathBuf> = Vec::new();
    let seen = |rotated: &[PathBuf]| -> u64 {
        rotated.iter().map(|file| count(file)).sum::<u64>() + count(&findings)
    };
    let mut last = 0;
    for round in 0..5 {
        host.start();
        write(&host, last + 1..=last + 100);
        let before = seen(&rotated);
        last += 100;
        eventually("some are judged", || seen(&rotated) > before);
        let old = host.path(&format!("findings.jsonl.{round}"));
        fs::rename(&findings, &old).unwrap();
        rotated.push(old);
        match round {
            4 => assert_eq!(host.stop(), Some(0), "{}", host.log()),
            _ => host.kill(),
        }
    }
    fs::create_dir(host.path("later")).unwrap();
    host.start();
    let later = host.path("later/findings.jsonl");
    eventually("all are delivered", || {
        seen(&rotated) >= last && count(&later) == last
    });
    assert_eq!(host.stop(), Some(0), "{}", host.log());
    let all: String = rotated
        .iter()
        .chain([&findings])
        .map(|file| fs::read_to_string(file).unwrap_or_default())
        .collect();
    fs::write(host.path("all"), all).unwrap();
    assert_each_once(&host.path("all"), last);
    assert_each_once(&later, last);
}

#[test]
fn host_ends_when_the_reader_of_standard_output_does() {
    let mut host = open("[[sink]]\ntype = \"stdout\"\nformat = \"text\"\n");
    host.start_with(Stdio::piped());
    write(&host, 1..=1);
    let mut stdout = host.stdout();
    let mut first = [0; 20];
    stdout.read_exact(&mut first).unwrap();
    assert!(first.starts_with(b"2026-11-25T"), "{first:?}");
    drop(stdout);
    write(&host, 2..=2);
    assert_eq!(host.ended(), Some(0), "{}", host.log());
    assert!(host.log().contains("the reader of standard output is gone"));
    assert_each_once(&host.findings(), 2);
}
