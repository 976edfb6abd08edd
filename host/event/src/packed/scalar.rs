//! Numbers, booleans, and options.

use super::{Packed, Position, Shape, Writer};

macro_rules! numbers {
    ($($number:ident)*) => {$(
        impl Packed for $number {
            const SIZE: usize = size_of::<Self>();
            const SHAPE: &'static Shape = &Shape::Number(stringify!($number));

            type View<'a> = Self;

            #[inline]
            fn write(&self, writer: &mut Writer, at: usize) {
                writer.put(at, self.to_le_bytes());
            }

            #[inline]
            fn read(position: Position<'_>) -> Self {
                Self::from_le_bytes(position.take())
            }

            fn unpack(view: Self) -> Self {
                view
            }
        }
    )*};
}

numbers!(u16 u32 u64 i32 i64 f64);

impl Packed for bool {
    const SIZE: usize = 1;
    const SHAPE: &'static Shape = &Shape::Bool;

    type View<'a> = Self;

    #[inline]
    fn write(&self, writer: &mut Writer, at: usize) {
        writer.put(at, [u8::from(*self)]);
    }

    #[inline]
    fn read(position: Position<'_>) -> Self {
        position.byte() != 0
    }

    fn unpack(view: Self) -> Self {
        view
    }
}

/// The row is one byte, 0 for none and 1 for some, and the row of `T`, all zeros for none.
impl<T: Packed> Packed for Option<T> {
    const SIZE: usize = 1 + T::SIZE;
    const SHAPE: &'static Shape = &Shape::Option(T::SHAPE);

    type View<'a> = Option<T::View<'a>>;

    #[inline]
    fn write(&self, writer: &mut Writer, at: usize) {
        if let Some(value) = self {
            writer.put(at, [1]);
            value.write(writer, at + 1);
        }
    }

    #[inline]
    fn read(position: Position<'_>) -> Self::View<'_> {
        (position.byte() != 0).then(|| T::read(position.plus(1)))
    }

    fn unpack(view: Self::View<'_>) -> Self {
        view.map(T::unpack)
    }
}
