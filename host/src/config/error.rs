//! Errors of the configuration.

use std::fmt;
use std::path::PathBuf;

use wardline_text::{Hint, nearest, place};

/// The fault in a configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The operating system's error.
        #[source]
        error: std::io::Error,
    },
    /// The text is not TOML, or it has an unknown key or a value of the wrong type.
    #[error("{origin}{place}: {message}")]
    Parse {
        /// The file.
        origin: String,
        /// The position.
        place: TextPosition,
        /// A description of the fault.
        message: String,
        /// A hint, if there is one.
        hint: Option<String>,
    },
    /// A value is out of range or contradicts another.
    #[error("{origin}: {key}: {message}")]
    Value {
        /// The file.
        origin: String,
        /// The key with its section.
        key: String,
        /// A description of the fault and of the allowed values.
        message: String,
    },
}

/// A line and column, counted from 1; absent if unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextPosition(Option<(usize, usize)>);

impl fmt::Display for TextPosition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some((line, column)) => write!(formatter, ":{line}:{column}"),
            None => Ok(()),
        }
    }
}

impl Hint for ConfigError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Parse { hint, .. } => hint.clone(),
            Self::Read { .. } | Self::Value { .. } => None,
        }
    }
}

impl ConfigError {
    /// Converts an error of the TOML parser: adds the position and, for an unknown key, the most
    /// similar known one.
    pub(super) fn parse(origin: &str, text: &str, error: &toml::de::Error) -> Self {
        let place = error.span().map(|span| place(text, span.start));
        let message = error.message().to_owned();
        let (message, hint) = unknown_field(&message)
            .unwrap_or_else(|| (message.lines().next().unwrap_or_default().to_owned(), None));
        Self::Parse {
            origin: origin.to_owned(),
            place: TextPosition(place),
            message,
            hint,
        }
    }

    pub(super) fn value(origin: &str, key: &str, message: impl fmt::Display) -> Self {
        Self::Value {
            origin: origin.to_owned(),
            key: key.to_owned(),
            message: message.to_string(),
        }
    }
}

/// Parses serde's message: unknown field `x`, expected one of `a`, `b`.
fn unknown_field(message: &str) -> Option<(String, Option<String>)> {
    let rest = message.strip_prefix("unknown field `")?;
    let (unknown, rest) = rest.split_once('`')?;
    let known: Vec<&str> = rest.split('`').skip(1).step_by(2).collect();
    let hint = nearest(unknown, &known);
    Some((format!("unknown key `{unknown}`"), Some(hint)))
}
