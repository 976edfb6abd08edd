//! The operator's values for the settings that a detector declares.

use std::collections::BTreeMap;
use std::mem::discriminant;

use wardline_contract::{Setting, SettingValue};
use wardline_text::{Hint, nearest};

/// The reason why a value is refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SettingsError {
    /// The detector declares no such setting.
    #[error("the detector has no setting `{name}` ({hint})")]
    Unknown {
        /// The name in the file.
        name: String,
        /// A hint that names the declared settings.
        hint: String,
    },
    /// The value has the wrong type.
    #[error("the setting `{name}` takes {expected}, not {found}")]
    Type {
        /// The setting.
        name: String,
        /// The type that it takes.
        expected: &'static str,
        /// The value in the file.
        found: String,
    },
}

impl Hint for SettingsError {
    fn hint(&self) -> Option<String> {
        Some("correct `[settings]` in the detector's .toml file".into())
    }
}

/// A value as an operator wrote it.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    /// The value, or `None` if no setting can have it, such as a date.
    pub value: Option<SettingValue>,
    /// The text that an error shows.
    pub text: String,
}

/// Returns the operator's value of every declared setting, or its default.
///
/// # Errors
/// Returns [`SettingsError::Unknown`] if a setting is not declared, and [`SettingsError::Type`] if a
/// value has the wrong type.
pub fn resolve_settings(
    given: &BTreeMap<String, Given>,
    declared: &[Setting],
) -> Result<Vec<(String, SettingValue)>, SettingsError> {
    let names: Vec<&str> = declared
        .iter()
        .map(|setting| setting.name.as_str())
        .collect();
    if let Some(unknown) = given.keys().find(|name| !names.contains(&name.as_str())) {
        return Err(SettingsError::Unknown {
            name: unknown.clone(),
            hint: nearest(unknown, &names),
        });
    }
    declared
        .iter()
        .map(|setting| {
            let value = match given.get(&setting.name) {
                None => setting.default.clone(),
                Some(given) => given
                    .value
                    .as_ref()
                    .and_then(|value| convert(value, &setting.default))
                    .ok_or_else(|| SettingsError::Type {
                        name: setting.name.clone(),
                        expected: expected(&setting.default),
                        found: given.text.clone(),
                    })?,
            };
            Ok((setting.name.clone(), value))
        })
        .collect()
}

/// Converts a value to the type of the default: an integer to a number, and a text to a duration.
fn convert(value: &SettingValue, like: &SettingValue) -> Option<SettingValue> {
    match (like, value) {
        (SettingValue::Decimal(_), SettingValue::Integer(number)) => {
            Some(SettingValue::Decimal(*number as f64))
        }
        (SettingValue::Duration(_), SettingValue::Text(text)) => humantime::parse_duration(text)
            .ok()
            .and_then(|time| u64::try_from(time.as_nanos()).ok())
            .map(SettingValue::Duration),
        _ => (discriminant(value) == discriminant(like)).then(|| value.clone()),
    }
}

fn expected(value: &SettingValue) -> &'static str {
    match value {
        SettingValue::Text(_) => "a string",
        SettingValue::Integer(_) => "an integer",
        SettingValue::Decimal(_) => "a number",
        SettingValue::Boolean(_) => "true or false",
        SettingValue::Texts(_) => "a list of strings",
        SettingValue::Duration(_) => "a duration such as \"90s\"",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use wardline_contract::{Setting, SettingValue};

    use super::{Given, SettingsError, resolve_settings};

    type Values = Vec<(String, SettingValue)>;

    fn declared() -> Vec<Setting> {
        let setting = |name: &str, default| Setting {
            name: name.into(),
            description: String::new(),
            default,
        };
        vec![
            setting("window", SettingValue::Duration(60_000_000_000)),
            setting("limit", SettingValue::Integer(5)),
            setting("ratio", SettingValue::Decimal(0.5)),
        ]
    }

    fn resolve(name: &str, value: Option<SettingValue>) -> Result<Values, SettingsError> {
        let given = Given {
            value,
            text: "THIS".into(),
        };
        resolve_settings(&BTreeMap::from([(name.into(), given)]), &declared())
    }

    #[test]
    fn values_have_the_declared_types_and_defaults() {
        let values = resolve("window", Some(SettingValue::Text("5m".into()))).unwrap();
        assert_eq!(values[0].1, SettingValue::Duration(300_000_000_000));
        assert_eq!(values[1].1, SettingValue::Integer(5));
        let values = resolve("ratio", Some(SettingValue::Integer(2))).unwrap();
        assert_eq!(values[2].1, SettingValue::Decimal(2.0));
    }

    #[test]
    fn refuses_values_of_other_types() {
        for (name, value, said) in [
            ("limit", Some(SettingValue::Decimal(5.0)), "an integer"),
            (
                "window",
                Some(SettingValue::Integer(5)),
                "a duration such as \"90s\"",
            ),
            ("ratio", None, "a number"),
        ] {
            let error = resolve(name, value).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("the setting `{name}` takes {said}, not THIS")
            );
        }
        let error = resolve("windows", None).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the detector has no setting `windows` (did you mean `window`?)"
        );
    }
}
