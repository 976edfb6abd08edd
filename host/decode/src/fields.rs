//! Readers for single fields of an event, so that an error names the field.

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use wardline_event::model::Timestamp;

use super::members::Members;
use super::reject::{Fault, Reject};
use super::text::cut;
use super::time;

/// The longest quote of a value in an error, in bytes.
const QUOTED_BYTES: usize = 64;

pub(super) fn quoted(text: &str) -> String {
    let short = cut(text, QUOTED_BYTES);
    let more = if short.len() < text.len() { "..." } else { "" };
    format!("{short:?}{more}")
}

pub(super) fn invalid(name: &str, detail: &str) -> Fault {
    Fault::new(Reject::InvalidField, format!("`{name}` {detail}"))
}

/// Omits line and column, which would be relative to the field.
pub(super) fn ill_typed(name: &str, error: &serde_json::Error) -> Fault {
    let text = error.to_string();
    let what = text
        .rsplit_once(" at line ")
        .map_or(text.as_str(), |(what, _)| what);
    invalid(name, &format!("has the wrong type: {what}"))
}

pub(super) fn field<T: DeserializeOwned + Default>(
    members: &mut Members<'_>,
    name: &str,
) -> Result<T, Fault> {
    match members.take(name) {
        None => Ok(T::default()),
        Some(value) => parse(name, value),
    }
}

pub(super) fn parse<T: DeserializeOwned>(name: &str, value: &RawValue) -> Result<T, Fault> {
    serde_json::from_str(value.get()).map_err(|error| ill_typed(name, &error))
}

pub(super) fn required(members: &mut Members<'_>, name: &str) -> Result<String, Fault> {
    let text: String = field(members, name)?;
    if text.is_empty() {
        return Err(Fault::new(
            Reject::MissingField,
            format!("`{name}` is missing or empty"),
        ));
    }
    Ok(text)
}

pub(super) fn timestamp(members: &mut Members<'_>, name: &str) -> Result<Timestamp, Fault> {
    let Some(text) = field::<Option<String>>(members, name)? else {
        return Ok(0);
    };
    time::parse(&text).ok_or_else(|| {
        invalid(
            name,
            &format!("is {}, expected an RFC 3339 time", quoted(&text)),
        )
    })
}

/// Takes the members of the object in field `name`.
pub(super) fn inside<'a>(
    members: &mut Members<'a>,
    name: &str,
) -> Result<Option<Members<'a>>, Fault> {
    members
        .take(name)
        .map(|value| serde_json::from_str(value.get()).map_err(|error| ill_typed(name, &error)))
        .transpose()
}

/// Takes `key` from the object in field `name`.
pub(super) fn part<T: DeserializeOwned + Default>(
    members: &mut Members<'_>,
    name: &str,
    key: &str,
) -> Result<T, Fault> {
    match members.take(key) {
        None => Ok(T::default()),
        Some(value) => parse(&format!("{name}.{key}"), value),
    }
}
