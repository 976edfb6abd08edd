//! Reads one file of rules.

use std::path::Path;

use wardline_files::read_file;

use super::error::RuleError;
use super::parse;
use super::rule::Rule;

/// Maximum size of a file, in bytes.
pub(super) const FILE_BYTES: u64 = 256 * 1024;

/// Reads the rules of a file given by the operator.
///
/// # Errors
/// Returns [`RuleError::File`] if the file cannot be read, and [`RuleError::Invalid`] if a rule is
/// invalid.
pub fn read_rule_file(path: &Path) -> Result<Vec<Rule>, RuleError> {
    let file = path.display().to_string();
    let text = read_file(path, FILE_BYTES)
        .and_then(|contents| contents.into_text(&file))
        .map_err(RuleError::File)?;
    parse::rules(&file, &text)
}
