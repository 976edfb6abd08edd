//! A value that one thread replaces and others read.

use std::sync::Arc;

use arc_swap::ArcSwap;

/// The latest version of a value. Clones share it.
///
/// A reader never waits for a writer, and keeps the version that it read for as long as it needs
/// it.
pub struct Latest<T>(Arc<ArcSwap<T>>);

impl<T> Latest<T> {
    /// Starts with a value.
    #[must_use]
    pub fn new(value: T) -> Self {
        Self(Arc::new(ArcSwap::from_pointee(value)))
    }

    /// Returns the version that was written last.
    #[must_use]
    pub fn read(&self) -> Arc<T> {
        self.0.load_full()
    }

    /// Replaces the value for all clones.
    pub fn write(&self, value: T) {
        self.0.store(Arc::new(value));
    }
}

impl<T> Clone for Latest<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: Default> Default for Latest<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

#[cfg(test)]
mod tests {
    use super::Latest;

    #[test]
    fn clones_see_new_versions_and_readers_keep_theirs() {
        let writer = Latest::new(1);
        let reader = writer.clone();
        let before = reader.read();
        writer.write(2);
        assert_eq!((*before, *reader.read()), (1, 2));
    }
}
