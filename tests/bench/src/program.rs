//! The real binary, as a process.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::bench::Bench;
use crate::memory::field;
use crate::report::Row;
use crate::timing::{LONG_RUNS, RUNS, Time, best_of};
use crate::transport::root;

/// The time that a daemon gets to settle before its memory is read.
const SETTLE: Duration = Duration::from_secs(2);

pub fn measure(bench: &mut Bench) {
    let files = Files::write(bench);
    files.scan(&files.nothing, "1");
    bench.report.group("The program: `wardline scan`");
    let start = best_of(RUNS, || files.scan(&files.nothing, "1").0);
    let mut rows = vec![Row::milliseconds(
        "start and end, nothing to read",
        start.wall,
    )];
    for threads in ["1", "2"] {
        let mut peak = 0;
        let time = best_of(LONG_RUNS, || {
            let (time, memory) = files.scan(&files.log, threads);
            peak = memory.max(peak);
            time
        });
        let name = format!("the whole log, threads: {threads}");
        rows.push(bench.row(&name, time));
        rows.push(Row::mebibytes("  its largest resident size", peak));
    }
    rows.into_iter().for_each(|row| bench.report.add(row));
    bench
        .report
        .group("The program: `wardline run`, idle, all detectors, two threads");
    let compiled = files.idle();
    let cached = files.idle();
    let rows = [
        Row::mebibytes("resident, detectors just compiled", compiled),
        Row::mebibytes("resident, compiled code from the cache", cached).at_most(64.0),
    ];
    rows.into_iter().for_each(|row| bench.report.add(row));
}

/// The binary and its files.
struct Files {
    program: PathBuf,
    plugins: PathBuf,
    config: PathBuf,
    log: PathBuf,
    nothing: PathBuf,
    socket: PathBuf,
}

impl Files {
    fn write(bench: &Bench) -> Self {
        let folder = bench.folder();
        let program = std::env::var_os("WARDLINE")
            .map_or_else(|| root().join("target/release/wardline"), PathBuf::from);
        assert!(
            program.is_file(),
            "{} does not exist: run `make build`, or name a binary with the variable WARDLINE",
            program.display()
        );
        let files = Self {
            program,
            plugins: bench.built.default.clone(),
            config: folder.join("wardline.toml"),
            log: folder.join("audit.log"),
            nothing: folder.join("empty.log"),
            socket: folder.join("state/wardline.sock"),
        };
        let text = "[host]\nthreads = 2\nstate-directory = \"state\"\n\
                    [plugins]\ndefaults = false\ndirectory = \"plugins\"\n\
                    [[source]]\ntype = \"file\"\npath = \"empty.log\"\n\
                    [[sink]]\ntype = \"file\"\npath = \"findings.jsonl\"\n";
        std::fs::write(&files.config, text).expect("cannot write the configuration");
        std::fs::write(&files.log, bench.log.text()).expect("cannot write the log");
        std::fs::write(&files.nothing, "").expect("cannot write the empty log");
        files
    }

    fn start(&self, arguments: &[&str], more: &[&Path]) -> Child {
        Command::new(&self.program)
            .args(arguments)
            .arg("--config")
            .arg(&self.config)
            .args(more)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("cannot start the program")
    }

    /// Scans a log and returns the time and the peak resident size.
    fn scan(&self, log: &Path, threads: &str) -> (Time, u64) {
        let started = Instant::now();
        let mut child = self.start(
            &["scan", "--threads", threads],
            &[Path::new("--plugins"), &self.plugins, log],
        );
        let mut peak = 0;
        let status = loop {
            if let Some(status) = child.try_wait().expect("cannot wait for the program") {
                break status;
            }
            peak = field(child.id(), "VmHWM:").unwrap_or_default().max(peak);
            std::thread::sleep(Duration::from_millis(1));
        };
        assert!(status.success(), "{status}");
        (Time::wall(started.elapsed()), peak)
    }

    /// Returns the resident size of an idle daemon.
    fn idle(&self) -> u64 {
        let mut child = self.start(&["run"], &[]);
        while !self.socket.exists() {
            assert!(child.try_wait().expect("cannot wait").is_none(), "it ended");
            std::thread::sleep(Duration::from_millis(5));
        }
        std::thread::sleep(SETTLE);
        let resident = field(child.id(), "VmRSS:").expect("the program ended");
        child.kill().expect("cannot stop the program");
        child.wait().expect("cannot wait for the program");
        std::fs::remove_file(&self.socket).expect("cannot remove the socket");
        resident
    }
}
