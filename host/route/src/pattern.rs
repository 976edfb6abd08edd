//! Text conditions of subscriptions.

/// A text that matches exactly, or as a prefix if it was written with a trailing `*`
/// (`wit/v0.1/lifecycle.wit`, `audit-subscription`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pattern {
    /// The whole text.
    Exact(Box<str>),
    /// The beginning of the text.
    Prefix(Box<str>),
}

impl Pattern {
    /// Parses one condition.
    #[must_use]
    pub fn new(text: &str) -> Self {
        match text.strip_suffix('*') {
            Some(prefix) => Self::Prefix(prefix.into()),
            None => Self::Exact(text.into()),
        }
    }

    /// Parses several conditions.
    #[must_use]
    pub fn all(texts: &[String]) -> Vec<Self> {
        texts.iter().map(|text| Self::new(text)).collect()
    }

    /// Returns whether the text meets the condition.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        match self {
            Self::Exact(exact) => text == exact.as_ref(),
            Self::Prefix(prefix) => text.starts_with(prefix.as_ref()),
        }
    }

    /// Returns whether one of several texts meets any of the conditions, or there is none.
    #[must_use]
    pub fn any_of<'t>(patterns: &[Self], mut texts: impl Iterator<Item = &'t str>) -> bool {
        patterns.is_empty() || texts.any(|text| Self::any(patterns, text))
    }

    /// Returns whether any of the conditions is met, or there is none.
    #[must_use]
    pub fn any(patterns: &[Self], text: &str) -> bool {
        patterns.is_empty() || patterns.iter().any(|pattern| pattern.matches(text))
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn trailing_star_is_a_prefix_and_any_other_star_is_literal() {
        assert!(Pattern::new("/api*").matches("/apis/apps"));
        assert!(Pattern::new("*").matches(""));
        assert!(!Pattern::new("a*b").matches("axb"));
        assert!(Pattern::new("a*b").matches("a*b"));
        assert!(!Pattern::new("get").matches("gets"));
    }
}
