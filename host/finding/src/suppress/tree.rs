//! A TOML tree that keeps the position of each value.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::RuleError;
use super::error::Text;

/// A value with its position.
#[derive(Clone, Copy)]
pub(super) struct Node<'t> {
    pub text: Text<'t>,
    value: &'t Spanned<DeValue<'t>>,
}

/// The values of a table, by key.
pub(super) struct Fields<'t> {
    pub text: Text<'t>,
    /// The position of the table.
    pub span: Range<usize>,
    fields: Vec<(&'t str, Range<usize>, Node<'t>)>,
}

impl<'t> Fields<'t> {
    pub fn new(text: Text<'t>, span: Range<usize>, table: &'t DeTable<'t>) -> Self {
        let mut fields: Vec<_> = table
            .iter()
            .map(|(key, value)| (key.get_ref().as_ref(), key.span(), Node { text, value }))
            .collect();
        fields.sort_by_key(|(_, span, _)| span.start);
        Self { text, span, fields }
    }

    /// Returns the keys, their positions, and their values, in the order of the text.
    pub fn iter(&self) -> impl Iterator<Item = (&'t str, &Range<usize>, Node<'t>)> {
        self.fields
            .iter()
            .map(|(key, span, value)| (*key, span, *value))
    }

    pub fn get(&self, name: &str) -> Option<Node<'t>> {
        self.iter()
            .find_map(|(key, _, value)| (key == name).then_some(value))
    }
}

impl<'t> Node<'t> {
    pub fn wrong(&self, message: impl Into<String>) -> RuleError {
        self.text.wrong(&self.value.span(), message)
    }

    /// Returns an error that names the expected type.
    fn not(&self, key: &str, expected: &str) -> RuleError {
        let found = match self.value.get_ref() {
            DeValue::String(_) => "a string",
            DeValue::Integer(_) | DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        self.wrong(format!("`{key}` takes {expected}, not {found}"))
    }

    pub fn string(&self, key: &str) -> Result<&'t str, RuleError> {
        match self.value.get_ref() {
            DeValue::String(text) => Ok(text.as_ref()),
            _ => Err(self.not(key, "a string")),
        }
    }

    pub fn number(&self, key: &str) -> Result<f64, RuleError> {
        let number = match self.value.get_ref() {
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
                .ok()
                .map(|number| number as f64),
            DeValue::Float(number) => number.as_str().parse().ok(),
            _ => None,
        };
        number
            .filter(|number: &f64| number.is_finite())
            .ok_or_else(|| self.not(key, "a number"))
    }

    pub fn boolean(&self, key: &str) -> Result<bool, RuleError> {
        match self.value.get_ref() {
            DeValue::Boolean(value) => Ok(*value),
            _ => Err(self.not(key, "true or false")),
        }
    }

    /// Returns a TOML date, or a string that contains one.
    pub fn date(&self, key: &str) -> Result<String, RuleError> {
        match self.value.get_ref() {
            DeValue::Datetime(date) => Ok(date.to_string()),
            DeValue::String(text) => Ok(text.as_ref().to_owned()),
            _ => Err(self.not(key, "a date such as 2027-01-31")),
        }
    }

    pub fn table(&self, key: &str) -> Result<Fields<'t>, RuleError> {
        match self.value.get_ref() {
            DeValue::Table(table) => Ok(Fields::new(self.text, self.value.span(), table)),
            _ => Err(self.not(key, "a table")),
        }
    }

    /// Returns the elements of a list.
    pub fn list(&self, key: &str, of: &str) -> Result<Vec<Node<'t>>, RuleError> {
        self.elements().ok_or_else(|| self.not(key, of))
    }

    /// Returns the elements of a list, or a single value.
    pub fn one_or_more(&self) -> Vec<Node<'t>> {
        self.elements().unwrap_or_else(|| vec![*self])
    }

    fn elements(&self) -> Option<Vec<Node<'t>>> {
        match self.value.get_ref() {
            DeValue::Array(list) => Some(
                list.iter()
                    .map(|value| Node {
                        text: self.text,
                        value,
                    })
                    .collect(),
            ),
            _ => None,
        }
    }
}
