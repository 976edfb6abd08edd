//! Names that operators write in settings.

/// Whether a text is one of these, or begins as one of them that ends in `*` does: the same
/// notation as in subscriptions.
#[must_use]
pub fn any_matches(patterns: &[String], text: &str) -> bool {
    patterns
        .iter()
        .any(|pattern| match pattern.strip_suffix('*') {
            Some(prefix) => text.starts_with(prefix),
            None => text == pattern,
        })
}

#[cfg(test)]
mod tests {
    use super::any_matches;

    #[test]
    fn a_star_at_the_end_is_a_prefix() {
        let patterns = [
            "alice".to_owned(),
            "system:serviceaccount:argocd:*".to_owned(),
        ];
        for (text, expected) in [
            ("alice", true),
            ("alice2", false),
            ("system:serviceaccount:argocd:server", true),
            ("system:serviceaccount:argo:server", false),
            ("", false),
        ] {
            assert_eq!(any_matches(&patterns, text), expected, "{text}");
        }
        assert!(!any_matches(&[], "alice"));
    }
}
