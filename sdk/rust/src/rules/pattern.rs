//! Lists of names and prefixes in settings.

use crate::Settings;

/// Patterns, each of which matches one text, or, if it ends in `*`, all texts with the prefix
/// before it.
///
/// ```
/// use wardline_sdk::rules::Patterns;
///
/// let trusted = Patterns::new(["alice", "system:serviceaccount:argocd:*"]);
/// assert!(trusted.matches("system:serviceaccount:argocd:server"));
/// assert!(!trusted.matches("alice2"));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Patterns(Vec<String>);

impl Patterns {
    /// Returns these patterns.
    #[must_use]
    pub fn new<T: Into<String>>(patterns: impl IntoIterator<Item = T>) -> Self {
        Self(patterns.into_iter().map(Into::into).collect())
    }

    /// Returns the patterns of a setting that is a list of texts.
    ///
    /// # Errors
    /// Returns a sentence for the operator if the setting is not declared as a list of texts, or if
    /// one of the texts is empty or a single `*`, since a pattern that matches everything is a
    /// mistake.
    pub fn from_setting(settings: &Settings, name: &str) -> Result<Self, String> {
        let texts = settings.texts(name)?;
        if texts.iter().any(|text| text.is_empty() || text == "*") {
            return Err(format!(
                "`{name}` must not contain an empty text or a single `*`"
            ));
        }
        Ok(Self(texts.to_vec()))
    }

    /// Returns whether any pattern matches.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        self.0
            .iter()
            .any(|pattern| match pattern.strip_suffix('*') {
                Some(prefix) => text.starts_with(prefix),
                None => text == pattern,
            })
    }

    /// Returns whether there are no patterns.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::Patterns;
    use crate::Settings;
    use crate::contract::SettingValue;

    #[test]
    fn trailing_star_matches_any_suffix() {
        let patterns = Patterns::new(["alice", "team-*"]);
        for (text, matches) in [
            ("alice", true),
            ("alice@example.com", false),
            ("team-", true),
            ("team-a", true),
            ("my-team-a", false),
            ("", false),
        ] {
            assert_eq!(patterns.matches(text), matches, "{text}");
        }
    }

    #[test]
    fn refuses_patterns_that_match_everything() {
        let settings = |text: &str| {
            let value = SettingValue::Texts(vec![text.to_owned()]);
            Settings::new(vec![("trusted-users".to_owned(), value)])
        };
        assert!(Patterns::from_setting(&settings("a*"), "trusted-users").is_ok());
        for text in ["", "*"] {
            let error = Patterns::from_setting(&settings(text), "trusted-users").unwrap_err();
            assert!(error.contains("trusted-users"), "{error}");
        }
    }
}
