//! Rules of the operator that say which findings need nobody's attention.
//!
//! Rules stand in TOML files of one directory, which is looked at again and again. A rule
//! hides a finding from sinks, and never from the count: a suppressed finding is written
//! with its rule, to the archive and to whichever sink asks for it.

mod condition;
mod directory;
mod error;
mod event;
mod expression;
mod field;
mod file;
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
