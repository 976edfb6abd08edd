//! The table, and the same as JSON.

use std::time::Duration;

use serde_json::{Value, json};

pub struct Report {
    events: u64,
    bytes: u64,
    lines: Vec<String>,
    figures: Vec<Value>,
    section: String,
}

impl Report {
    pub fn new(events: u64, bytes: u64) -> Self {
        let lines = vec![format!(
            "{events} events of {} bytes on average; the best of {} runs",
            bytes / events.max(1),
            crate::RUNS
        )];
        Self {
            events,
            bytes,
            lines,
            figures: Vec::new(),
            section: String::new(),
        }
    }

    pub fn section(&mut self, name: &str) {
        self.lines.push(format!("\n{name}"));
        self.section = name.to_owned();
    }

    /// A time for the whole log, as a rate.
    pub fn rate(&mut self, name: &str, time: Duration, reference: Option<Duration>) {
        let seconds = time.as_secs_f64();
        let per_event = seconds * 1e6 / self.events as f64;
        let per_second = self.events as f64 / seconds;
        let megabytes = self.bytes as f64 / seconds / 1e6;
        self.lines.push(format!(
            "  {name:<52} {per_event:>9.2} µs/event {per_second:>10.0} events/s {megabytes:>7.0} MB/s{}",
            ratio(time, reference)
        ));
        self.figure(name, "microseconds_per_event", per_event, time, reference);
    }

    pub fn time(&mut self, name: &str, time: Duration, reference: Option<Duration>) {
        let milliseconds = time.as_secs_f64() * 1e3;
        self.lines.push(format!(
            "  {name:<52} {milliseconds:>9.2} ms{}",
            ratio(time, reference)
        ));
        self.figure(name, "milliseconds", milliseconds, time, reference);
    }

    /// A time for some events.
    pub fn each(&mut self, name: &str, time: Duration, events: u64, reference: Option<Duration>) {
        let nanoseconds = time.as_secs_f64() * 1e9 / events.max(1) as f64;
        self.lines.push(format!(
            "  {name:<52} {nanoseconds:>9.0} ns/event{}",
            ratio(time, reference)
        ));
        self.figure(name, "nanoseconds_per_event", nanoseconds, time, reference);
    }

    pub fn bytes(&mut self, name: &str, bytes: u64) {
        let mebibytes = bytes as f64 / f64::from(1 << 20);
        self.lines
            .push(format!("  {name:<52} {mebibytes:>9.1} MiB"));
        self.figure(name, "mebibytes", mebibytes, Duration::ZERO, None);
    }

    fn figure(
        &mut self,
        name: &str,
        unit: &str,
        value: f64,
        time: Duration,
        reference: Option<Duration>,
    ) {
        self.figures.push(json!({
            "section": self.section,
            "name": name,
            "unit": unit,
            "value": value,
            "ratio": reference.map(|reference| time.as_secs_f64() / reference.as_secs_f64()),
        }));
    }

    pub fn print(&self) {
        println!("{}", self.lines.join("\n"));
    }

    pub fn json(&self) -> String {
        json!({ "events": self.events, "bytes": self.bytes, "figures": self.figures }).to_string()
    }
}

fn ratio(time: Duration, reference: Option<Duration>) -> String {
    reference.map_or_else(String::new, |reference| {
        format!(
            "  {:.3}x the line before",
            time.as_secs_f64() / reference.as_secs_f64()
        )
    })
}
