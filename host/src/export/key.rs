//! Which state of which finding a written line is.

use serde::Deserialize;
use serde_json::Value;

use super::Form;

/// A finding at the time of its last occurrence: an update has the same id and a larger
/// count.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// The finding's id.
    pub id: String,
    /// Its count.
    pub count: u64,
}

/// What a line of this form is of; none if it is no such line, or the form does not say.
#[must_use]
pub fn key(line: &[u8], form: Form) -> Option<Key> {
    #[derive(Deserialize)]
    struct Line {
        #[serde(default)]
        id: Option<String>,
        #[serde(default)]
        count: Option<u64>,
        #[serde(default, rename = "Id")]
        asff_id: Option<String>,
        #[serde(default, rename = "ProductFields")]
        fields: Option<Value>,
        #[serde(default)]
        service: Option<Value>,
        #[serde(default)]
        finding_info: Option<Value>,
    }
    if form == Form::Csv {
        return None;
    }
    let line: Line = serde_json::from_slice(line).ok()?;
    let (id, count) = match form {
        Form::Wardline => (line.id, line.count),
        Form::GuardDuty => (line.id, line.service?.get("count")?.as_u64()),
        Form::Asff => (
            line.asff_id,
            line.fields?.get("wardline/count")?.as_str()?.parse().ok(),
        ),
        Form::Ocsf => (
            line.finding_info?.get("uid")?.as_str().map(str::to_owned),
            line.count,
        ),
        Form::Csv => return None,
    };
    Some(Key {
        id: id?,
        count: count?,
    })
}
