//! GKE: Cloud Audit Logs.
//!
//! GKE does not keep the audit event: it converts it to a `LogEntry` with a `protoPayload` of
//! the type `google.cloud.audit.AuditLog` and the service `k8s.io`. An entry is translated back
//! as far as its contents allow.
//!
//! - Entries: <https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry>
//! - Payloads: <https://cloud.google.com/logging/docs/reference/audit/auditlog/rest/Shared.Types/AuditLog>
//! - GKE: <https://cloud.google.com/kubernetes-engine/docs/how-to/audit-logging>
//! - Names, bodies, and operations: entries in public test data, and Google's own reader
//!   (<https://github.com/GoogleCloudPlatform/khi>, `googlecloudlogk8saudit`)
//! - Pub/Sub: <https://cloud.google.com/pubsub/docs/reference/rest/v1/PubsubMessage>
//!
//! The event lacks the data that an entry lacks: the groups of a Google account except
//! `system:authenticated`, `user.uid`, and the query of a request. The command of an `exec` is
//! therefore known only if the entry has the options as its request.

mod annotations;
mod entry;
mod names;
mod resource;
mod status;
mod uri;
mod user;

use super::form::Form;
use super::object::Object;
use super::{CloudScope, Opener};

impl Opener<'_, '_> {
    pub(super) fn of_google(
        &mut self,
        form: Form,
        object: &Object<'_>,
        scope: &CloudScope,
        depth: usize,
    ) {
        match form {
            Form::PubSubMessages => self.list(object, "receivedMessages", |opener, message| {
                opener.documents(message, scope, depth + 1);
            }),
            Form::PubSubMessage => {
                if let Some(message) = object.object("message") {
                    self.packed_in(&message, "data", scope, depth);
                }
            }
            _ => self.log_entry(object, scope, depth),
        }
    }
}
