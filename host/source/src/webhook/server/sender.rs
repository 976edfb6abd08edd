//! The sender's name in a request path.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::credentials::Credential;

/// How many names of senders one webhook accepts, since they are metric labels.
const MAX_SENDERS: usize = 256;
/// The maximum length of a name, that of a label value in Kubernetes.
const MAX_NAME_LENGTH: usize = 63;

/// Returns the sender's name, which follows `prefix` in a path and may be empty, or `None` if
/// the path does not belong to a sender.
pub(super) fn sender<'p>(prefix: &str, path: &'p str) -> Option<&'p str> {
    let rest = path.strip_prefix(prefix)?;
    if !rest.is_empty() && !rest.starts_with('/') {
        return None;
    }
    let name = rest.strip_prefix('/').unwrap_or(rest);
    is_name(name).then_some(name)
}

/// The names seen so far, with the credential that used each first.
#[derive(Default)]
pub(super) struct KnownSenders(Mutex<HashMap<String, Credential>>);

impl KnownSenders {
    /// Returns whether a sender may use this name: it is known, or the credential has not used too
    /// many. One of several credentials gets an equal share, so that it cannot use up all names;
    /// names that a token is bound to are the operator's, and do not count.
    pub fn admit(&self, name: &str, credential: Credential, credentials: usize) -> bool {
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if credential.is_bound || names.contains_key(name) {
            return true;
        }
        let share = (MAX_SENDERS / credentials.max(1)).max(1);
        let used = names.values().filter(|first| **first == credential).count();
        if used >= share || names.len() >= MAX_SENDERS {
            return false;
        }
        names.insert(name.to_owned(), credential);
        true
    }
}

/// Returns whether a text, which may be empty, can be the name of a cluster.
pub(super) fn is_name(name: &str) -> bool {
    name.len() <= MAX_NAME_LENGTH
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::{Credential, KnownSenders, MAX_SENDERS, sender};

    #[test]
    fn name_is_the_segment_after_the_prefix() {
        for (prefix, path, name) in [
            ("", "/", Some("")),
            ("", "/lab", Some("lab")),
            ("/k8s/audit", "/k8s/audit", Some("")),
            ("/k8s/audit", "/k8s/audit/", Some("")),
            ("/k8s/audit", "/k8s/audit/eu-west.1_a", Some("eu-west.1_a")),
            ("/k8s/audit", "/k8s/auditor", None),
            ("/k8s/audit", "/k8s", None),
            ("/k8s/audit", "/k8s/audit/a/b", None),
            ("", "/a%2fb", None),
        ] {
            assert_eq!(sender(prefix, path), name, "{path}");
        }
        assert_eq!(sender("", &format!("/{}", "a".repeat(64))), None);
    }

    #[test]
    fn number_of_names_is_bounded() {
        let senders = KnownSenders::default();
        let free = |token| Credential {
            token: Some(token),
            is_bound: false,
        };
        let share = MAX_SENDERS / 2;
        for number in 0..share {
            assert!(senders.admit(&number.to_string(), free(0), 2));
        }
        assert!(senders.admit("0", free(0), 2));
        assert!(!senders.admit("one-more", free(0), 2));
        // Another token still has its share, and a bound one needs none.
        assert!(senders.admit("another", free(1), 2));
        let bound = Credential {
            token: Some(2),
            is_bound: true,
        };
        assert!(senders.admit("own", bound, 2));
        let alone = KnownSenders::default();
        for number in 0..MAX_SENDERS {
            assert!(alone.admit(&number.to_string(), Credential::default(), 0));
        }
        assert!(!alone.admit("one-more", Credential::default(), 0));
    }
}
