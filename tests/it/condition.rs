//! The real binary, `wardline run`: whether it tells the truth about itself, and works on when its
//! disk is full, its store is damaged, or a source cannot be read.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::host::{Host, eventually};
use crate::support::judged::{assert_each_once, judged_lenient};
use crate::support::sender::{Sender, free_port};
use crate::support::{detector, event};

fn witness() -> PathBuf {
    detector("tests/detectors/witness")
}

fn write(host: &Host, numbers: std::ops::RangeInclusive<u64>) {
    for number in numbers {
        host.write(&event(number, "bob", "get", "pods"));
    }
}

fn count(findings: &Path) -> u64 {
    judged_lenient(findings).len() as u64
}

/// A small disk, until it is dropped.
struct Disk(PathBuf);

impl Disk {
    /// Returns `None` where tests may not mount file systems.
    fn mount(at: &Path, size: &str) -> Option<Self> {
        fs::create_dir_all(at).unwrap();
        let mounted = Command::new("mount")
            .args([
                "-t",
                "tmpfs",
                "-o",
                &format!("size={size}"),
                "wardline-test",
            ])
            .arg(at)
            .output();
        mounted
            .is_ok_and(|output| output.status.success())
            .then(|| Self(at.to_owned()))
    }

    /// Leaves no byte.
    fn fill(&self) {
        let filler = "x".repeat(1 << 16);
        let mut file = fs::File::create(self.0.join("filler")).unwrap();
        while std::io::Write::write_all(&mut file, filler.as_bytes()).is_ok() {}
    }

