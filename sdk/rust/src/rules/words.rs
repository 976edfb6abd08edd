//! Words in the names of objects.

/// Returns whether a name contains these whole words in a row: `node-exporter` contains `exporter`
/// and not `port`. Words consist of letters and digits; separators and case do not matter.
///
/// ```
/// use wardline_sdk::rules::words::has_words;
///
/// assert!(has_words("kube-prometheus-stack-grafana", "grafana"));
/// assert!(has_words("prod.argocd-server", "argocd_server"));
/// assert!(!has_words("grafanalytics", "grafana"));
/// ```
#[must_use]
pub fn has_words(name: &str, words: &str) -> bool {
    if split(words).next().is_none() {
        return false;
    }
    let mut rest = split(name);
    loop {
        let mut following = rest.clone();
        let is_here = split(words).all(|word| {
            following
                .next()
                .is_some_and(|other| other.eq_ignore_ascii_case(word))
        });
        if is_here {
            return true;
        }
        if rest.next().is_none() {
            return false;
        }
    }
}

/// A set of names. [`Names::has_one`] is equivalent to [`has_words`] for each name, at about the
/// cost of one.
///
/// ```
/// use wardline_sdk::rules::words::Names;
///
/// let agents = Names::new(["falco", "fluent-bit"]);
/// assert!(agents.has_one("prod-fluent-bit-x7k"));
/// assert!(!agents.has_one("falcon"));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// The words of each name in lower case, sorted.
    names: Vec<Vec<String>>,
}

impl Names {
    /// Returns a set of names. Names without letters and digits are dropped, since no text contains
    /// them.
    #[must_use]
    pub fn new<'t>(names: impl IntoIterator<Item = &'t str>) -> Self {
        let mut names: Vec<Vec<String>> = names
            .into_iter()
            .map(|name| split(name).map(str::to_ascii_lowercase).collect())
            .filter(|words: &Vec<String>| !words.is_empty())
            .collect();
        names.sort();
        Self { names }
    }

    /// Returns whether a text contains the words of any name.
    #[must_use]
    pub fn has_one(&self, text: &str) -> bool {
        let mut rest = split(text);
        loop {
            let following = rest.clone();
            let Some(word) = rest.next() else {
                return false;
            };
            let from = self
                .names
                .partition_point(|name| name.first().is_some_and(|first| is_before(first, word)));
            let alike = self.names.iter().skip(from).take_while(|name| {
                name.first()
                    .is_some_and(|first| first.eq_ignore_ascii_case(word))
            });
            for name in alike {
                let mut following = following.clone();
                if name.iter().all(|word| {
                    following
                        .next()
                        .is_some_and(|other| other.eq_ignore_ascii_case(word))
                }) {
                    return true;
                }
            }
        }
    }
}

/// Returns whether a word in lower case sorts before another, ignoring the other's case.
fn is_before(lower: &str, word: &str) -> bool {
    lower
        .bytes()
        .lt(word.bytes().map(|letter| letter.to_ascii_lowercase()))
}

fn split(text: &str) -> impl Iterator<Item = &str> + Clone {
    text.split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{Names, has_words};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn set_agrees_with_has_words(
            names in prop::collection::vec("[aAbB./-]{0,5}", 0..8),
            text in "[aAbBc./-]{0,12}",
        ) {
            let expected = names.iter().any(|name| has_words(&text, name));
            let names = Names::new(names.iter().map(String::as_str));
            prop_assert_eq!(names.has_one(&text), expected);
        }
    }

    #[test]
    fn matches_whole_words() {
        for (name, words, expected) in [
            ("falco", "falco", true),
            ("falco-falcosidekick", "falco", true),
            ("falcon", "falco", false),
            ("my-fluent-bit-x", "fluent-bit", true),
            ("fluent", "fluent-bit", false),
            ("Falco", "falco", true),
            ("bit-fluent", "fluent-bit", false),
            ("", "falco", false),
            ("falco", "", false),
        ] {
            assert_eq!(has_words(name, words), expected, "{name} {words}");
        }
    }
}
