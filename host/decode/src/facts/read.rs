//! Reading bodies that may hold anything: what is absent or of another type is empty,
//! since what a client sends must not decide whether its request is judged.

use std::borrow::Cow;

use wardline_event::model::Attribute;

use crate::json::Json;
use crate::text::cut;

/// The value at a path of keys.
pub(super) fn at<'v, J: Json<'v>>(value: J, path: &[&str]) -> J {
    path.iter().fold(value, |value, key| value.get(key))
}

pub(super) fn text<'v>(value: impl Json<'v>, key: &str) -> String {
    string(value.get(key))
}

pub(super) fn string<'v>(value: impl Json<'v>) -> String {
    value.text().map(Cow::into_owned).unwrap_or_default()
}

/// A text, or the digits of a number: ports, quantities.
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

/// Seconds as nanoseconds; 0 for what is negative or absent.
pub(super) fn seconds<'v>(value: impl Json<'v>, key: &str) -> u64 {
    let seconds = u64::try_from(integer(value, key)).unwrap_or_default();
    seconds.saturating_mul(1_000_000_000)
}

/// The texts of a list.
pub(super) fn texts<'v>(value: impl Json<'v>, key: &str) -> Vec<String> {
    let list = value.get(key);
    list.items()
        .filter_map(|item| item.text().map(Cow::into_owned))
        .collect()
}

/// The objects of a list, without those that a strategic merge patch deletes
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

/// The text under `key` of each object of the list `list`, if there is one.
pub(super) fn texts_of<'v>(value: impl Json<'v>, list: &str, key: &str) -> Vec<String> {
    objects(value, list)
        .map(|item| text(item, key))
        .filter(|text| !text.is_empty())
        .collect()
}

/// The pairs of a map of texts; values are cut at `bytes`.
pub(super) fn pairs<'v>(value: impl Json<'v>, key: &str, bytes: usize) -> Vec<Attribute> {
    pairs_where(value, key, bytes, |_| true)
}

/// Those of the pairs whose key is wanted; the values of others are not even read.
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

/// The members of an object that are set (a patch unsets with `null`), without the
/// directives of a strategic merge patch.
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

/// The JSON text of a selector; empty for one that selects all.
pub(super) fn selector<'v>(value: impl Json<'v>, key: &str) -> String {
    let selector = value.get(key);
    let selects_all = selector.is_object() && selector.members().next().is_none();
    if selects_all || selector.is_null() {
        String::new()
    } else {
        selector.json()
    }
}
