//! Runs a guest beside a good detector.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

use wardline::app::observe::Telemetry;
use wardline::app::{compose, write_dead_letters};
use wardline::config::Config;
use wardline::pipeline::{DetectorCounts, Totals};
use wardline::plugin::{LoadError, LoaderEvent};
use wardline_finding::Finding;
use wardline_sink::DeadLetters;
use wardline_source::{Limits, ScanSource, Source};

use crate::{Conduct, Guest, Text, build, events, log};

/// Low limits, so that floods end soon, and long time limits, so that a slow machine does
/// not exceed them. Guests that never return have shorter ones ([`settings`]).
const CONFIG: &str = r#"
[host]
threads = 1
batch = 8
[plugins]
grants = ["log", "clock", "state", "intel", "inventory"]
[limits]
stack = "16MiB"
instantiate-time = "10m"
describe-time = "10m"
configure-time = "10m"
batch-time = "10m"
log-lines = 3
log-line-size = "60B"
findings = 50
transfer = "1MiB"
finding-size = "4KiB"
[breaker]
failures = 3
skip = 2
skip-limit = 20
probation = 4
quarantine-after = 4
timeouts = 5
"#;

/// The configuration of all tests.
pub fn config() -> Config {
    Config::parse(CONFIG, "test", Path::new("")).unwrap()
}

/// The operator's settings for the guest.
pub fn settings(guest: Guest) -> String {
    let conduct = match guest {
        Guest::Conduct(conduct) => format!("[settings]\nconduct = {:?}\n", conduct.name()),
        Guest::Text(_) | Guest::Junk(_) => String::new(),
    };
    let limits = match guest {
        Guest::Conduct(Conduct::EndlessLoop) | Guest::Text(Text::SlowAllocation) => {
            "batch-time = \"20ms\"\n"
        }
        Guest::Conduct(Conduct::GiantFinding | Conduct::HollowFinding) => "transfer = \"64MiB\"\n",
        Guest::Conduct(Conduct::LogFlood) => "host-calls = 8000\n",
        Guest::Conduct(Conduct::RisingFindings) => "findings-size = \"64KiB\"\n",
        Guest::Text(Text::SlowStart) => "instantiate-time = \"20ms\"\n",
        Guest::Text(Text::SlowDescribe) => "describe-time = \"20ms\"\n",
        _ => "",
    };
    format!("[limits]\n{limits}{conduct}")
}

/// Puts the guest into a plugin directory.
pub fn place(guest: Guest, directory: &Path) {
    let file = directory.join("guest.wasm");
    match guest {
        Guest::Conduct(_) => std::fs::write(file, build::guest()).unwrap(),
        Guest::Text(text) => std::fs::write(file, text.build()).unwrap(),
        Guest::Junk(junk) => junk.place(&file),
    }
    std::fs::write(directory.join("guest.toml"), settings(guest)).unwrap();
}

/// The result of a scan with a guest.
pub struct Seen {
    /// The good detector's findings, as JSON.
    pub findings_of_good: Vec<String>,
    /// The guest's findings.
    pub findings: Vec<Finding>,
    /// The guest's counts, if it was loaded.
    pub guest: Option<DetectorCounts>,
    /// The guest's file and the error for which it was refused.
    pub refused: Option<(String, LoadError)>,
    /// The number of events that a detector did not judge.
    pub not_judged: u64,
    ledger: Totals,
    log: String,
    dead_letters: String,
}

/// Scans the log with a guest beside the good detector.
pub fn run(guest: Guest) -> Seen {
    scan_with(build::good(), |directory| place(guest, directory))
}

/// The findings of the good detector alone.
pub fn findings_of_good_alone() -> &'static [String] {
    static FINDINGS: OnceLock<Vec<String>> = OnceLock::new();
    FINDINGS.get_or_init(|| {
        let findings = scan_with(build::good(), |_| ()).findings_of_good;
        assert_eq!(findings.len(), events::IN_KUBE_SYSTEM);
        findings
    })
}

/// Scans the log with this good detector and the files that `place` adds.
pub fn scan_with(good: &[u8], place: impl FnOnce(&Path)) -> Seen {
    let work = tempfile::tempdir().unwrap();
    let plugins = work.path().join("plugins");
    std::fs::create_dir(&plugins).unwrap();
    std::fs::write(plugins.join("good.wasm"), good).unwrap();
    place(&plugins);
    let file = work.path().join("audit.log");
    std::fs::write(&file, events::log()).unwrap();
    let dead_letter = work.path().join("dead-letter.jsonl");
    let ((ledger, findings, mut refused), log) =
        log::capture(|| scan(&plugins, &file, &dead_letter));
    assert_eq!(ledger.events, events::EXECS);
    assert_eq!(ledger.all_rejected(), 0);
    let (good, findings): (Vec<Finding>, Vec<Finding>) = findings
        .into_iter()
        .partition(|finding| finding.detector.name == "exec-in-kube-system");
    assert!(refused.len() <= 1, "{refused:?}");
    Seen {
        findings_of_good: good.into_iter().map(line).collect(),
        findings,
        guest: ["test-guest", "test-guest-0"]
            .into_iter()
            .find_map(|name| ledger.detectors.get(name).cloned()),
        refused: refused.pop(),
        not_judged: ledger.not_judged,
        ledger,
        log,
        dead_letters: std::fs::read_to_string(dead_letter).unwrap(),
    }
}

