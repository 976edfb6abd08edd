//! Standard output.

use std::io::{self, Write};

/// Standard output cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write to standard output")]
pub struct OutputError(#[from] io::Error);

/// Writes a text that ends with one line feed.
pub fn say(text: &str) -> Result<(), OutputError> {
    writeln!(io::stdout(), "{}", text.trim_end())?;
    Ok(())
}

/// Returns whether the cause is that the reader of standard output has gone, as `head` does when it
/// has enough. That is the reader's right and not an error.
pub fn is_closed(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<OutputError>())
        .any(|error| error.0.kind() == io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use std::io::{Error, ErrorKind};

    use super::{OutputError, is_closed};

    #[test]
    fn only_closed_standard_output_is_no_error() {
        let broken = || Error::from(ErrorKind::BrokenPipe);
        let output = anyhow::Error::from(OutputError(broken())).context("cannot list detectors");
        assert!(is_closed(&output));
        let full = OutputError(Error::from(ErrorKind::StorageFull));
        assert!(!is_closed(&full.into()));
        // The host's socket, for example.
        assert!(!is_closed(&broken().into()));
    }
}
