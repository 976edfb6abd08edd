//! Reading bodies that may hold anything: what is absent or of another type is empty,
//! since what a client sends must not decide whether its request is judged.

use serde_json::Value;

use crate::decode::text::cut;
use crate::model::Attribute;

/// The value at a path of keys; `null` if there is none.
pub(super) fn at<'v>(value: &'v Value, path: &[&str]) -> &'v Value {
    path.iter()
        .fold(value, |value, key| value.get(key).unwrap_or(&Value::Null))
}

pub(super) fn text(value: &Value, key: &str) -> String {
    string(at(value, &[key]))
}

pub(super) fn string(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// A text, or the digits of a number: ports, quantities.
pub(super) fn text_or_number(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

pub(super) fn flag(value: &Value, key: &str) -> bool {
    flag_if_said(value, key).unwrap_or_default()
}

pub(super) fn flag_if_said(value: &Value, key: &str) -> Option<bool> {
    at(value, &[key]).as_bool()
}

pub(super) fn integer(value: &Value, key: &str) -> i64 {
    integer_if_said(value, key).unwrap_or_default()
}

pub(super) fn integer_if_said(value: &Value, key: &str) -> Option<i64> {
    at(value, &[key]).as_i64()
}

/// Seconds as nanoseconds; 0 for what is negative or absent.
pub(super) fn seconds(value: &Value, key: &str) -> u64 {
    let seconds = u64::try_from(integer(value, key)).unwrap_or_default();
    seconds.saturating_mul(1_000_000_000)
}

/// The texts of a list.
pub(super) fn texts(value: &Value, key: &str) -> Vec<String> {
    let list = at(value, &[key])
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    list.iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// The objects of a list, without those that a strategic merge patch deletes
/// (`$patch: delete`).
pub(super) fn objects<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    let list = at(value, &[key])
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    list.iter()
        .filter(|item| item.is_object())
        .filter(|item| at(item, &["$patch"]) != "delete")
}

/// The text under `key` of each object of the list `list`, if there is one.
pub(super) fn texts_of(value: &Value, list: &str, key: &str) -> Vec<String> {
    objects(value, list)
        .map(|item| text(item, key))
        .filter(|text| !text.is_empty())
        .collect()
}

/// The pairs of a map of texts; values are cut at `bytes`.
pub(super) fn pairs(value: &Value, key: &str, bytes: usize) -> Vec<Attribute> {
    members(at(value, &[key]))
        .filter_map(|(key, value)| Some(pair(key, cut(value.as_str()?, bytes))))
        .collect()
}

/// The members of an object that are set (a patch unsets with `null`), without the
/// directives of a strategic merge patch.
pub(super) fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(key, value)| !value.is_null() && !key.starts_with('$'))
}

pub(super) fn keys(value: &Value, key: &str) -> Vec<String> {
    members(at(value, &[key]))
        .map(|(key, _)| key.clone())
        .collect()
}

pub(super) fn pair(key: impl Into<String>, value: impl Into<String>) -> Attribute {
    Attribute {
        key: key.into(),
        value: value.into(),
    }
}

/// The JSON text of a selector; empty for one that selects all.
pub(super) fn selector(value: &Value, key: &str) -> String {
    match at(value, &[key]) {
        Value::Object(members) if members.is_empty() => String::new(),
        Value::Null => String::new(),
        selector => selector.to_string(),
    }
}
