//! Errors of suppression rules.

use std::ops::Range;

use wardline_files::FileError;
use wardline_text::{Hint, nearest, place};

/// The fault in a file of rules.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// The text is not TOML, or a rule is invalid.
    #[error("{file}:{line}:{column}: {message}")]
    Invalid {
        /// The file.
        file: String,
        /// The line, counted from 1.
        line: usize,
        /// The column, counted from 1.
        column: usize,
        /// A description of the fault, with a hint.
        message: String,
    },
    /// Two files have a rule with the same name.
    #[error("a rule named `{rule}` already exists in {other}")]
    Taken {
        /// The name.
        rule: String,
        /// The file that contains the other rule.
        other: String,
    },
    /// The directory has too many rules.
    #[error("the directory has more than {limit} rules")]
    TooMany {
        /// The maximum number of rules.
        limit: usize,
    },
}

impl Hint for RuleError {
    fn hint(&self) -> Option<String> {
        match self {
            // The limit is not a setting.
            Self::File(FileError::TooLarge { .. }) => {
                Some("split the rules into several files".into())
            }
            Self::File(error) => error.hint(),
            Self::Taken { .. } => {
                Some("choose another name: findings name the rule that suppressed them".into())
            }
            Self::TooMany { .. } => Some("combine related conditions in one rule".into()),
            Self::Invalid { .. } => None,
        }
    }
}

/// The text that is being parsed, to give errors a position.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text<'t> {
    pub file: &'t str,
    pub text: &'t str,
}

impl Text<'_> {
    /// Returns an error at a position of the text.
    pub fn wrong(&self, span: &Range<usize>, message: impl Into<String>) -> RuleError {
        let (line, column) = place(self.text, span.start);
        RuleError::Invalid {
            file: self.file.to_owned(),
            line,
            column,
            message: message.into(),
        }
    }

    /// Converts an error of the TOML parser.
    pub fn syntax(&self, error: &toml::de::Error) -> RuleError {
        let message = error.message().lines().next().unwrap_or_default();
        self.wrong(&error.span().unwrap_or_default(), message)
    }

    /// Returns an error for a name that is not in `known`.
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
