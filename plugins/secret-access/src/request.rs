//! Requests for secrets: their target and outcome.

use wardline_sdk::AuditEvent;

/// The outcome of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The secrets were returned.
    Allowed,
    /// The request was denied or unauthenticated (403, 401).
    Denied,
}

/// A request for one secret, or for those of a namespace or the cluster.
#[derive(Debug, PartialEq, Eq)]
pub struct SecretRequest {
    /// `NAMESPACE/NAME`; `*` stands for all.
    pub target: String,
    pub outcome: Outcome,
}

impl SecretRequest {
    /// Returns the request, or `None` if it neither succeeded nor was denied.
    pub fn from_event(event: AuditEvent<'_>) -> Option<Self> {
        let outcome = if event.succeeded() {
            Outcome::Allowed
        } else if event.denied() {
            Outcome::Denied
        } else {
            return None;
        };
        let object = event
            .object()
            .filter(|object| object.subresource().is_empty())?;
        Some(Self {
            target: target(object.namespace(), object.name()),
            outcome,
        })
    }

    /// Whether the request is for the secrets of all namespaces.
    pub fn is_cluster_wide(&self) -> bool {
        self.target == "*/*"
    }
}

/// Whether a request is for Helm's release records, which are secrets with a label and a common
/// name prefix (<https://helm.sh/docs/topics/kubernetes_apis/>, `storage/driver`).
pub fn is_release_record(event: AuditEvent<'_>) -> bool {
    event.name().starts_with("sh.helm.release.")
        || event
            .request_uri()
            .split_once('?')
            .is_some_and(|(_, query)| {
                query.contains("owner%3Dhelm") || query.contains("owner=helm")
            })
}

fn target(namespace: &str, name: &str) -> String {
    let or_all = |text| if str::is_empty(text) { "*" } else { text }.to_owned();
    format!("{}/{}", or_all(namespace), or_all(name))
}

#[cfg(test)]
mod tests {
    use super::target;

    #[test]
    fn missing_names_mean_all() {
        assert_eq!(target("shop", "db"), "shop/db");
        assert_eq!(target("shop", ""), "shop/*");
        assert_eq!(target("", ""), "*/*");
    }
}
