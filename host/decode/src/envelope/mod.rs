//! Opens what clouds wrap audit events in.
//!
//! A managed cluster's audit log is not a file of events. [`open`] takes whatever the
//! clouds deliver and gives the events as kube-apiserver writes them, for [`super::decode`]
//! to read:
//!
//! - EKS: CloudWatch Logs, by subscription (Kinesis, Firehose, Lambda), as an export to S3,
//!   or as `aws logs` prints it ([`aws`]);
//! - GKE: Cloud Audit Logs, whose entries are no audit events and are translated
//!   ([`google`]);
//! - AKS: resource logs of Azure Monitor, from Event Hubs or a storage account, and rows of
//!   Log Analytics ([`azure`]).
//!
//! What a document is, its keys tell, one by one: forms may be mixed in a file. A document
//! may be packed (gzip, base64), in an array, or directly behind another without a newline.
//!
//! Decisions that the formats leave open:
//! - Records that are of another log (a scheduler's, an authenticator's, a cloud's own
//!   administration) are [`Piece::Skipped`]: they are there by design.
//! - A record that is broken costs only itself; of a list that is cut off what came before
//!   comes out.
//! - An envelope says where it is from ([`Place`]); that is kept with the event.

mod aws;
mod azure;
mod form;
mod google;
mod object;
mod opener;
mod packing;
mod place;
mod write;

use std::borrow::Cow;

pub use form::is_plain;
pub use place::Place;

use self::object::Object;
use self::opener::{Opener, is_document};
use super::Limits;
use super::reject::Rejected;
use super::scan::trim;

/// Keys at the top level of what holds events: of a list, and of what clouds wrap events
/// in . An event has none of them.
pub const KEYS: [&[u8]; 18] = [
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
];

/// A part of what was opened.
#[derive(Debug)]
pub enum Piece<'a> {
    /// An event or a list of events, or what is nothing that is known: the decoder says
    /// what is wrong with it.
    Document {
        /// Its text. Borrowed where it stands in the input as it is.
        text: Cow<'a, [u8]>,
        /// Where it is from.
        place: &'a Place,
    },
    /// A record that is of another log than the audit log.
    Skipped,
    /// What could not be opened.
    Rejected(Rejected<'a>),
}

/// Opens one line or one document, and hands over what is in it, in its order. Nothing for
/// a blank line, a list without records, and messages by which a cloud tests a subscription.
///
/// Never panics, whatever the input; never unpacks more than [`Limits::document_bytes`] at
/// once.
pub fn open(bytes: &[u8], limits: &Limits, each: &mut dyn FnMut(Piece<'_>)) {
    Opener::new(limits, each).documents(bytes, &Place::default(), 0);
}

/// Whether more than one document stands in a text that begins with `{`, as where a log
/// was written without newlines.
pub fn is_several(bytes: &[u8]) -> bool {
    Object::read(trim(bytes)).is_some_and(|first| is_document(first.rest))
}
