//! Arbitrary values of every type of the model, generated from bytes. `serde` knows the
//! fields and cases of each type, so new ones are covered without a change.
#![allow(dead_code, reason = "each test file uses a part")]

use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess,
    VariantAccess, Visitor, value::Error,
};
use serde::forward_to_deserialize_any;

/// Generates a value from bytes. When they are used up, all further fields are empty.
pub fn arbitrary<T: DeserializeOwned>(bytes: &[u8]) -> T {
    T::deserialize(&mut Source { bytes, case: None }).unwrap()
}

/// Generates a value whose variants all have the case `case`, if they know it.
pub fn arbitrary_of_case<T: DeserializeOwned>(bytes: &[u8], case: &'static str) -> T {
    T::deserialize(&mut Source {
        bytes,
        case: Some(case),
    })
    .unwrap()
}

struct Source<'b> {
    bytes: &'b [u8],
    case: Option<&'static str>,
}

impl Source<'_> {
    fn byte(&mut self) -> u8 {
        match self.bytes.split_first() {
            Some((&first, rest)) => {
                self.bytes = rest;
                first
            }
            None => 0,
        }
    }

    fn number(&mut self) -> u64 {
        // Mostly small numbers and extremes.
        match self.byte() {
            0 => 0,
            255 => u64::MAX,
            254 => 1 << 63,
            small if small < 128 => u64::from(small),
            _ => u64::from_le_bytes(std::array::from_fn(|_| self.byte())),
        }
    }

    fn text(&mut self) -> String {
        const PARTS: [&str; 8] = ["a", "kube-system", "é", "\0", "😀", "\"\\\n", " ", "Zz9"];
        let length = self.byte() % 6;
        (0..length)
            .map(|_| PARTS[usize::from(self.byte()) % PARTS.len()])
            .collect()
    }
}

macro_rules! numbers {
    ($($method:ident $visit:ident $type:ident),*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            visitor.$visit(self.number() as $type)
        }
    )*};
}

impl<'de> Deserializer<'de> for &mut Source<'_> {
    type Error = Error;

    numbers!(
        deserialize_u8 visit_u8 u8, deserialize_u16 visit_u16 u16,
        deserialize_u32 visit_u32 u32, deserialize_u64 visit_u64 u64,
        deserialize_i32 visit_i32 i32, deserialize_i64 visit_i64 i64,
        deserialize_f64 visit_f64 f64
    );

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        panic!("the model has a type that this generator does not cover")
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_bool(self.byte() % 2 == 1)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_string(self.text())
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.byte() % 4 {
            0 if self.case.is_none() => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let left = usize::from(self.byte() % 4);
        visitor.visit_seq(Items { source: self, left })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_map(
            Items {
                source: self,
                left: fields.len(),
            }
            .named(fields),
        )
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        cases: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let case = match self.case {
            Some(wanted) if cases.contains(&wanted) => wanted,
            _ => cases[usize::from(self.byte()) % cases.len()],
        };
        visitor.visit_enum(Case { source: self, case })
    }

    forward_to_deserialize_any! {
        i8 i16 f32 i128 u128 char str bytes byte_buf unit unit_struct newtype_struct tuple
        tuple_struct map identifier ignored_any
    }
}

struct Items<'s, 'b> {
    source: &'s mut Source<'b>,
    left: usize,
}

impl<'s, 'b> Items<'s, 'b> {
    fn named(self, fields: &'static [&'static str]) -> Fields<'s, 'b> {
        Fields {
            source: self.source,
            fields: fields.iter(),
        }
    }
}

impl<'de> SeqAccess<'de> for Items<'_, '_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        seed.deserialize(&mut *self.source).map(Some)
    }
}

struct Fields<'s, 'b> {
    source: &'s mut Source<'b>,
    fields: std::slice::Iter<'static, &'static str>,
}

impl<'de> MapAccess<'de> for Fields<'_, '_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        use serde::de::value::StrDeserializer;
        self.fields
            .next()
            .map(|field| seed.deserialize(StrDeserializer::new(field)))
            .transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        seed.deserialize(&mut *self.source)
    }
}

struct Case<'s, 'b> {
    source: &'s mut Source<'b>,
    case: &'static str,
}

impl<'de> EnumAccess<'de> for Case<'_, '_> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Error> {
        use serde::de::value::StrDeserializer;
        let case = seed.deserialize(StrDeserializer::new(self.case))?;
        Ok((case, self))
    }
}

impl<'de> VariantAccess<'de> for Case<'_, '_> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(self.source)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Error> {
        panic!("no case of the model has more than one value")
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Error> {
        panic!("no case of the model has more than one value")
    }
}
