//! What a request for secrets asked for.

use wardline_sdk::AuditEvent;

/// Whether it got it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Given,
    Denied,
}

/// A request for one secret, or for those of a namespace or of all.
#[derive(Debug, PartialEq, Eq)]
pub struct SecretRequest {
    /// `NAMESPACE/NAME`; `*` stands for all.
    pub target: String,
    pub answer: Answer,
}

impl SecretRequest {
    /// The request, or none if it was neither answered nor refused for want of rights.
    pub fn of(event: AuditEvent<'_>) -> Option<Self> {
        let answer = if event.succeeded() {
            Answer::Given
        } else if event.denied() {
            Answer::Denied
        } else {
            return None;
        };
        let object = event
            .object()
            .filter(|object| object.subresource().is_empty())?;
        Some(Self {
            target: target(object.namespace(), object.name()),
            answer,
        })
    }

    /// Whether it is for the secrets of all namespaces.
    pub fn takes_all(&self) -> bool {
        self.target == "*/*"
    }
}

fn target(namespace: &str, name: &str) -> String {
    let or_all = |text| if str::is_empty(text) { "*" } else { text }.to_owned();
    format!("{}/{}", or_all(namespace), or_all(name))
}

#[cfg(test)]
mod tests {
    use super::target;

    #[test]
    fn what_is_not_named_is_all() {
        assert_eq!(target("shop", "db"), "shop/db");
        assert_eq!(target("shop", ""), "shop/*");
        assert_eq!(target("", ""), "*/*");
    }
}
