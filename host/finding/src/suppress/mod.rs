//! The operator's rules for suppressing findings.
//!
//! Rules are in TOML files of one directory, which is scanned repeatedly. A suppressed finding is
//! still counted, and it is written with its rule to the archive and to the sinks that are
//! configured for it.

mod condition;
mod directory;
mod error;
mod event;
mod expression;
mod field;
mod file;
mod handler;
mod matches;
mod operator;
mod parse;
mod preview;
mod report;
mod rule;
mod set;
mod tree;

pub use directory::{RuleDirectory, Rules};
pub use error::RuleError;
pub use event::RuleEvent;
pub use file::read_rule_file;
pub use matches::{Matches, RuleMatches};
pub use parse::rules as parse_rules;
pub use preview::{Preview, RulePreview, Shown, Types, preview};
pub use report::{FileReport, RuleReport, SuppressionReport};
pub use rule::{Rule, RuleState};
pub use set::{RuleFile, RuleSet};
