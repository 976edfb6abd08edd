//! Labels of metrics. Values come from closed sets, but for the names of detectors,
//! sources, sinks and lists, of which there are few.

use prometheus_client::encoding::EncodeLabelSet;

macro_rules! labels {
    ($($name:ident { $($field:ident),* })*) => {
        $(
            #[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
            pub(super) struct $name { $(pub $field: String),* }
        )*
    };
}

labels! {
    Reason { reason }
    Detector { detector }
    DetectorReason { detector, reason }
    DetectorOutcome { detector, outcome }
    SourceName { source }
    SourceCode { source, code }
    SinkName { sink }
    SinkReason { sink, reason }
    SeverityLabel { severity }
    StepName { step }
    StateName { state }
    ListName { list, kind }
    StatusKind { status, kind }
    RuleName { rule }
    Build { version }
}
