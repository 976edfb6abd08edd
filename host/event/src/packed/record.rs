use std::marker::PhantomData;

use super::Position;

/// A record in packed bytes, with a method for each field.
pub struct Row<'a, T> {
    pub(crate) position: Position<'a>,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for Row<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Row<'_, T> {}

impl<'a, T> Row<'a, T> {
    #[inline]
    pub(crate) fn new(position: Position<'a>) -> Self {
        Self {
            position,
            of: PhantomData,
        }
    }
}

/// Defines records of the contract: the struct, and a packed row with the same fields.
macro_rules! records {
    ($(
        $(#[$doc:meta])*
        pub struct $name:ident {$(
            $(#[$field_doc:meta])*
            pub $field:ident: $type:ty,
        )+}
    )*) => {$(
        #[derive(Debug, Clone, Default, PartialEq)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(
            feature = "component",
            derive(
                wasmtime::component::ComponentType,
                wasmtime::component::Lift,
                wasmtime::component::Lower,
            ),
            component(record)
        )]
        $(#[$doc])*
        pub struct $name {$(
            $(#[$field_doc])*
            pub $field: $type,
        )+}

        const _: () = {
            use $crate::packed::{Packed, Position, Row, Shape, Writer};

            /// Never constructed: it yields the offset of each field. Byte arrays need no
            /// alignment, so there is no padding.
            #[allow(dead_code, reason = "only its field offsets are used")]
            #[repr(C)]
            struct Layout {$(
                $field: [u8; <$type as Packed>::SIZE],
            )+}

            impl Packed for $name {
                const SIZE: usize = size_of::<Layout>();
                const SHAPE: &'static Shape = &Shape::Record {
                    name: stringify!($name),
                    size: size_of::<Layout>(),
                    fields: &[$(
                        (
                            stringify!($field),
                            std::mem::offset_of!(Layout, $field),
                            <$type as Packed>::SHAPE,
                        ),
                    )+],
                };

                type View<'a> = Row<'a, Self>;

                fn write(&self, writer: &mut Writer, at: usize) {
                    let Self { $($field),+ } = self;
                    $($field.write(writer, at + std::mem::offset_of!(Layout, $field));)+
                }

                #[inline]
                fn read(position: Position<'_>) -> Self::View<'_> {
                    Row::new(position)
                }

                fn unpack(view: Self::View<'_>) -> Self {
                    Self {$(
                        $field: <$type as Packed>::unpack(view.$field()),
                    )+}
                }
            }

            impl<'a> Row<'a, $name> {$(
                #[doc = concat!("`", stringify!($field), "` of [`", stringify!($name), "`].")]
                #[inline]
                #[must_use]
                pub fn $field(self) -> <$type as Packed>::View<'a> {
                    <$type as Packed>::read(self.position.plus(std::mem::offset_of!(Layout, $field)))
                }
            )+}

            impl std::fmt::Debug for Row<'_, $name> {
                fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    formatter
                        .debug_struct(stringify!($name))
                        $(.field(stringify!($field), &self.$field()))+
                        .finish()
                }
            }
        };
    )*};
}
