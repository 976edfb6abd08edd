/// Defines enums of the contract. The typed and the packed form share the numbers of the
/// cases.
macro_rules! enumerations {
    ($(
        $(#[$doc:meta])*
        pub enum $name:ident {$(
            $(#[$case_doc:meta])*
            $case:ident,
        )*}
    )*) => {$(
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(
            feature = "component",
            derive(
                wasmtime::component::ComponentType,
                wasmtime::component::Lift,
                wasmtime::component::Lower,
            ),
            component(enum)
        )]
        #[repr(u8)]
        $(#[$doc])*
        pub enum $name {$(
            $(#[$case_doc])*
            $case,
        )*}

        impl $name {
            /// Returns the case with a number. The name is that of the function that
            /// `wit-bindgen` generates for its own enums, which this type replaces by its
            /// option `with`. No host sends an unknown number; it is read as the default.
            #[doc(hidden)]
            #[must_use]
            pub fn _lift(number: u8) -> Self {
                match number {
                    $(number if number == Self::$case as u8 => Self::$case,)*
                    _ => Self::default(),
                }
            }
        }

        impl $crate::packed::Packed for $name {
            const SIZE: usize = 1;
            const SHAPE: &'static $crate::packed::Shape = &$crate::packed::Shape::Enumeration {
                name: stringify!($name),
                cases: &[$(stringify!($case)),*],
            };

            type View<'a> = Self;

            #[inline]
            fn write(&self, writer: &mut $crate::packed::Writer, at: usize) {
                writer.put(at, [*self as u8]);
            }

            #[inline]
            fn read(position: $crate::packed::Position<'_>) -> Self {
                Self::_lift(position.byte())
            }

            fn unpack(view: Self) -> Self {
                view
            }
        }
    )*};
}
