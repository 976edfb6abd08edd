//! The progress bar of a scan.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};

use crate::app::ScanProgress;
use crate::pipeline::Totals;

/// Shows the progress of a scan if standard error is a terminal.
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Creates a bar, hidden if standard error is not a terminal.
    pub fn new() -> Self {
        if !std::io::stderr().is_terminal() {
            return Self {
                bar: ProgressBar::hidden(),
            };
        }
        let bar = ProgressBar::no_length();
        let template = "{bar:30} {percent:>3} %  {bytes}/{total_bytes}  {msg}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self { bar }
    }
}

impl ScanProgress for Progress {
    fn total(&mut self, bytes: Option<u64>) {
        if let Some(bytes) = bytes {
            self.bar.set_length(bytes);
        }
    }

    fn advance(&mut self, bytes: u64, ledger: &Totals) {
        self.bar.set_position(bytes);
        self.bar.set_message(format!(
            "{} events, {} occurrences of findings",
            ledger.events, ledger.findings
        ));
    }

    fn finish(&mut self) {
        self.bar.finish_and_clear();
    }
}
