//! One view for each record, from one table a record.

/// Makes the views of a table: a name, and for each field its method and kind.
///
/// This is the only place that knows where a view's values are: today in the
/// records of `wardline_event::model`. A second place to read them from is added
/// here and in [`super::List`].
macro_rules! views {
    ($(
        $(#[$doc:meta])*
        $view:ident {$(
            $(#[$field_doc:meta])*
            $field:ident: $kind:ident $(($argument:ident))?,
        )*}
    )*) => {$(
        views!(@record crate::contract::$view; $(#[$doc])* $view {$(
            $(#[$field_doc])*
            $field: $kind $(($argument))?,
        )*});
    )*};

    (@record $stored:path; $(#[$doc:meta])* $view:ident {$(
        $(#[$field_doc:meta])*
        $field:ident: $kind:ident $(($argument:ident))?,
    )*}) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub struct $view<'a>(&'a $stored);

        impl<'a> $view<'a> {
            $(views!(@method $(#[$field_doc])* $field $kind $($argument)?);)*
        }

        impl<'a> $crate::view::View<'a> for $view<'a> {
            type Stored = $stored;

            fn of(stored: &'a Self::Stored) -> Self {
                Self(stored)
            }
        }

        /// For tests of single functions; events reach a detector as views.
        #[cfg(feature = "testing")]
        impl<'a> From<&'a $stored> for $view<'a> {
            fn from(stored: &'a $stored) -> Self {
                Self(stored)
            }
        }

        impl std::fmt::Debug for $view<'_> {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Debug::fmt(self.0, formatter)
            }
        }
    };

    (@method $(#[$doc:meta])* $field:ident reference) => {
        $(#[$doc])*
        #[must_use]
        pub fn reference(self) -> EventRef {
            EventRef::new(self.0.$field)
        }
    };
    (@method $(#[$doc:meta])* $field:ident text) => {
        $(#[$doc])*
        #[must_use]
        pub fn $field(self) -> &'a str {
            &self.0.$field
        }
    };
    (@method $(#[$doc:meta])* $field:ident texts) => {
        $(#[$doc])*
        #[must_use]
        pub fn $field(self) -> List<'a, &'a str> {
            List::of(&self.0.$field)
        }
    };
    (@method $(#[$doc:meta])* $field:ident attributes) => {
        $(#[$doc])*
        #[must_use]
        pub fn $field(self) -> List<'a, Attribute<'a>> {
            List::of(&self.0.$field)
        }
    };
    (@method $(#[$doc:meta])* $field:ident list $item:ident) => {
        $(#[$doc])*
        #[must_use]
        pub fn $field(self) -> List<'a, $item<'a>> {
            List::of(&self.0.$field)
        }
    };
    (@method $(#[$doc:meta])* $field:ident values $item:ident) => {
        $(#[$doc])*
        #[must_use]
        pub fn $field(self) -> List<'a, $item> {
            List::of(&self.0.$field)
        }
    };
    (@method $(#[$doc:meta])* $field:ident value $value:ident) => {
        $(#[$doc])*
        #[must_use]
        pub fn $field(self) -> $value {
            self.0.$field
        }
    };
    (@method $(#[$doc:meta])* $field:ident maybe $value:ident) => {
        $(#[$doc])*
        #[must_use]
        pub fn $field(self) -> Option<$value> {
            self.0.$field
        }
    };
    (@method $(#[$doc:meta])* $field:ident time) => {
        $(#[$doc])*
        #[must_use]
        pub fn $field(self) -> Timestamp {
            Timestamp::from_nanoseconds(self.0.$field)
        }
    };
    (@method $(#[$doc:meta])* $field:ident length) => {
        $(#[$doc])*
        #[must_use]
        pub fn $field(self) -> std::time::Duration {
            std::time::Duration::from_nanos(self.0.$field)
        }
    };
    (@method $(#[$doc:meta])* $field:ident record $record:ident) => {
        $(#[$doc])*
        #[must_use]
        pub fn $field(self) -> $record<'a> {
            $crate::view::View::of(&self.0.$field)
        }
    };
    (@method $(#[$doc:meta])* $field:ident maybe_record $record:ident) => {
        $(#[$doc])*
        #[must_use]
        pub fn $field(self) -> Option<$record<'a>> {
            self.0.$field.as_ref().map($crate::view::View::of)
        }
    };
    (@method $(#[$doc:meta])* $field:ident facts) => {
        $(#[$doc])*
        #[must_use]
        pub fn $field(self) -> Facts<'a> {
            Facts::of(&self.0.$field)
        }
    };
}
