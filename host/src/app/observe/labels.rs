//! Label values from closed sets.

use std::fmt;

use prometheus_client::encoding::{EncodeLabelValue, LabelValueEncoder};
use wardline_decode::Reject;
use wardline_detect::{Outcome, Skip};
use wardline_finding::suppress::RuleState;
use wardline_finding::{Label, Status};

use crate::plugin::{FileState, Step};

/// The name of an enum's variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Variant(&'static str);

impl EncodeLabelValue for Variant {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> fmt::Result {
        EncodeLabelValue::encode(&self.0, encoder)
    }
}

macro_rules! variants {
    ($($enum:ty)*) => {
        $(
            impl From<$enum> for Variant {
                fn from(value: $enum) -> Self {
                    Self(value.as_str())
                }
            }
        )*
    };
}

variants! {
    Reject
    Outcome
    &Skip
    Label
    Status
    WriteKind
    Step
    FileState
    RuleState
}

/// How a finding is written.
#[derive(Debug, Clone, Copy)]
pub(super) enum WriteKind {
    /// For the first time.
    New,
    /// Again, with more occurrences.
    Update,
}

impl WriteKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Update => "update",
        }
    }
}
