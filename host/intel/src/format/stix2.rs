//! STIX 2.0 and 2.1.

mod pattern;

use std::borrow::Cow;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;
use wardline_text::Cause;

use super::{Collector, FormatError};
use pattern::entries;

/// A bundle, or the envelope of a TAXII 2.1 server. Objects are parsed one by one, so that an
/// invalid one affects only itself.
#[derive(Deserialize)]
struct Bundle<'b> {
    #[serde(borrow)]
    objects: Option<Vec<&'b RawValue>>,
}

/// The type of an object, which distinguishes indicators from other objects.
#[derive(Deserialize)]
struct Object<'o> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'o, str>,
}

/// The relevant properties of an indicator.
#[derive(Deserialize)]
struct Indicator<'o> {
    #[serde(borrow)]
    pattern: Option<Cow<'o, str>>,
    /// The language of the pattern; STIX 2.0 has only one and does not name it.
    #[serde(borrow)]
    pattern_type: Option<Cow<'o, str>>,
    #[serde(default)]
    revoked: bool,
    valid_from: Option<Timestamp>,
    valid_until: Option<Timestamp>,
}

pub(super) fn read(bytes: &[u8], collector: &mut Collector) -> Result<(), FormatError> {
    let bundle: Bundle<'_> = match serde_json::from_slice(bytes) {
        Ok(bundle) => bundle,
        Err(error) if error.is_data() => return Err(FormatError::NotABundle),
        Err(error) => return Err(FormatError::Json(Cause::new(error))),
    };
    let objects = bundle.objects.ok_or(FormatError::NotABundle)?;
    for (number, raw) in (1..).zip(objects) {
        let taken = match serde_json::from_str::<Object<'_>>(raw.get()) {
            Ok(object) if object.kind == "indicator" => serde_json::from_str(raw.get()),
            Ok(_) => continue,
            Err(error) => Err(error),
        };
        match taken {
            Ok(indicator) => take(number, &indicator, collector)?,
            Err(error) => collector.refuse(number, &format!("invalid object: {error}")),
        }
    }
    Ok(())
}

fn take(
    number: u64,
    indicator: &Indicator<'_>,
    collector: &mut Collector,
) -> Result<(), FormatError> {
    let is_stix = indicator
        .pattern_type
        .as_ref()
        .is_none_or(|kind| kind == "stix");
    if indicator.revoked
        || !is_stix
        || !collector.is_valid(indicator.valid_from, indicator.valid_until)
    {
        collector.skip();
        return Ok(());
    }
    let Some(pattern) = &indicator.pattern else {
        collector.refuse(number, "the indicator has no pattern");
        return Ok(());
    };
    match entries(pattern) {
        Ok(Some(found)) => {
            for (content, value) in found {
                match content {
                    Some(content) => collector.take_as(number, content, &value)?,
                    None => collector.skip(),
                }
            }
        }
        Ok(None) => collector.skip(),
        Err(reason) => collector.refuse(number, &format!("pattern {pattern}: {reason}")),
    }
    Ok(())
}
