//! One figure with its reference and its target.

use std::time::Duration;

use serde_json::{Value, json};

use crate::timing::Time;

/// The reference of a row.
struct Reference {
    name: String,
    ratio: f64,
    cpu_ratio: Option<f64>,
}

pub struct Row {
    name: String,
    value: f64,
    /// The value by processor time.
    cpu: Option<f64>,
    unit: &'static str,
    reference: Option<Reference>,
    at_most: Option<f64>,
    note: String,
}

impl Row {
    fn new(name: &str, value: f64, unit: &'static str) -> Self {
        Self {
            name: name.to_owned(),
            value,
            cpu: None,
            unit,
            reference: None,
            at_most: None,
            note: String::new(),
        }
    }

    /// A row with the time per event.
    pub fn each(name: &str, time: Time, events: u64) -> Self {
        let mut row = Self::new(name, per_event(time.wall, events), "ns/event");
        row.cpu = time.cpu.map(|cpu| per_event(cpu, events));
        row
    }

    pub fn milliseconds(name: &str, time: Duration) -> Self {
        Self::new(name, time.as_secs_f64() * 1e3, "ms")
    }

    pub fn mebibytes(name: &str, bytes: u64) -> Self {
        Self::new(name, bytes as f64 / f64::from(1 << 20), "MiB")
    }

    /// Sets a time for a number of events as the reference.
    pub fn against_each(mut self, name: &str, time: Time, events: u64) -> Self {
        let cpu = self.cpu.zip(time.cpu);
        self.reference = Some(Reference {
            name: name.to_owned(),
            ratio: self.value / per_event(time.wall, events),
            cpu_ratio: cpu.map(|(own, cpu)| own / per_event(cpu, events)),
        });
        self
    }

    /// Sets a time as the reference of a row in milliseconds.
    pub fn against(mut self, name: &str, time: Duration) -> Self {
        self.reference = Some(Reference {
            name: name.to_owned(),
            ratio: self.value / (time.as_secs_f64() * 1e3),
            cpu_ratio: None,
        });
        self
    }

    /// Sets the target: the highest acceptable ratio, or without a reference the highest
    /// acceptable value.
    pub fn at_most(mut self, target: f64) -> Self {
        self.at_most = Some(target);
        self
    }

    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    pub(super) fn line(&self) -> String {
        let reference = self.reference.as_ref();
        let target = self.at_most.map(|target| format!("<= {target}"));
        let name = reference.map_or("", |reference| reference.name.as_str());
        let between = if name.is_empty() || self.note.is_empty() {
            ""
        } else {
            "; "
        };
        let line = format!(
            "  {:<52} {:>9} {:<8} {:>8} {:>7} {:>7} {:<8} {name}{between}{}",
            self.name,
            number(Some(self.value)),
            self.unit,
            number(self.cpu),
            number(reference.map(|reference| reference.ratio)),
            number(reference.and_then(|reference| reference.cpu_ratio)),
            target.unwrap_or_default(),
            self.note,
        );
        line.trim_end().to_owned()
    }

    pub(super) fn figure(&self) -> Value {
        json!({
            "name": self.name,
            "value": self.value,
            "cpu": self.cpu,
            "unit": self.unit,
            "ratio": self.reference.as_ref().map(|reference| reference.ratio),
            "cpu_ratio": self.reference.as_ref().and_then(|reference| reference.cpu_ratio),
            "reference": self.reference.as_ref().map(|reference| &reference.name),
            "at_most": self.at_most,
            "note": self.note,
        })
    }
}

/// The heading of the columns.
pub(super) fn heading() -> String {
    format!(
        "  {:<52} {:>18} {:>8} {:>7} {:>7} {:<8} reference; remark",
        "", "figure", "CPU", "ratio", "of CPU", "target"
    )
}

/// The time per event, in nanoseconds.
fn per_event(time: Duration, events: u64) -> f64 {
    time.as_secs_f64() * 1e9 / events.max(1) as f64
}

/// Formats a number with about four digits.
fn number(value: Option<f64>) -> String {
    match value {
        None => String::new(),
        Some(value) if value >= 1000.0 => format!("{value:.0}"),
        Some(value) if value >= 10.0 => format!("{value:.1}"),
        Some(value) => format!("{value:.3}"),
    }
}
