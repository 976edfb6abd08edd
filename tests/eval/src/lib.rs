//! Judges detectors by labelled attacks and by ordinary days.
//!
//! The program itself scans the logs, with the settings and lists that an operator would
//! give it; what it finds is compared with the labels. Recall and false positives are
//! figures; that a case is missed which was found before is a failure.

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
