/// Defines a variant of the contract and its view. The first case has no value, every
/// other case has one.
macro_rules! variant {
    (
        $(#[$doc:meta])*
        pub enum $name:ident, read as $view:ident {
            $(#[$none_doc:meta])*
            $none:ident,
            $(
                $(#[$case_doc:meta])*
                $case:ident($type:ty),
            )*
        }
    ) => {
        #[derive(Debug, Clone, Default, PartialEq)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(
            feature = "component",
            derive(
                wasmtime::component::ComponentType,
                wasmtime::component::Lift,
                wasmtime::component::Lower,
            ),
            component(variant)
        )]
        $(#[$doc])*
        pub enum $name {
            #[default]
            $(#[$none_doc])*
            $none,
            $(
                $(#[$case_doc])*
                $case($type),
            )*
        }

        #[doc = concat!("A [`", stringify!($name), "`] in packed bytes.")]
        #[derive(Debug, Clone)]
        pub enum $view<'a> {
            #[allow(missing_docs, reason = "documented at the variant itself")]
            $none,
            $(
                #[allow(missing_docs, reason = "documented at the variant itself")]
                $case(<$type as $crate::packed::Packed>::View<'a>),
            )*
        }

        const _: () = {
            use $crate::packed::{Packed, Position, Shape, Writer};

            #[repr(u8)]
            enum Number {
                $none,
                $($case,)*
            }

            impl Packed for $name {
                const SIZE: usize = 5;
                const SHAPE: &'static Shape = &Shape::Variant {
                    name: stringify!($name),
                    none: stringify!($none),
                    cases: &[$((stringify!($case), <$type as Packed>::SHAPE),)*],
                };

                type View<'a> = $view<'a>;

                fn write(&self, writer: &mut Writer, at: usize) {
                    match self {
                        Self::$none => writer.put(at, [Number::$none as u8]),
                        $(Self::$case(value) => {
                            writer.put(at, [Number::$case as u8]);
                            let row = writer.row(at + 1, <$type as Packed>::SIZE);
                            value.write(writer, row);
                        })*
                    }
                }

                fn read(position: Position<'_>) -> Self::View<'_> {
                    let at = position.plus(1).offset();
                    match position.byte() {
                        $(number
                            if number == Number::$case as u8
                                && position.holds(at, <$type as Packed>::SIZE) =>
                        {
                            $view::$case(<$type as Packed>::read(position.to(at)))
                        })*
                        _ => $view::$none,
                    }
                }

                fn unpack(view: Self::View<'_>) -> Self {
                    match view {
                        $view::$none => Self::$none,
                        $($view::$case(view) => Self::$case(<$type as Packed>::unpack(view)),)*
                    }
                }
            }
        };
    };
}
