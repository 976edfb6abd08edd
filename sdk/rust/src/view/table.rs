//! The macro that defines views.

/// Defines views from tables: the name of the record, and the name and kind of each field.
///
/// Only this and [`super::List`] know that views read packed bytes (`wit/PACKED.md`), whose rows
/// have a method for each field of the records in `wardline_event::model`.
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
        pub struct $view<'a>(::wardline_event::packed::Row<'a, $stored>);

        impl<'a> $view<'a> {
            $(views!(@method $(#[$field_doc])* $field $kind $($argument)?);)*
        }

        impl<'a> $crate::view::View<'a> for $view<'a> {
            type Source = views!(@source $view $stored);

            fn of(read: ::wardline_event::packed::Row<'a, $stored>) -> Self {
                Self(read)
            }
        }

        /// For tests of single functions. The value stays in memory until the tests end.
        #[cfg(any(test, feature = "testing"))]
        impl<'a> From<&'a $stored> for $view<'a> {
            fn from(stored: &'a $stored) -> Self {
                Self($crate::view::leak::packed(stored))
            }
        }

        impl std::fmt::Debug for $view<'_> {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter
                    .debug_struct(stringify!($view))
                    $(.field(stringify!($field), &views!(@shown self $field $kind)))*
                    .finish()
            }
        }
    };

    (@source AuditEvent $stored:path) => {
        ::wardline_event::packed::Events<'a, $stored>
    };
    (@source RuntimeEvent $stored:path) => {
        ::wardline_event::packed::Events<'a, $stored>
    };
    (@source Signal $stored:path) => {
        ::wardline_event::packed::Events<'a, $stored>
    };
    (@source $view:ident $stored:path) => {
        ::wardline_event::packed::Rows<'a, $stored>
    };

    (@shown $self:ident $field:ident reference) => {
        $self.reference().number()
    };
    (@shown $self:ident $field:ident time) => {
        $self.$field().nanoseconds()
    };
    (@shown $self:ident $field:ident length) => {
        $self.$field().as_nanos()
    };
    (@shown $self:ident $field:ident $kind:ident) => {
        $self.$field()
    };

    (@method $(#[$doc:meta])* $field:ident reference) => {
        $(#[$doc])*
        #[must_use]
        pub fn reference(self) -> EventRef {
            EventRef::new(self.0.$field())
        }
    };
    (@method $(#[$doc:meta])* $field:ident text) => {
        $(#[$doc])*
        #[must_use]
        pub fn $field(self) -> &'a str {
            self.0.$field().as_str()
        }
    };
    (@method $(#[$doc:meta])* $field:ident texts) => {
        $(#[$doc])*
        #[must_use]
        pub fn $field(self) -> List<'a, &'a str> {
            List::of(self.0.$field())
        }
    };
    (@method $(#[$doc:meta])* $field:ident attributes) => {
        $(#[$doc])*
        #[must_use]
        pub fn $field(self) -> List<'a, Attribute<'a>> {
            List::of(self.0.$field())
        }
    };
    (@method $(#[$doc:meta])* $field:ident list $item:ident) => {
        $(#[$doc])*
        #[must_use]
        pub fn $field(self) -> List<'a, $item<'a>> {
            List::of(self.0.$field())
        }
    };
    (@method $(#[$doc:meta])* $field:ident values $item:ident) => {
        $(#[$doc])*
        #[must_use]
        pub fn $field(self) -> List<'a, $item> {
            List::of(self.0.$field())
        }
    };
    (@method $(#[$doc:meta])* $field:ident value $value:ident) => {
        $(#[$doc])*
        #[must_use]
        pub fn $field(self) -> $value {
            self.0.$field()
        }
    };
    (@method $(#[$doc:meta])* $field:ident maybe $value:ident) => {
        $(#[$doc])*
        #[must_use]
        pub fn $field(self) -> Option<$value> {
            self.0.$field()
        }
    };
    (@method $(#[$doc:meta])* $field:ident time) => {
        $(#[$doc])*
        #[must_use]
        pub fn $field(self) -> Timestamp {
            Timestamp::from_nanoseconds(self.0.$field())
        }
    };
    (@method $(#[$doc:meta])* $field:ident length) => {
        $(#[$doc])*
        #[must_use]
        pub fn $field(self) -> std::time::Duration {
            std::time::Duration::from_nanos(self.0.$field())
        }
    };
    (@method $(#[$doc:meta])* $field:ident record $record:ident) => {
        $(#[$doc])*
        #[must_use]
        pub fn $field(self) -> $record<'a> {
            $crate::view::View::of(self.0.$field())
        }
    };
    (@method $(#[$doc:meta])* $field:ident maybe_record $record:ident) => {
        $(#[$doc])*
        #[must_use]
        pub fn $field(self) -> Option<$record<'a>> {
            self.0.$field().map($crate::view::View::of)
        }
    };
    (@method $(#[$doc:meta])* $field:ident facts) => {
        $(#[$doc])*
        #[must_use]
        pub fn $field(self) -> Facts<'a> {
            Facts::of(self.0.$field())
        }
    };
}
