//! Text conditions of subscriptions.

/// Text that matches exactly, or as a prefix where it was written with a `*` at
/// its end (`wit/v0.1/lifecycle.wit`, `audit-subscription`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pattern {
    /// The whole text.
    Exact(Box<str>),
    /// How the text begins.
    Prefix(Box<str>),
}

impl Pattern {
    /// Reads one condition.
    #[must_use]
    pub fn new(text: &str) -> Self {
        match text.strip_suffix('*') {
            Some(prefix) => Self::Prefix(prefix.into()),
            None => Self::Exact(text.into()),
        }
    }

    /// Whether the text meets the condition.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        match self {
            Self::Exact(exact) => text == exact.as_ref(),
            Self::Prefix(prefix) => text.starts_with(prefix.as_ref()),
        }
    }

    /// Whether any of the conditions is met, or there is none.
    #[must_use]
    pub fn any(patterns: &[Self], text: &str) -> bool {
        patterns.is_empty() || patterns.iter().any(|pattern| pattern.matches(text))
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn star_at_the_end_is_a_prefix_and_anywhere_else_a_star() {
        assert!(Pattern::new("/api*").matches("/apis/apps"));
        assert!(Pattern::new("*").matches(""));
        assert!(!Pattern::new("a*b").matches("axb"));
        assert!(Pattern::new("a*b").matches("a*b"));
        assert!(!Pattern::new("get").matches("gets"));
    }
}
