//! Error messages.

use std::io::Write;

use anyhow::Error;

/// Writes an error and its causes to standard error, one per line.
pub fn report(error: &Error) {
    let mut text = format!("error: {error}\n");
    for cause in error.chain().skip(1) {
        let cause = cause.to_string();
        // The text of some errors already includes the cause.
        if !text.contains(&cause) {
            text.push_str(&format!("  caused by: {cause}\n"));
        }
    }
    // There is no way to report that standard error is closed.
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// Writes a line to standard error.
pub fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
