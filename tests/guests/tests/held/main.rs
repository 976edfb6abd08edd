//! The host contains every guest that misbehaves: it keeps judging for all other
//! detectors, reports what happened, and recovers.
//!
//! A guest is a case of [`Conduct`], [`Text`], or [`Junk`]. The tests are generated from
//! these lists, and [`expected`] has no wildcard arm, so a guest without a test does not
//! compile.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod abi;
mod bound;
mod build;
mod events;
mod expected;
#[macro_use]
mod junk;
mod log;
mod recovery;
mod stage;
#[macro_use]
mod text;

use expected::Expected;
use junk::Junk;
use text::Text;
use wardline_test_guests::{Conduct, conducts};

/// A guest that misbehaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guest {
    /// Written in Rust.
    Conduct(Conduct),
    /// Written as WebAssembly text.
    Text(Text),
    /// Not a detector at all.
    Junk(Junk),
}

/// Runs the guest beside a good detector and compares the operator's view with the golden
/// text.
fn is_held(guest: Guest, name: &str) {
    let seen = stage::run(guest);
    seen.check_accounts();
    assert_eq!(
        seen.findings_of_good,
        stage::findings_of_good_alone(),
        "the good detector's findings"
    );
    match expected::expected(guest) {
        Expected::Refused(step) => {
            let (file, failure) = seen.refused.as_ref().expect("the guest is refused");
            assert_eq!((file.as_str(), failure.step), ("guest", step));
            assert_eq!(seen.not_judged, 0);
        }
        Expected::Fails(outcome) => {
            assert!(seen.refused.is_none(), "{:?}", seen.refused);
            let counts = seen.guest.as_ref().expect("the guest is at work");
            assert!(counts.calls.contains_key(outcome.as_str()), "{counts:?}");
            assert!(counts.not_judged > 0);
        }
        Expected::Refuses(reason) => {
            let counts = seen.guest.as_ref().expect("the guest is at work");
            assert!(counts.findings_refused.contains_key(reason), "{counts:?}");
            assert_eq!(counts.not_judged, 0);
        }
        Expected::Curbed => {
            let counts = seen.guest.as_ref().expect("the guest is at work");
            assert_eq!(counts.not_judged, 0);
            assert_eq!(counts.judged, events::EXECS);
        }
    }
    let mut golden = insta::Settings::clone_current();
    golden.set_snapshot_path("golden");
    golden.set_prepend_module_to_snapshot(false);
    golden.set_omit_expression(true);
    golden.bind(|| insta::assert_snapshot!(name, seen.report()));
}

macro_rules! conduct_tests {
    ($($case:ident $name:ident)*) => {
        mod conduct {
            use super::{Conduct, Guest, is_held};
            $(#[test]
            fn $name() {
                is_held(Guest::Conduct(Conduct::$case), stringify!($name));
            })*
        }
    };
}
conducts!(conduct_tests);

macro_rules! text_tests {
    ($($case:ident $name:ident)*) => {
        mod written {
            use super::{Guest, Text, is_held};
            $(#[test]
            fn $name() {
                is_held(Guest::Text(Text::$case), stringify!($name));
            })*
        }
    };
}
texts_to!(text_tests);

macro_rules! junk_tests {
    ($($case:ident $name:ident)*) => {
        mod no_detector {
            use super::{Guest, Junk, is_held};
            $(#[test]
            fn $name() {
                is_held(Guest::Junk(Junk::$case), stringify!($name));
            })*
        }
    };
}
junk_to!(junk_tests);
