//! Reads files of rules.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::{Rule, RuleError, parse};

/// Maximum size of a file, in bytes.
const FILE_BYTES: u64 = 256 * 1024;

/// Reads the rules of a file given by the operator.
///
/// # Errors
/// Returns [`RuleError::Read`] if the file cannot be read, and [`RuleError::Invalid`] if a rule is
/// invalid.
pub fn read_rule_file(path: &Path) -> Result<Vec<Rule>, RuleError> {
    let (text, _) = read(path)?;
    parse::rules(&path.display().to_string(), &text)
}

/// Returns the names of the rule files, sorted. Names that begin with a dot are skipped, because a
/// mounted ConfigMap keeps its versions under such names.
pub(super) fn list(path: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(path)? {
        let name = entry?.file_name();
        if let Some(name) = name.to_str()
            && name.ends_with(".toml")
            && !name.starts_with('.')
        {
            names.push(name.to_owned());
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// Returns the text of a file and its SHA-256.
pub(super) fn read(path: &Path) -> Result<(String, String), RuleError> {
    let fail = |error: String| RuleError::Read {
        path: path.to_owned(),
        error,
    };
    let read = || -> io::Result<Vec<u8>> {
        // Opening a pipe would block until there is a writer.
        if !fs::metadata(path)?.is_file() {
            return Err(io::Error::other("it is not a regular file"));
        }
        let mut bytes = Vec::new();
        File::open(path)?
            .take(FILE_BYTES + 1)
            .read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = read().map_err(|error| fail(error.to_string()))?;
    if bytes.len() as u64 > FILE_BYTES {
        return Err(fail(format!(
            "it has more than {FILE_BYTES} bytes (split the rules into several files)"
        )));
    }
    let digest = Sha256::digest(&bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let text = String::from_utf8(bytes).map_err(|_| fail("it is not UTF-8 text".into()))?;
    Ok((text, digest))
}
