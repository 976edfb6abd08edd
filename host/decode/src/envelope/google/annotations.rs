//! The audit annotations.

use crate::envelope::object::Object;
use crate::envelope::write::Writer;

const DECISION: &str = "authorization.k8s.io/decision";
/// Annotations whose names BigQuery cannot have as names of columns.
const COLUMNS: [(&[u8], &str); 2] = [
    (b"authorization_k8s_io_decision", DECISION),
    (
        b"authorization_k8s_io_reason",
        "authorization.k8s.io/reason",
    ),
];
const TRUNCATED: &str = "audit.k8s.io/truncated";

/// The annotations of an event, which are the labels of its entry.
pub(super) struct Annotations {
    pub written: Writer,
    /// Whether they say that the request was denied.
    pub is_forbidden: bool,
}

impl Annotations {
    pub fn of(entry: &Object<'_>, payload: &Object<'_>) -> Self {
        let mut written = Writer::object();
        let labels = entry.object("labels");
        let members = labels.iter().flat_map(Object::members);
        for (key, value) in members.filter(|(_, value)| value.starts_with(b"\"")) {
            match COLUMNS.iter().find(|(column, _)| *column == key) {
                Some((_, name)) => written.raw(name, value),
                None => written.raw_key(&[b"\"", key, b"\""].concat(), value),
            }
        }
        let decision = labels.as_ref().and_then(|labels| {
            let of_column = || labels.text("authorization_k8s_io_decision");
            labels.text(DECISION).or_else(of_column)
        });
        if decision.is_none() && is_granted(payload) {
            written.text(DECISION, "allow");
        }
        // A split entry continues in others.
        if entry.has("split") {
            written.text(TRUNCATED, "true");
        }
        Self {
            written,
            is_forbidden: decision.as_deref() == Some("forbid"),
        }
    }
}

fn is_granted(payload: &Object<'_>) -> bool {
    #[derive(serde::Deserialize)]
    struct Authorization {
        #[serde(default)]
        granted: bool,
    }
    payload
        .value::<Vec<Authorization>>("authorizationInfo")
        .is_some_and(|all| !all.is_empty() && all.iter().all(|one| one.granted))
}
