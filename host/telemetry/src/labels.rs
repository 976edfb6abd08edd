//! Label values that operators or detectors choose. There are few of each.

use std::fmt;
use std::sync::Arc;

use prometheus_client::encoding::{EncodeLabelValue, LabelValueEncoder};

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident)*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
            pub struct $name(Arc<str>);

            impl From<&str> for $name {
                fn from(name: &str) -> Self {
                    Self(name.into())
                }
            }

            impl EncodeLabelValue for $name {
                fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> fmt::Result {
                    EncodeLabelValue::encode(&self.0, encoder)
                }
            }
        )*
    };
}

names! {
    /// The name of a detector.
    DetectorName
    /// The name of a source.
    SourceName
    /// The name of a sink.
    SinkName
    /// The name of an intel list.
    ListName
    /// The kind of an intel list.
    ListKind
    /// The name of a suppression rule.
    RuleName
}
