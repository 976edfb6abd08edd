//! Requests for secrets: their target and outcome.

use wardline_sdk::AuditEvent;
use wardline_sdk::rules::agent;

/// The outcome of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The secrets were returned.
    Allowed,
    /// The request was denied or unauthenticated (403, 401).
    Denied,
    /// There is no such secret (404), and a person or a hand tool asked for it: a name that was
    /// guessed. Programs ask for what may not exist yet all day.
    Missing,
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
        } else if event.code() == Some(404) && is_guess(event) {
            Outcome::Missing
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

/// Whether a person or a tool that people use asked for a secret by its name.
fn is_guess(event: AuditEvent<'_>) -> bool {
    event.verb() == "get"
        && (event.user().is_person() || agent::hand_tool(event.user_agent()).is_some())
}

/// Whether a request is for Helm's release records, which are secrets with a label and a common
/// name prefix (<https://helm.sh/docs/topics/kubernetes_apis/>, `storage/driver`).
pub fn is_release_record(event: AuditEvent<'_>) -> bool {
    event.name().starts_with("sh.helm.release.") || selects_releases(event.request_uri())
}

/// Whether the label selector of a URI selects nothing but release records. The API server ignores
/// unknown keys of the query, and reads the first of several selectors.
fn selects_releases(uri: &str) -> bool {
    let query = uri.split_once('?').map_or("", |(_, query)| query);
    let mut selectors = query
        .split('&')
        .filter_map(|pair| pair.strip_prefix("labelSelector="))
        .peekable();
    selectors.peek().is_some()
        && selectors.all(|selector| {
            let selector = ["%2C", "%2c"]
                .iter()
                .fold(selector.to_owned(), |text, code| text.replace(code, ","));
            let selector = ["%3D", "%3d"]
                .iter()
                .fold(selector, |text, code| text.replace(code, "="));
            selector
                .split(',')
                .any(|part| matches!(part, "owner=helm" | "owner==helm"))
        })
}

fn target(namespace: &str, name: &str) -> String {
    let or_all = |text| if str::is_empty(text) { "*" } else { text }.to_owned();
    format!("{}/{}", or_all(namespace), or_all(name))
}

#[cfg(test)]
mod tests {
    use super::{selects_releases, target};

    #[test]
    fn only_selectors_of_releases_select_them() {
        for (query, expected) in [
            ("labelSelector=owner%3Dhelm", true),
            ("labelSelector=owner=helm", true),
            (
                "limit=500&labelSelector=name%3Dweb%2Cowner%3Dhelm%2Cstatus%3Ddeployed",
                true,
            ),
            ("labelSelector=owner%21%3Dhelm", false),
            ("labelSelector=xowner%3Dhelm", false),
            ("limit=500&x=owner%3Dhelm", false),
            ("labelSelector=owner%3Dhelm&labelSelector=", false),
            ("labelSelector=owner+notin+%28helm%29", false),
            ("", false),
        ] {
            let uri = format!("/api/v1/secrets?{query}");
            assert_eq!(selects_releases(&uri), expected, "{query}");
        }
    }

    #[test]
    fn missing_names_mean_all() {
        assert_eq!(target("shop", "db"), "shop/db");
        assert_eq!(target("shop", ""), "shop/*");
        assert_eq!(target("", ""), "*/*");
    }
}
