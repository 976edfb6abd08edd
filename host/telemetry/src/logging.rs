//! The set-up of logging.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use wardline_text::Cause;

/// The environment variable that overrides the configured level, with the directives of
/// `tracing_subscriber::EnvFilter`.
const VARIABLE: &str = "WARDLINE_LOG";

/// Logging cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum LoggingError {
    /// The filter is invalid.
    #[error("`{text}` in {VARIABLE} or log.level is not a log filter")]
    Filter {
        /// The text of the filter.
        text: String,
        /// The fault in it.
        #[source]
        error: tracing_subscriber::filter::ParseError,
    },
    /// Logging was set up before.
    #[error("logging is already set up")]
    Twice(#[source] Cause),
}

/// Writes log lines to standard error from now on, as JSON or as text; by default as text if
/// standard error is a terminal, and as JSON otherwise.
///
/// # Errors
/// Returns [`LoggingError::Filter`] if the level is invalid, and [`LoggingError::Twice`] on the
/// second call.
pub fn init(level: &str, json: Option<bool>) -> Result<(), LoggingError> {
    let text = std::env::var(VARIABLE).unwrap_or_else(|_| level.to_owned());
    let filter = EnvFilter::try_new(&text).map_err(|error| LoggingError::Filter { text, error })?;
    let terminal = std::io::stderr().is_terminal();
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false)
        .with_ansi(terminal);
    let result = if json.unwrap_or(!terminal) {
        builder.json().flatten_event(true).try_init()
    } else {
        builder.try_init()
    };
    result.map_err(|error| LoggingError::Twice(Cause::new(error)))
}