    fn free(&self) {
        fs::remove_file(self.0.join("filler")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn full_state_directory_delays_and_loses_nothing() {
    let mut host = Host::new();
    host.install(&witness(), "witness");
    host.configure("[host]\ncache-directory = \"cache\"\n");
    let Some(disk) = Disk::mount(&host.path("wardline-state"), "24m") else {
        return;
    };
    host.start();
    write(&host, 1..=10);
    eventually("the first are judged", || count(&host.findings()) == 10);
    disk.fill();
    let mut last = 10;
    eventually("the store cannot be written", || {
        write(&host, last + 1..=last + 50);
        last += 50;
        host.readiness()
            .1
            .contains("the state directory cannot be written")
    });
    let status = host.report();
    assert!(status["store"]["failure"].is_string(), "{status}");
    // A kill while it is full: the host waits for space and then starts.
    host.kill();
    host.launch();
    write(&host, last + 1..=last + 10);
    last += 10;
    disk.free();
    eventually("all are judged", || {
        host.assert_runs();
        count(&host.findings()) == last
    });
    disk.fill();
    eventually("the store cannot be written again", || {
        write(&host, last + 1..=last + 50);
        last += 50;
        !host.readiness().0
    });
    disk.free();
    eventually("the rest is judged", || count(&host.findings()) == last);
    eventually("the host is ready", || host.readiness().0);
    assert_eq!(host.stop(), Some(0), "{}", host.log());
    assert_each_once(&host.findings(), last);
    assert!(
        host.log()
            .contains("the state directory can be written again")
    );
}

/// The findings file's disk is full; meanwhile the host is killed, and stopped in order.
#[test]
fn full_disk_of_a_sink_neither_tears_nor_repeats() {
    let mut host = Host::new();
    host.install(&witness(), "witness");
    host.configure(
        "[[sink]]\ntype = \"file\"\nname = \"small\"\npath = \"small/findings.jsonl\"\n",
    );
    let Some(disk) = Disk::mount(&host.path("small"), "256k") else {
        return;
    };
    let small = host.path("small/findings.jsonl");
    let mut last = 0;
    for round in 0..4 {
        host.start();
        if round == 1 {
            disk.fill();
        }
        write(&host, last + 1..=last + 40);
        last += 40;
        eventually("the other sink has all", || count(&host.findings()) == last);
        if round == 1 {
            eventually("the failure is shown", || {
                let status = host.report();
                status["sinks"][1]["failure"]["error"]
                    .as_str()
                    .is_some_and(|error| error.contains("small/findings.jsonl"))
            });
        }
        let text = fs::read_to_string(&small).unwrap_or_default();
        assert!(text.is_empty() || text.ends_with('\n'), "no part of a line");
        match round {
            0 | 2 => host.kill(),
            _ => assert_eq!(host.stop(), Some(0), "{}", host.log()),
        }
    }
    disk.free();
    host.start();
    eventually("the small disk has all", || count(&small) == last);
    assert_eq!(host.stop(), Some(0), "{}", host.log());
    assert_each_once(&small, last);
    assert_each_once(&host.findings(), last);
}

#[test]
fn damaged_store_is_put_aside_and_told() {
    let mut host = Host::new();
    host.install(&witness(), "witness");
    host.start();
    write(&host, 1..=20);
    eventually("all are judged", || count(&host.findings()) == 20);
    assert_eq!(host.stop(), Some(0), "{}", host.log());
    let store = host.path("wardline-state/state.redb");
    let mut bytes = fs::read(&store).unwrap();
    for byte in bytes.iter_mut().step_by(97) {
        *byte ^= 0x40;
    }
    fs::write(&store, &bytes).unwrap();
    host.start();
    let status = host.report();
    let kept_as = status["store"]["replaced"]
        .as_str()
        .unwrap_or_else(|| panic!("{status}"));
    assert_eq!(fs::read(host.path(kept_as)).unwrap(), bytes);
    assert!(host.log().contains("put aside"), "{}", host.log());
    write(&host, 21..=30);
    eventually("events are judged", || count(&host.findings()) == 30);
    assert!(host.ask(&["status"]).contains("put aside as"));
    assert_eq!(host.stop(), Some(0), "{}", host.log());
}

#[test]
fn source_that_is_not_read_is_told() {
    let paths = ["missing", "directory", "dangling", "pipe", "binary"];
    let sources: String = paths
        .map(|path| format!("[[source]]\ntype = \"file\"\npath = \"{path}\"\n"))
        .concat();
    let mut host = Host::new();
    host.configure(&sources);
    host.install(&witness(), "witness");
    fs::create_dir(host.path("directory")).unwrap();
    symlink("nowhere", host.path("dangling")).unwrap();
    fs::write(host.path("binary"), [0, 1, 2, 3].repeat(5000)).unwrap();
    let made = Command::new("mkfifo")
        .arg(host.path("pipe"))
        .status()
        .unwrap();
    assert!(made.success());
    host.launch();
    eventually("all problems are told", || {
        let (is_ready, problems) = host.readiness();
        assert!(!is_ready);
        paths
            .iter()
            .all(|path| problems.contains(&format!("the source {path} ")))
    });
    // Other sources are read all the same.
    write(&host, 1..=10);
    eventually("the log is judged", || count(&host.findings()) == 10);
    let shown = host.ask(&["status"]);
    assert!(shown.contains("not ready"), "{shown}");
    for text in [
        "it is a pipe",
        "it is a directory",
        "nowhere, which does not exist",
        "source audit: ",
    ] {
        assert!(shown.contains(text), "{text}: {shown}");
    }
    for path in paths {
        let path = host.path(path);
        if fs::remove_file(&path).is_err() {
            let _ = fs::remove_dir(&path);
        }
        let line = event(100, "alice", "get", "pods");
        fs::write(&path, format!("{line}\n")).unwrap();
    }
    eventually("the host is ready", || host.readiness().0);
    assert_eq!(host.stop(), Some(0), "{}", host.log());
}

#[test]
fn lines_without_events_make_a_source_unready() {
    let mut host = Host::new();
    host.install(&witness(), "witness");
    host.start();
    for number in 0..5 {
        host.write(&format!(
            "Nov 25 10:00:0{number} node sshd[1]: session opened"
        ));
    }
    eventually("the source is not ready", || {
        host.readiness().1.contains("not one audit event")
    });
    write(&host, 1..=1);
    eventually("the host is ready", || host.readiness().0);
    assert_eq!(host.stop(), Some(0), "{}", host.log());
}

#[test]
fn daemon_survives_signals_of_daemons() {
    let mut host = Host::new();
    host.install(&witness(), "witness");
    host.start();
    for name in ["HUP", "USR1", "USR2"] {
        host.signal(name);
        eventually("the signal is told", || {
            host.log().contains(&format!("SIG{name}"))
        });
    }
    write(&host, 1..=3);
    eventually("all are judged", || count(&host.findings()) == 3);
    assert_eq!(host.stop(), Some(0), "{}", host.log());
}

fn webhook(limits: &str) -> (Host, Sender) {
    let port = free_port();
    let host = Host::with(&format!(
        "[log]\nformat = \"json\"\n[plugins]\ndefaults = false\ndirectory = \"plugins\"\nrescan = \"100ms\"\n\
         [[source]]\ntype = \"webhook\"\nlisten = \"127.0.0.1:{port}\"\n\
         [[sink]]\ntype = \"file\"\npath = \"findings.jsonl\"\n{limits}"
    ));
    (host, Sender::plain(port))
}

fn list(number: u64) -> Vec<u8> {
    let event = event(number, "bob", "get", "pods");
    format!("{{\"kind\":\"EventList\",\"apiVersion\":\"audit.k8s.io/v1\",\"items\":[{event}]}}")
        .into_bytes()
}

#[test]
fn webhook_listens_before_detectors_are_compiled() {
    let (mut host, sender) = webhook("");
    host.install(&witness(), "witness");
    host.launch();
    let mut sent = 0;
    eventually("the webhook answers", || {
        sender
            .post("/", &list(1))
            .is_ok_and(|answer| answer.code == 200)
    });
    sent += 1;
    eventually("it is judged", || count(&host.findings()) == sent);
    assert_eq!(host.stop(), Some(0), "{}", host.log());
    let log = host.log();
    let at = |text: &str| log.find(text).unwrap_or_else(|| panic!("{text}: {log}"));
    assert!(
        at("listening for audit events") < at("detector loaded"),
        "{log}"
    );
}

/// A host without detectors keeps what it acknowledged, and stops acknowledging when the queue is
/// full.
#[test]
fn blind_host_refuses_events_once_its_queue_is_full() {
    let limits = "[webhook]\nbody-limit = \"16KiB\"\nqueue-limit = \"64KiB\"\n";
    let (mut host, sender) = webhook(limits);
    host.launch();
    let mut taken = 0;
    eventually("the queue is full", || {
        match sender.post("/", &list(taken + 1)) {
            Ok(answer) if answer.code == 200 => {
                taken += 1;
                false
            }
            Ok(answer) => answer.code == 429,
            Err(_) => false,
        }
    });
    let (is_ready, problems) = host.readiness();
    assert!(
        !is_ready && problems.contains("no detector judges events"),
        "{problems}"
    );
    eventually("the queue is shown", || {
        host.report()["sources"][0]["queue"]["waiting"] == taken
    });
    host.install(&witness(), "witness");
    eventually("all are judged", || count(&host.findings()) == taken);
    assert_eq!(host.stop(), Some(0), "{}", host.log());
    assert_each_once(&host.findings(), taken);
}
