//! Names that an operator lists in a setting.

/// Whether a text is one of these names. As in subscriptions, a name that ends in `*` stands
/// for all that begin so.
#[must_use]
pub fn is_any(names: &[String], text: &str) -> bool {
    names.iter().any(|name| match name.strip_suffix('*') {
        Some(prefix) => text.starts_with(prefix),
        None => name == text,
    })
}

#[cfg(test)]
mod tests {
    use super::is_any;

    #[test]
    fn a_star_at_the_end_stands_for_the_rest() {
        let names = ["alice".to_owned(), "system:serviceaccount:ci:*".to_owned()];
        assert!(is_any(&names, "alice"));
        assert!(is_any(&names, "system:serviceaccount:ci:runner"));
        assert!(!is_any(&names, "alice2"));
        assert!(!is_any(&[], "alice"));
    }
}
