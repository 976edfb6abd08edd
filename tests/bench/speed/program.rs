//! The whole program, as a process.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::best;
use crate::log::Log;
use crate::memory::field;
use crate::report::Report;

/// Measures `wardline scan` of the log, and its start with nothing to read.
pub fn measure(report: &mut Report, folder: &Path, plugins: &Path, log: &Log) {
    let path = folder.join("audit.log");
    std::fs::write(&path, log.text()).expect("the log can be written");
    let config = folder.join("wardline.toml");
    std::fs::write(&config, "").expect("the configuration can be written");
    let nothing = folder.join("empty.log");
    std::fs::write(&nothing, "").expect("an empty log can be written");
    run(&config, plugins, &nothing, "1");
    let start = best(|| run(&config, plugins, &nothing, "1").0);
    report.section("The program `wardline scan`, detectors from the cache");
    report.time("start and end, with nothing to read", start, None);
    for threads in ["1", "2"] {
        let mut peak = 0;
        let time = best(|| {
            let (time, memory) = run(&config, plugins, &path, threads);
            peak = peak.max(memory);
            time
        });
        report.rate(&format!("the log, threads: {threads}"), time, None);
        report.bytes(&format!("most memory, threads: {threads}"), peak);
    }
}

fn run(config: &Path, plugins: &Path, log: &Path, threads: &str) -> (Duration, u64) {
    let started = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_wardline"))
        .arg("scan")
        .arg("--config")
        .arg(config)
        .arg("--plugins")
        .arg(plugins)
        .args(["--threads", threads])
        .arg(log)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().expect("the program ends").is_none() {
        peak = field(&status, "VmHWM:").unwrap_or_default().max(peak);
        std::thread::sleep(Duration::from_millis(2));
    }
    (started.elapsed(), peak)
}
