//! Lists of names that an operator gives in a setting.

use crate::Settings;

/// Texts of a setting, each of which stands for itself, or, where it ends in `*`, for all
/// that begin with what is before it.
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
    /// These patterns.
    #[must_use]
    pub fn new<T: Into<String>>(patterns: impl IntoIterator<Item = T>) -> Self {
        Self(patterns.into_iter().map(Into::into).collect())
    }

    /// The patterns of a setting that is a list of texts.
    ///
    /// # Errors
    /// If the setting is not declared as one, or holds an empty text or a `*` alone: what
    /// matches everything is a mistake.
    pub fn of(settings: &Settings, name: &str) -> Result<Self, String> {
        let texts = settings.texts(name)?;
        if texts.iter().any(|text| text.is_empty() || text == "*") {
            return Err(format!(
                "`{name}` must not hold an empty text or a `*` alone"
            ));
        }
        Ok(Self(texts.to_vec()))
    }

    /// Whether one of them matches.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        self.0
            .iter()
            .any(|pattern| match pattern.strip_suffix('*') {
                Some(prefix) => text.starts_with(prefix),
                None => text == pattern,
            })
    }

    /// Whether there are none.
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
    fn a_star_at_the_end_is_all_that_follows() {
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
    fn what_matches_everything_is_refused() {
        let settings = |text: &str| {
            let value = SettingValue::Texts(vec![text.to_owned()]);
            Settings::new(vec![("trusted-users".to_owned(), value)])
        };
        assert!(Patterns::of(&settings("a*"), "trusted-users").is_ok());
        for text in ["", "*"] {
            let error = Patterns::of(&settings(text), "trusted-users").unwrap_err();
            assert!(error.contains("trusted-users"), "{error}");
        }
    }
}
