//! Rules that cannot be used.

use std::ops::Range;
use std::path::PathBuf;

use wardline_files::text::{nearest, place};

/// What is wrong with a file of rules.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// The file cannot be read.
    #[error("cannot read {}: {error}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the operating system says.
        error: String,
    },
    /// It is not TOML, or says what cannot be.
    #[error("{file}:{line}:{column}: {message}")]
    Invalid {
        /// The file.
        file: String,
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// What is wrong, with a hint.
        message: String,
    },
    /// Two files have a rule of one name.
    #[error(
        "the rule `{rule}` is in {other} already (the name says in findings which rule it was: choose another)"
    )]
    Taken {
        /// The name.
        rule: String,
        /// The file that has it.
        other: String,
    },
    /// More rules than are looked at.
    #[error(
        "there are more than {limit} rules in the directory (put conditions that belong together into one rule)"
    )]
    TooMany {
        /// How many may be there.
        limit: usize,
    },
}

/// A text that is parsed, for errors that say where.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text<'t> {
    pub file: &'t str,
    pub text: &'t str,
}

impl Text<'_> {
    /// An error at a place of the text.
    pub fn wrong(&self, span: &Range<usize>, message: impl Into<String>) -> RuleError {
        let (line, column) = place(self.text, span.start);
        RuleError::Invalid {
            file: self.file.to_owned(),
            line,
            column,
            message: message.into(),
        }
    }

    /// The parser's error.
    pub fn syntax(&self, error: &toml::de::Error) -> RuleError {
        let message = error.message().lines().next().unwrap_or_default();
        self.wrong(&error.span().unwrap_or_default(), message)
    }

    /// A name that is none of those that are known here.
    pub fn unknown(
        &self,
        span: &Range<usize>,
        what: &str,
        name: &str,
        known: &[&str],
    ) -> RuleError {
        self.wrong(
            span,
            format!("unknown {what} `{name}` ({})", nearest(name, known)),
        )
    }
}
