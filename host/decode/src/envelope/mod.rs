//! Opens the envelopes in which clouds deliver audit events.
//!
//! A managed cluster's audit log is not a file of events. [`open`] takes what a cloud
//! delivers and yields the events as kube-apiserver writes them, for [`super::decode`]:
//!
//! - EKS: CloudWatch Logs, by subscription (Kinesis, Firehose, Lambda), as an export to S3,
//!   or as printed by `aws logs` (`aws`);
//! - GKE: Cloud Audit Logs, whose entries are not audit events and are translated
//!   (`google`);
//! - AKS: resource logs of Azure Monitor, from Event Hubs or a storage account, and rows of
//!   Log Analytics (`azure`).
//!
//! Records of log collectors and stores are opened whatever their form (`wrapped`), and so are lines
//! with text before the event (`prefix`).
//!
//! The form of each document follows from its keys, so a file may mix forms. A document may
//! be packed (gzip, base64), in an array, or directly after another without a newline.
//!
//! Decisions that the formats leave open:
//! - Records of other logs (a scheduler's, an authenticator's, a cloud's own administration)
//!   are [`Piece::Skipped`]: they are expected.
//! - A broken record affects no other; a truncated list yields the records before the end.
//! - An envelope may name the cluster and its cloud ([`CloudScope`]); the event keeps them.

mod about;
mod aws;
mod azure;
mod collector;
mod form;
mod google;
mod halves;
mod lines;
mod object;
mod opener;
mod packing;
mod prefix;
mod scope;
mod table;
mod wrapped;
mod write;

use std::borrow::Cow;

pub use form::is_plain;
pub(super) use object::Walk;
pub use scope::CloudScope;
pub(super) use wrapped::mentions_event;
pub(super) use write::Writer;

use self::opener::{Opener, is_several_documents};
use super::Limits;
use super::reject::Rejected;

/// The deepest nesting of envelopes. Clouds nest at most four: an array of records, a record,
/// its packed contents, and a list in those; a collector adds two.
const NESTING: usize = 8;

/// Top-level keys of event lists, of cloud envelopes, and of the responses of log stores. An event has
/// none of them.
pub const KEYS: [&[u8]; 27] = [
    b"items",
    b"messageType",
    b"logEvents",
    b"awslogs",
    b"Records",
    b"records",
    b"events",
    b"results",
    b"receivedMessages",
    b"message",
    b"@message",
    b"kinesis",
    b"data",
    b"Data",
    b"protoPayload",
    b"properties",
    b"AuditId",
    b"log_s",
    b"tables",
    b"rows",
    b"hits",
    b"_source",
    b"streams",
    b"resourceLogs",
    b"event",
    b"result",
    b"log",
];

/// A part of an opened document.
#[derive(Debug)]
pub enum Piece<'a> {
    /// An event, a list of events, or a document of unknown form, which the decoder rejects
    /// with a reason.
    Document {
        /// The text, borrowed if it is unchanged from the input.
        text: Cow<'a, [u8]>,
        /// The cluster and its cloud.
        scope: &'a CloudScope,
    },
    /// A record of a log other than the audit log.
    Skipped,
    /// A part that could not be opened.
    Rejected(Rejected<'a>),
}

/// Opens one line or one document and passes its parts to `each`, in order. A blank line, a
/// list without records, and the messages by which a cloud tests a subscription have none.
///
/// Never panics, whatever the input, and never unpacks more than
/// [`Limits::document_bytes`] at once.
pub fn open(bytes: &[u8], limits: &Limits, each: &mut dyn FnMut(Piece<'_>)) {
    Opener::new(limits, each).documents(bytes, &CloudScope::default(), 0);
}

/// Whether a text that begins with `{` holds more than one document, as a log without
/// newlines does, or commas after its only one.
pub fn is_several(bytes: &[u8]) -> bool {
    is_several_documents(bytes)
}
