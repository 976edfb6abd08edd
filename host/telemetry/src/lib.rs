//! Logs and metrics.
//!
//! Owns the registry of metrics, the set-up of logging, and the areas whose events carry only names
//! and numbers: sources, webhooks, sinks, and the store. Each area registers its own metrics, and
//! each of its methods reports one event to the log and the metrics together. Areas whose events
//! carry types of other crates are in the host's `app::observe`, since this crate depends on none of them.

mod labels;
mod logging;
mod metrics;
mod sink;
mod source;
mod store;
mod webhook;

pub use labels::{DetectorName, ListKind, ListName, RuleName, SinkName, SourceName};
pub use logging::{LoggingError, init};
pub use metrics::{CONTENT_TYPE, Metrics, Registration, set};
pub use sink::{SinkTelemetry, Sinks};
pub use source::SourceTelemetry;
pub use store::StoreTelemetry;
pub use webhook::{WebhookTelemetry, Webhooks};
