//! The options of a stream that a log keeps in the body: `PodExecOptions`, `PodAttachOptions`, and
//! `PodPortForwardOptions`.
//!
//! API servers write them into the URL. Managed services and forwarders keep them as the object of
//! the request.

use serde_json::Value;
use serde_json::value::RawValue;
use wardline_event::model::ConnectOptions;

use super::read::{flag, text, texts};
use super::tolerant;
use crate::json::{Json, Parsed};

/// Adds the options of a body, parsed by `serde_json`.
pub(crate) fn stream(options: &mut ConnectOptions, body: Option<&RawValue>) {
    if let Some(body) = body {
        let (value, _): (Value, _) = tolerant(body, |body| serde_json::from_str(body));
        stream_in(options, Parsed::of(&value));
    }
}

/// Adds the options of a body that is already parsed.
pub(crate) fn stream_in<'v>(options: &mut ConnectOptions, body: impl Json<'v>) {
    if !body.is_object() {
        return;
    }
    // The URL comes first.
    if options.command.is_empty() {
        options.command = texts(body, "command");
    }
    if options.container.is_empty() {
        options.container = text(body, "container");
    }
    options.stdin |= flag(body, "stdin");
    options.stdout |= flag(body, "stdout");
    options.tty |= flag(body, "tty");
    if options.ports.is_empty() {
        options.ports = body
            .get("ports")
            .items()
            .filter_map(Json::integer)
            .collect();
    }
}
