//! Words in the names of objects.

/// Whether a name has these words, one after the other and whole: `node-exporter` has
/// `exporter` and not `port`. Words are letters and digits; whatever else stands between
/// them does not matter, nor does case.
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

fn split(text: &str) -> impl Iterator<Item = &str> + Clone {
    text.split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::has_words;

    #[test]
    fn words_are_whole() {
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
