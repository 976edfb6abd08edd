//! Readers for untrusted bodies. A value that is missing or of another type reads as empty,
//! so that a client cannot keep its request from being judged by what it sends.

use std::borrow::Cow;

use wardline_event::model::Attribute;

use crate::json::Json;
use crate::text::cut;

/// Returns the value at a path of keys.
pub(super) fn at<'v, J: Json<'v>>(value: J, path: &[&str]) -> J {
    path.iter().fold(value, |value, key| value.get(key))
}

pub(super) fn text<'v>(value: impl Json<'v>, key: &str) -> String {
    string(value.get(key))
}

pub(super) fn string<'v>(value: impl Json<'v>) -> String {
    value.text().map(Cow::into_owned).unwrap_or_default()
}

/// Returns a text, or a number as text: ports and quantities may be either.
pub(super) fn text_or_number<'v>(value: impl Json<'v>) -> String {
    match value.text() {
        Some(text) => text.into_owned(),
        None => value.number().unwrap_or_default(),
    }
}

pub(super) fn flag<'v>(value: impl Json<'v>, key: &str) -> bool {
    flag_if_said(value, key).unwrap_or_default()
}

pub(super) fn flag_if_said<'v>(value: impl Json<'v>, key: &str) -> Option<bool> {
    value.get(key).boolean()
}

pub(super) fn integer<'v>(value: impl Json<'v>, key: &str) -> i64 {
    integer_if_said(value, key).unwrap_or_default()
}

pub(super) fn integer_if_said<'v>(value: impl Json<'v>, key: &str) -> Option<i64> {
    value.get(key).integer()
}

/// Converts seconds to nanoseconds; 0 if the value is negative or missing.
pub(super) fn seconds<'v>(value: impl Json<'v>, key: &str) -> u64 {
    let seconds = u64::try_from(integer(value, key)).unwrap_or_default();
    seconds.saturating_mul(1_000_000_000)
}

/// Returns the texts in a list.
pub(super) fn texts<'v>(value: impl Json<'v>, key: &str) -> Vec<String> {
    let list = value.get(key);
    list.items()
        .filter_map(|item| item.text().map(Cow::into_owned))
        .collect()
}

/// Returns the objects in a list, except those that a strategic merge patch deletes
/// (`$patch: delete`).
pub(super) fn objects<'v, J: Json<'v>>(
    value: J,
    key: &str,
) -> impl Iterator<Item = J> + use<'v, J> {
    value
        .get(key)
        .items()
        .filter(|item| item.is_object())
        .filter(|item| item.get("$patch").text().as_deref() != Some("delete"))
}

/// Returns the text under `key` of each object in `list` that has one.
pub(super) fn texts_of<'v>(value: impl Json<'v>, list: &str, key: &str) -> Vec<String> {
    objects(value, list)
        .map(|item| text(item, key))
        .filter(|text| !text.is_empty())
        .collect()
}

/// Returns the pairs of a map of texts, with values truncated to `bytes`.
pub(super) fn pairs<'v>(value: impl Json<'v>, key: &str, bytes: usize) -> Vec<Attribute> {
    pairs_where(value, key, bytes, |_| true)
}

/// Returns the pairs whose key satisfies `is_wanted`, without reading other values.
pub(super) fn pairs_where<'v>(
    value: impl Json<'v>,
    key: &str,
    bytes: usize,
    is_wanted: impl Fn(&str) -> bool,
) -> Vec<Attribute> {
    members(value.get(key))
        .filter(|(key, _)| is_wanted(key))
        .filter_map(|(key, value)| Some(pair(key, cut(&value.text()?, bytes))))
        .collect()
}

/// Returns the members of an object, except those that a patch removes (`null`) and the
/// directives of a strategic merge patch (`$…`).
pub(super) fn members<'v, J: Json<'v>>(value: J) -> impl Iterator<Item = (Cow<'v, str>, J)> {
    value
        .members()
        .filter(|(key, value)| !value.is_null() && !key.starts_with('$'))
}

pub(super) fn keys<'v>(value: impl Json<'v>, key: &str) -> Vec<String> {
    members(value.get(key))
        .map(|(key, _)| key.into_owned())
        .collect()
}

pub(super) fn pair(key: impl Into<String>, value: impl Into<String>) -> Attribute {
    Attribute {
        key: key.into(),
        value: value.into(),
    }
}

/// Returns the JSON text of a selector, or an empty text if it selects all.
pub(super) fn selector<'v>(value: impl Json<'v>, key: &str) -> String {
    let selector = value.get(key);
    let selects_all = selector.is_object() && selector.members().next().is_none();
    if selects_all || selector.is_null() {
        String::new()
    } else {
        selector.json()
    }
}
