//! Configuration that cannot be used.

use std::fmt;
use std::path::PathBuf;

use wardline_files::text::{nearest, place};

/// What is wrong with a configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration {}: {error}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the operating system says.
        error: std::io::Error,
    },
    /// It is not TOML, or has an unknown key or a value of the wrong type.
    #[error("{origin}{place}: {message}{}", hint_text(hint))]
    Parse {
        /// The file.
        origin: String,
        /// Line and column.
        place: Place,
        /// What is wrong.
        message: String,
        /// A hint; may be empty.
        hint: String,
    },
    /// A value that makes no sense.
    #[error("{origin}: {key}: {message}")]
    Value {
        /// The file.
        origin: String,
        /// The key, with its section.
        key: String,
        /// What is wrong, and what is allowed.
        message: String,
    },
}

/// Line and column, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place(Option<(usize, usize)>);

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some((line, column)) => write!(formatter, ":{line}:{column}"),
            None => Ok(()),
        }
    }
}

fn hint_text(hint: &str) -> String {
    if hint.is_empty() {
        String::new()
    } else {
        format!(" ({hint})")
    }
}

impl ConfigError {
    /// What to do about it; may be empty, and is part of the message already.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Parse { hint, .. } => hint.clone(),
            _ => String::new(),
        }
    }

    /// Makes an error of the TOML parser one of ours: where, what, and the nearest
    /// known key.
    pub(super) fn parse(origin: &str, text: &str, error: &toml::de::Error) -> Self {
        let place = error.span().map(|span| place(text, span.start));
        let message = error.message().to_owned();
        let (message, hint) = unknown_field(&message).unwrap_or_else(|| {
            (
                message.lines().next().unwrap_or_default().to_owned(),
                String::new(),
            )
        });
        Self::Parse {
            origin: origin.to_owned(),
            place: Place(place),
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

/// Serde says: unknown field `x`, expected one of `a`, `b`.
fn unknown_field(message: &str) -> Option<(String, String)> {
    let rest = message.strip_prefix("unknown field `")?;
    let (unknown, rest) = rest.split_once('`')?;
    let known: Vec<&str> = rest.split('`').skip(1).step_by(2).collect();
    Some((format!("unknown key `{unknown}`"), nearest(unknown, &known)))
}
