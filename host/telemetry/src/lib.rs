//! Logs and metrics.
//!
//! Holds names and numbers, and no logic; depends on no other crate of the host.

mod gauge;
mod labels;
mod lists;
mod logging;
mod metrics;
mod sink;
mod webhook;

pub use lists::ListNumbers;
pub use logging::{LoggingError, init};
pub use metrics::{CONTENT_TYPE, DetectorNumbers, Metrics};
pub use sink::SinkMetrics;
pub use webhook::WebhookMetrics;
