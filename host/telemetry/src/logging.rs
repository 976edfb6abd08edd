//! Log lines of the host.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// The variable that overrides the configured level; it takes the directives of
/// `tracing_subscriber::EnvFilter`.
const VARIABLE: &str = "WARDLINE_LOG";

/// Logging cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum LoggingError {
    /// The filter makes no sense.
    #[error("`{text}` is no log filter (in {VARIABLE} or log.level): {error}")]
    Filter {
        /// What was given.
        text: String,
        /// What is wrong.
        error: String,
    },
    /// It was set up before.
    #[error("logging is set up already: {0}")]
    Twice(String),
}

/// Writes log lines to standard error from now on: as JSON if `json`, for people if
/// not, and if that is not said, for people on a terminal.
///
/// # Errors
/// Where the level makes no sense.
pub fn init(level: &str, json: Option<bool>) -> Result<(), LoggingError> {
    let text = std::env::var(VARIABLE).unwrap_or_else(|_| level.to_owned());
    let filter = EnvFilter::try_new(&text).map_err(|error| LoggingError::Filter {
        text,
        error: error.to_string(),
    })?;
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
    result.map_err(|error| LoggingError::Twice(error.to_string()))
}
