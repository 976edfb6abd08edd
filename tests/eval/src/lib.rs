//! Evaluates detectors on labelled attacks and ordinary days.
//!
//! The real binary scans the logs, with the settings and lists that an operator would give
//! it, and its findings are compared with the labels. Recall and false positives are
//! reported; missing a case that was found before is a failure.

mod benign;
mod case;
mod judge;
mod ledger;
mod scan;
mod table;

pub use benign::{Benign, judge_ordinary_day};
pub use case::{Case, Class, cases};
pub use judge::{Judged, judge, judge_folder};
pub use ledger::{Ledger, Regression};
pub use scan::{Finding, Program};
pub use table::table;
