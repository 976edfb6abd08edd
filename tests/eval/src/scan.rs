//! Scanning a log with the real binary.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// The fields of a finding that the evaluation needs.
#[derive(Debug, Clone, Deserialize)]
pub struct Finding {
    /// The finding type.
    #[serde(rename = "type")]
    pub finding_type: String,
    /// The severity.
    pub severity: Severity,
    /// The title.
    pub title: String,
    /// The number of occurrences.
    #[serde(default = "once")]
    pub count: u64,
    /// The audit ids that it cites.
    pub event_ids: Vec<String>,
    /// The fields that made it fire.
    pub evidence: Vec<Evidence>,
}

fn once() -> u64 {
    1
}

/// The severity of a finding.
#[derive(Debug, Clone, Deserialize)]
pub struct Severity {
    /// `Low`, `Medium`, `High`, or `Critical`.
    pub label: String,
    /// From 1.0 to 10.0.
    pub score: f64,
}

/// A field that made a rule fire.
#[derive(Debug, Clone, Deserialize)]
pub struct Evidence {
    /// The path of the field.
    pub field: String,
    /// The value of the field.
    pub value: String,
}

impl Finding {
    /// Whether the severity is above Low.
    #[must_use]
    pub fn is_above_low(&self) -> bool {
        self.severity.score >= 4.0
    }
}

/// The real binary with its configuration, in a temporary folder.
pub struct Program {
    binary: PathBuf,
    folder: tempfile::TempDir,
}

impl Program {
    /// Configures these detectors instead of the built-in ones, and the lists of attackers'
    /// addresses in the corpus, `tor.txt` and `threat.txt`.
    ///
    /// # Errors
    /// Returns an error if a path does not exist or the configuration cannot be written.
    pub fn new(binary: &Path, detectors: Option<&Path>, corpus: &Path) -> Result<Self> {
        let folder = tempfile::tempdir().context("cannot create a temporary folder")?;
        let absolute = |path: &Path| {
            path.canonicalize()
                .with_context(|| format!("cannot find {}", path.display()))
        };
        let mut text = "[host]\nstate-directory = \"state\"\n".to_owned();
        if let Some(detectors) = detectors {
            text.push_str(&format!(
                "\n[plugins]\ndefaults = false\ndirectory = {:?}\n",
                absolute(detectors)?
            ));
        }
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

    /// Scans a log and returns its findings.
    ///
    /// # Errors
    /// Returns an error if the program fails or did not judge every event.
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
                "cannot judge all of {}: {}",
                log.display(),
                String::from_utf8_lossy(&output.stderr)
            );
        }
        output
            .stdout
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(|line| serde_json::from_slice(line).context("cannot parse a finding"))
            .collect()
    }
}
