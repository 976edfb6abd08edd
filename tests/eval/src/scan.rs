//! The program, asked for the findings in a log.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// A finding, as far as it is judged.
#[derive(Debug, Clone, Deserialize)]
pub struct Finding {
    /// Its type.
    #[serde(rename = "type")]
    pub finding_type: String,
    /// How bad it is.
    pub severity: Severity,
    /// One line.
    pub title: String,
    /// How often it was seen.
    #[serde(default = "once")]
    pub count: u64,
    /// The requests that it stands on.
    pub event_ids: Vec<String>,
    /// The fields that made it fire.
    pub evidence: Vec<Evidence>,
}

fn once() -> u64 {
    1
}

/// A severity as findings write it.
#[derive(Debug, Clone, Deserialize)]
pub struct Severity {
    /// The band.
    pub label: String,
    /// From 1.0 to 10.0.
    pub score: f64,
}

/// A field that made a rule fire.
#[derive(Debug, Clone, Deserialize)]
pub struct Evidence {
    /// Where it stands.
    pub field: String,
    /// What it says.
    pub value: String,
}

impl Finding {
    /// Whether somebody should be woken by it, or at least look at it today.
    #[must_use]
    pub fn is_above_low(&self) -> bool {
        self.severity.score >= 4.0
    }
}

/// The program with a configuration of its own, in a folder that is gone at the end.
pub struct Program {
    binary: PathBuf,
    folder: tempfile::TempDir,
}

impl Program {
    /// With these detectors, and lists of the addresses that stand for attackers in the
    /// corpus: `tor.txt` and `threat.txt` beside it.
    ///
    /// # Errors
    /// Where the configuration cannot be written.
    pub fn new(binary: &Path, detectors: &Path, corpus: &Path) -> Result<Self> {
        let folder = tempfile::tempdir().context("no place for a configuration")?;
        let absolute = |path: &Path| {
            path.canonicalize()
                .with_context(|| format!("there is no {}", path.display()))
        };
        let mut text = format!(
            "[host]\nstate-directory = \"state\"\n\n[plugins]\ndirectory = {:?}\n",
            absolute(detectors)?
        );
        for (name, kind) in [("tor", "tor"), ("threat", "threat")] {
            text.push_str(&format!(
                "\n[[intel.list]]\nname = \"{name}\"\nkind = \"{kind}\"\ncontent = \"addresses\"\npath = {:?}\n",
                absolute(&corpus.join(format!("{name}.txt")))?
            ));
        }
        std::fs::write(folder.path().join("wardline.toml"), text)?;
        Ok(Self {
            binary: absolute(binary)?,
            folder,
        })
    }

    /// The findings in a log.
    ///
    /// # Errors
    /// Where the program fails, or has not judged everything.
    pub fn scan(&self, log: &Path) -> Result<Vec<Finding>> {
        let output = Command::new(&self.binary)
            .arg("scan")
            .args(["--format", "jsonl", "--config"])
            .arg(self.folder.path().join("wardline.toml"))
            .arg(log)
            .output()
            .with_context(|| format!("cannot start {}", self.binary.display()))?;
        if !output.status.success() {
            bail!(
                "{} was not judged whole: {}",
                log.display(),
                String::from_utf8_lossy(&output.stderr)
            );
        }
        output
            .stdout
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(|line| serde_json::from_slice(line).context("a finding cannot be read"))
            .collect()
    }
}
