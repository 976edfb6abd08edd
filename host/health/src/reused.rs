//! The finding about an audit id that was used for different requests.

use std::sync::Arc;

use wardline_check::Claim;
use wardline_contract::{Descriptor, Finding, FindingType};
use wardline_event::model::{Attribute, Evidence};
use wardline_event::{Cited, Record};

/// The name of the finding type.
pub const REUSED_AUDIT_ID: &str = "DefenseEvasion:Kubernetes/AuditIdReused";

const SEVERITY: f64 = 5.0;

/// Returns the finding type.
pub(crate) fn finding_type() -> FindingType {
    FindingType {
        name: REUSED_AUDIT_ID.to_owned(),
        severity: SEVERITY,
        title: "A client used the audit ID of another request".to_owned(),
        description: "The request has the audit ID of a recent request by another user, with another verb, or for another URI. The API server takes the ID from the client's header `Audit-ID`, and generates a random one otherwise, so the client chose it. Tools that drop repeated audit IDs, as many do, do not see this request. Wardline judges it as any other.".to_owned(),
        techniques: vec!["T1562.008".to_owned()],
        remediation: "Look at all requests of the actor, above all at the one that this finding is about. Revoke the actor's credentials if it is not a tool that you know to set the header.".to_owned(),
        false_positives: "A gateway in front of the API server that sets one `Audit-ID` for several requests. Requests that the aggregation layer passes to another API server have the same user, verb, and URI, and are not reported.".to_owned(),
        references: vec![
            "https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/".to_owned(),
        ],
        attributes: vec![
            Attribute {
                key: "tuning".to_owned(),
                value: "Suppress the type for the user of a gateway that sets the header.".to_owned(),
            },
            Attribute {
                key: "aggregation-key".to_owned(),
                value: "cluster, actor".to_owned(),
            },
        ],
    }
}

/// Returns the claim about such a request. `descriptor` is that of [`crate::descriptor`].
#[must_use]
pub fn reused_audit_id(record: Arc<Record>, descriptor: &Arc<Descriptor>) -> Claim {
    let reference = record.reference();
    let finding_type = descriptor
        .finding_types
        .iter()
        .position(|known| known.name == REUSED_AUDIT_ID)
        .unwrap_or_default();
    let cited = Cited {
        id: Arc::clone(&record.event_id),
        time: record.time(),
    };
    let evidence = Evidence {
        event: reference,
        field: "auditID".to_owned(),
        value: wardline_text::shown(&record.event_id, 256),
    };
    Claim {
        finding: Finding {
            finding_type: REUSED_AUDIT_ID.to_owned(),
            events: vec![reference],
            evidence: vec![evidence],
            dedup_key: record.actor.to_string(),
            ..Finding::default()
        },
        events: vec![(reference, cited)],
        severity: SEVERITY,
        finding_type,
        descriptor: Arc::clone(descriptor),
        ordinal: 0,
        record,
    }
}
