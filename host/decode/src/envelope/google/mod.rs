//! GKE: Cloud Audit Logs.
//!
//! GKE does not keep the audit event: it makes a `LogEntry` with a `protoPayload` of the
//! type `google.cloud.audit.AuditLog` of it, in which the service is `k8s.io`. An entry is
//! translated back, as far as it says what the event did.
//!
//! - Entries: <https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry>
//! - Payloads: <https://cloud.google.com/logging/docs/reference/audit/auditlog/rest/Shared.Types/AuditLog>
//! - GKE: <https://cloud.google.com/kubernetes-engine/docs/how-to/audit-logging>
//! - Names, bodies and operations: entries in public test data, and how Google's own reader
//!   takes them (<https://github.com/GoogleCloudPlatform/khi>, `googlecloudlogk8saudit`)
//! - Pub/Sub: <https://cloud.google.com/pubsub/docs/reference/rest/v1/PubsubMessage>
//!
//! What an entry does not have, the event does not have: the groups of a Google account
//! but `system:authenticated`, `user.uid`, and the query of a request, so that the command
//! of an `exec` is known only if the entry has the options as its request.

mod annotations;
mod entry;
mod resource;
mod status;
mod uri;
mod user;

use super::form::Form;
use super::object::Object;
use super::{Opener, Place};

impl Opener<'_, '_> {
    pub(super) fn of_google(
        &mut self,
        form: Form,
        object: &Object<'_>,
        place: &Place,
        depth: usize,
    ) {
        match form {
            Form::PubSubMessages => self.list(object, "receivedMessages", |opener, message| {
                opener.documents(message, place, depth + 1);
            }),
            Form::PubSubMessage => {
                if let Some(message) = object.object("message") {
                    self.packed_in(&message, "data", place, depth);
                }
            }
            _ => self.log_entry(object),
        }
    }
}
