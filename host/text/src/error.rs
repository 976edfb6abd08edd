//! How errors are shown: chains of causes, and hints.
//!
//! An error's text names what failed, and its source is the cause. Code that shows an error to a
//! person shows the whole chain.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// An error that the operator may be able to correct.
pub trait Hint: Error {
    /// Returns one imperative sentence without a final period, if there is something to do.
    fn hint(&self) -> Option<String>;
}

/// An error and its causes, shown as `text: cause: cause`. Errors of some libraries have their cause
/// at the end of their own text; it is not shown twice.
#[derive(Clone, Copy)]
pub struct Chain<'e>(&'e (dyn Error + 'e));

/// Shows an error and its causes as `text: cause: cause`.
#[must_use]
pub fn chain<'e>(error: &'e (dyn Error + 'e)) -> Chain<'e> {
    Chain(error)
}

impl fmt::Display for Chain<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = self.0.to_string();
        formatter.write_str(&shown)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            let text = error.to_string();
            if !shown.ends_with(&text) {
                write!(formatter, ": {text}")?;
                shown = text;
            }
            cause = error.source();
        }
        Ok(())
    }
}

/// Shows an error, its causes, and its hint in parentheses, for places that have one line.
#[must_use]
pub fn chain_with_hint(error: &impl Hint) -> String {
    match error.hint() {
        None => chain(error).to_string(),
        Some(hint) => format!("{} ({hint})", chain(error)),
    }
}

/// A cause of any type. Clones share it, and it equals a cause whose chain has the same text.
#[derive(Clone)]
pub struct Cause(Arc<dyn Error + Send + Sync>);

impl Cause {
    /// Keeps an error as a cause.
    pub fn new(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(Arc::from(error.into()))
    }
}

impl From<std::io::Error> for Cause {
    fn from(error: std::io::Error) -> Self {
        Self::new(error)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl Error for Cause {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

impl PartialEq for Cause {
    fn eq(&self, other: &Self) -> bool {
        chain(self).to_string() == chain(other).to_string()
    }
}

impl Eq for Cause {}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Outer(Cause);

    impl fmt::Display for Outer {
        fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("cannot read the file")
        }
    }

    impl Error for Outer {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&self.0)
        }
    }

    impl Hint for Outer {
        fn hint(&self) -> Option<String> {
            Some("check the path".into())
        }
    }

    #[test]
    fn chain_names_every_cause() {
        let inner = std::io::Error::other(Outer(Cause::new("no such file")));
        assert_eq!(
            chain(&Outer(Cause::new("no such file"))).to_string(),
            "cannot read the file: no such file"
        );
        assert_eq!(
            chain_with_hint(&Outer(Cause::new("no such file"))),
            "cannot read the file: no such file (check the path)"
        );
        assert_eq!(
            chain(&Cause::new(inner)).to_string(),
            "cannot read the file: no such file"
        );
    }

    #[test]
    fn cause_at_the_end_of_a_text_is_not_repeated() {
        #[derive(Debug)]
        struct Verbose(Outer);
        impl fmt::Display for Verbose {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, "failed: {}", self.0)
            }
        }
        impl Error for Verbose {
            fn source(&self) -> Option<&(dyn Error + 'static)> {
                Some(&self.0)
            }
        }
        assert_eq!(
            chain(&Verbose(Outer(Cause::new("no such file")))).to_string(),
            "failed: cannot read the file: no such file"
        );
    }

    #[test]
    fn causes_with_the_same_texts_are_equal() {
        assert_eq!(Cause::new("one"), Cause::new("one"));
        assert_ne!(Cause::new("one"), Cause::new("two"));
        let nested = Cause::new(Outer(Cause::new("one")));
        assert_ne!(nested, Cause::new(Outer(Cause::new("two"))));
    }
}
