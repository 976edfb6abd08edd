//! Values of `serde_json`.

use std::borrow::Cow;

use serde_json::Value;

use super::Json;

/// A value that `serde_json` parsed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parsed<'v>(&'v Value);

impl<'v> Parsed<'v> {
    pub fn of(value: &'v Value) -> Self {
        Self(value)
    }
}

impl<'v> Json<'v> for Parsed<'v> {
    fn absent() -> Self {
        Self(&Value::Null)
    }

    fn get(self, key: &str) -> Self {
        Self(self.0.get(key).unwrap_or(&Value::Null))
    }

    fn text(self) -> Option<Cow<'v, str>> {
        self.0.as_str().map(Cow::Borrowed)
    }

    fn boolean(self) -> Option<bool> {
        self.0.as_bool()
    }

    fn integer(self) -> Option<i64> {
        self.0.as_i64()
    }

    fn number(self) -> Option<String> {
        self.0.as_number().map(ToString::to_string)
    }

    fn is_null(self) -> bool {
        self.0.is_null()
    }

    fn is_object(self) -> bool {
        self.0.is_object()
    }

    fn is_list(self) -> bool {
        self.0.is_array()
    }

    fn items(self) -> impl Iterator<Item = Self> {
        self.0.as_array().into_iter().flatten().map(Self)
    }

    fn members(self) -> impl Iterator<Item = (Cow<'v, str>, Self)> {
        let members = self.0.as_object().into_iter().flatten();
        members.map(|(key, value)| (Cow::Borrowed(key.as_str()), Self(value)))
    }

    fn json(self) -> String {
        self.0.to_string()
    }
}
