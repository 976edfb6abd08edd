//! Lists inside events.

use std::fmt;

use wardline_event::packed::{Rows, Text};

/// An item of a [`List`].
///
/// Implemented by the views of records, `&str`, and numbers. Detectors need it only for code that
/// is generic over [`List`].
pub trait View<'a>: Copy {
    /// The iterator that a list reads: rows of an event, or the events of a batch.
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

/// A list inside an event: an iterator over its items with a known length. Getting one costs
/// nothing, so there is no need to keep it.
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

    /// Returns whether the list is empty.
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
    /// Returns whether one of the texts equals `text`.
    #[must_use]
    pub fn contains(&self, text: &str) -> bool {
        self.items.contain(text)
    }

    /// Returns the first text that equals one of `texts`.
    #[must_use]
    pub fn find_any(&self, texts: &[&str]) -> Option<&'a str> {
        self.clone().find(|item| texts.contains(item))
    }

    /// Joins the texts with a separator, as for a command line.
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
    /// Returns whether one of the numbers equals `number`.
    #[must_use]
    pub fn contains(&self, number: i64) -> bool {
        self.items.clone().any(|item| item == number)
    }
}

views! {
    /// One `key = value` pair of an open list. A key is never reused with another meaning.
    Attribute {
        /// The key.
        key: text,
        /// The value.
        value: text,
    }
}

impl<'a> List<'a, Attribute<'a>> {
    /// Returns the first value of a key, or none.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&'a str> {
        self.all(key).next()
    }

    /// Returns all values of a key, in order.
    pub fn all(&self, key: &str) -> impl Iterator<Item = &'a str> {
        self.items
            .clone()
            .filter(move |pair| pair.key() == *key)
            .map(|pair| pair.value().as_str())
    }

    /// Returns whether the list contains a key.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }
}