type Scanned = (Totals, Vec<Finding>, Vec<(String, LoadError)>);

/// Scans like `wardline scan`, but keeps compiled code, since all tests run the same few
/// detectors.
fn scan(plugins: &Path, file: &Path, dead_letter: &Path) -> Scanned {
    let config = config();
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled");
    let mut composition = compose(&config, plugins, None, Some(&cache)).unwrap();
    let mut generation = None;
    let events = composition.loader.look(&mut |next| generation = Some(next));
    let refused = events
        .into_iter()
        .filter_map(|event| match event {
            LoaderEvent::Refused { file, error, .. } => Some((file, error)),
            _ => None,
        })
        .collect();
    composition.pipeline.swap(&generation.unwrap()).unwrap();
    let mut letters = DeadLetters::open(dead_letter, config.dead_letter_limit).unwrap();
    let mut source = ScanSource::open(
        file,
        Limits {
            line: config.line_limit,
            document: config.document_limit,
        },
    )
    .unwrap();
    let telemetry = Telemetry::default();
    let (mut ledger, mut findings) = (Totals::default(), Vec::new());
    while let Some(chunk) = source.next(config.chunk, 1 << 20, Duration::ZERO).unwrap() {
        let processed = composition.pipeline.process(chunk.lines).unwrap();
        ledger.add(&processed);
        telemetry.judged(&processed, Duration::ZERO);
        write_dead_letters(&mut letters, &processed).unwrap();
        findings.extend(processed.findings);
    }
    (ledger, findings, refused)
}

/// Formats a finding without the name of its source, which differs between tests.
fn line(mut finding: Finding) -> String {
    finding.source.name.clear();
    serde_json::to_string(&finding).unwrap()
}

impl Seen {
    /// Asserts that every event is either judged or not judged for a reason.
    pub fn check_accounts(&self) {
        let good = &self.ledger.detectors["exec-in-kube-system"];
        assert_eq!(good.not_judged, 0);
        assert_eq!(good.judged, events::IN_KUBE_SYSTEM as u64);
        assert_eq!(self.dead_letters.lines().count() as u64, self.not_judged);
        let Some(guest) = &self.guest else {
            return;
        };
        assert_eq!(guest.events, events::EXECS);
        assert_eq!(guest.judged + guest.not_judged, guest.events);
        assert_eq!(
            guest.not_judged_by_reason.values().sum::<u64>(),
            guest.not_judged
        );
        assert_eq!(guest.not_judged, self.not_judged);
        assert_eq!(guest.findings, self.findings.len() as u64);
    }

    /// The operator's view.
    pub fn report(&self) -> String {
        let mut text = String::new();
        if let Some((file, failure)) = &self.refused {
            writeln!(
                text,
                "{file} refused at step {}: {}",
                failure.step,
                without_numbers(without_offset(&failure.message))
            )
            .unwrap();
            writeln!(text, "hint: {}", failure.hint).unwrap();
        }
        if let Some(guest) = &self.guest {
            writeln!(
                text,
                "judged {}, not judged {}",
                guest.judged, guest.not_judged
            )
            .unwrap();
            counts(&mut text, "not judged", &guest.not_judged_by_reason);
            counts(&mut text, "calls", &guest.calls);
            writeln!(text, "restarts {}", guest.restarts).unwrap();
            writeln!(text, "findings {}", guest.findings).unwrap();
            counts(&mut text, "findings refused", &guest.findings_refused);
            writeln!(text, "log lines dropped {}", guest.log_lines_dropped).unwrap();
        }
        if let Some(finding) = self.findings.first() {
            writeln!(text, "first finding: {:?}", finding.title).unwrap();
        }
        if !self.log.is_empty() {
            let mut last = "";
            writeln!(text, "log:").unwrap();
            let log = without_numbers(&self.log);
            for line in log
                .lines()
                .filter(|line| std::mem::replace(&mut last, line) != *line)
            {
                writeln!(text, "  {}", line.trim_start()).unwrap();
            }
        }
        text
    }
}

/// Removes sizes and line numbers, which change with the guest's sources.
fn without_numbers(text: &str) -> String {
    let mut found = text.to_owned();
    for before in ["requested ", "misbehave.rs:"] {
        let mut parts = found.split(before);
        let mut text = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let is_number = |character: char| character.is_ascii_digit() || character == ':';
            let rest = part.trim_start_matches(is_number);
            text.push_str(before);
            text.push_str(if rest.len() < part.len() { "N" } else { "" });
            text.push_str(rest);
        }
        found = text;
    }
    found
}

fn counts(text: &mut String, name: &str, counts: &BTreeMap<String, u64>) {
    if !counts.is_empty() {
        writeln!(text, "{name}: {counts:?}").unwrap();
    }
}

/// Removes the offset, which depends on the length of the compiled file.
fn without_offset(message: &str) -> &str {
    message.split(" (at offset 0x").next().unwrap_or(message)
}
