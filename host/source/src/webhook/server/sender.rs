//! The sender's name in a request path.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

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

/// The names seen so far.
#[derive(Default)]
pub(super) struct KnownSenders(Mutex<HashSet<String>>);

impl KnownSenders {
    /// Returns whether a sender may use this name: it is known, or there are not too many.
    pub fn admit(&self, name: &str) -> bool {
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if names.contains(name) {
            return true;
        }
        names.len() < MAX_SENDERS && names.insert(name.to_owned())
    }
}

fn is_name(name: &str) -> bool {
    name.len() <= MAX_NAME_LENGTH
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::{KnownSenders, MAX_SENDERS, sender};

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
        for number in 0..MAX_SENDERS {
            assert!(senders.admit(&number.to_string()));
        }
        assert!(senders.admit("0"));
        assert!(!senders.admit("one-more"));
    }
}
