//! Who sends, as the path says it.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

/// Names of senders that one webhook tells apart; they are labels of metrics.
const MOST: usize = 256;
/// Characters of a name: those of a label's value in Kubernetes.
const LONGEST: usize = 63;

/// The sender's name, which stands behind `prefix` in a path and may be empty. None: the
/// path is no sender's.
pub(super) fn sender<'p>(prefix: &str, path: &'p str) -> Option<&'p str> {
    let rest = path.strip_prefix(prefix)?;
    if !rest.is_empty() && !rest.starts_with('/') {
        return None;
    }
    let name = rest.strip_prefix('/').unwrap_or(rest);
    is_name(name).then_some(name)
}

/// The names that were seen.
#[derive(Default)]
pub(super) struct Senders(Mutex<HashSet<String>>);

impl Senders {
    /// Whether a sender may have this name: it had it before, or there are not too many.
    pub fn admit(&self, name: &str) -> bool {
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if names.contains(name) {
            return true;
        }
        names.len() < MOST && names.insert(name.to_owned())
    }
}

fn is_name(name: &str) -> bool {
    name.len() <= LONGEST
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::{MOST, Senders, sender};

    #[test]
    fn the_segment_after_the_prefix_is_the_name() {
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
    fn names_are_bounded() {
        let senders = Senders::default();
        for number in 0..MOST {
            assert!(senders.admit(&number.to_string()));
        }
        assert!(senders.admit("0"));
        assert!(!senders.admit("one-more"));
    }
}
