//! Lists inside events.

use std::fmt;

use wardline_event::packed::{Rows, Text};

/// What a list of an event holds, as a detector sees it.
///
/// Implemented by the views of records, by `&str` and by numbers; of no use to
/// detectors but for code that is generic over [`List`].
pub trait View<'a>: Copy {
    /// What a list of them is read from: rows of an event, or for events a batch.
    #[doc(hidden)]
    type Source: DoubleEndedIterator + ExactSizeIterator + Clone;

    #[doc(hidden)]
    fn of(read: <Self::Source as Iterator>::Item) -> Self;
}

impl<'a> View<'a> for &'a str {
    type Source = Rows<'a, String>;

    fn of(read: Text<'a>) -> Self {
        read.as_str()
    }
}

impl<'a> View<'a> for i64 {
    type Source = Rows<'a, Self>;

    fn of(read: Self) -> Self {
        read
    }
}

/// A list inside an event: an iterator over its items that knows how many there
/// are. Getting one costs nothing, so that it is asked for again rather than
/// kept.
///
/// ```
/// # use wardline_sdk::AuditEvent;
/// fn is_admin(event: AuditEvent<'_>) -> bool {
///     event.user().groups().contains("system:masters")
/// }
///
/// fn decision<'a>(event: AuditEvent<'a>) -> Option<&'a str> {
///     event.annotations().get("authorization.k8s.io/decision")
/// }
///
/// fn first_address<'a>(event: AuditEvent<'a>) -> Option<&'a str> {
///     event.source_ips().next()
/// }
/// # let _ = (is_admin, decision, first_address);
/// ```
pub struct List<'a, V: View<'a>> {
    items: V::Source,
}

impl<'a, V: View<'a>> List<'a, V> {
    pub(crate) fn of(items: V::Source) -> Self {
        Self { items }
    }

    /// Whether the list is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.len() == 0
    }
}

impl<'a, V: View<'a>> Iterator for List<'a, V> {
    type Item = V;

    fn next(&mut self) -> Option<V> {
        self.items.next().map(V::of)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.items.size_hint()
    }
}

impl<'a, V: View<'a>> DoubleEndedIterator for List<'a, V> {
    fn next_back(&mut self) -> Option<V> {
        self.items.next_back().map(V::of)
    }
}

impl<'a, V: View<'a>> ExactSizeIterator for List<'a, V> {}

impl<'a, V: View<'a>> Clone for List<'a, V> {
    fn clone(&self) -> Self {
        Self {
            items: self.items.clone(),
        }
    }
}

impl<'a, V: View<'a> + fmt::Debug> fmt::Debug for List<'a, V> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.clone()).finish()
    }
}

impl<'a> List<'a, &'a str> {
    /// Whether one of the texts is this one.
    #[must_use]
    pub fn contains(&self, text: &str) -> bool {
        self.items.contain(text)
    }

    /// The first text that is one of these.
    #[must_use]
    pub fn find_any(&self, texts: &[&str]) -> Option<&'a str> {
        self.clone().find(|item| texts.contains(item))
    }

    /// The texts in a row, with the separator between them: a command line.
    #[must_use]
    pub fn join(&self, separator: &str) -> String {
        let mut joined = String::new();
        for (index, item) in self.clone().enumerate() {
            if index > 0 {
                joined.push_str(separator);
            }
            joined.push_str(item);
        }
        joined
    }
}

impl<'a> List<'a, i64> {
    /// Whether one of the numbers is this one.
    #[must_use]
    pub fn contains(&self, number: i64) -> bool {
        self.items.clone().any(|item| item == number)
    }
}

views! {
    /// One `key = value` pair of an open list. Keys are never reused for another
    /// meaning.
    Attribute {
        /// The key.
        key: text,
        /// The value.
        value: text,
    }
}

impl<'a> List<'a, Attribute<'a>> {
    /// The value of a key, or none; of a key that comes more than once the first.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&'a str> {
        self.all(key).next()
    }

    /// Every value of a key, in order.
    pub fn all(&self, key: &str) -> impl Iterator<Item = &'a str> {
        self.items
            .clone()
            .filter(move |pair| pair.key() == *key)
            .map(|pair| pair.value().as_str())
    }

    /// Whether the key is there.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }
}
