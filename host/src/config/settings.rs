//! The operator's values for the settings that a detector declares.

use wardline_contract::{Setting, SettingValue};
use wardline_error::Hint;
use wardline_files::text::nearest;

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

/// Returns the operator's value of every declared setting, or its default.
pub(super) fn resolve_settings(
    given: &toml::Table,
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
                Some(value) => {
                    convert(value, &setting.default).ok_or_else(|| SettingsError::Type {
                        name: setting.name.clone(),
                        expected: expected(&setting.default),
                        found: value.to_string(),
                    })?
                }
            };
            Ok((setting.name.clone(), value))
        })
        .collect()
}

/// Converts a value to the type of the default.
fn convert(value: &toml::Value, like: &SettingValue) -> Option<SettingValue> {
    match like {
        SettingValue::Text(_) => value
            .as_str()
            .map(|text| SettingValue::Text(text.to_owned())),
        SettingValue::Integer(_) => value.as_integer().map(SettingValue::Integer),
        SettingValue::Decimal(_) => value
            .as_float()
            .or_else(|| value.as_integer().map(|number| number as f64))
            .map(SettingValue::Decimal),
        SettingValue::Boolean(_) => value.as_bool().map(SettingValue::Boolean),
        SettingValue::Texts(_) => value
            .as_array()?
            .iter()
            .map(|item| item.as_str().map(str::to_owned))
            .collect::<Option<_>>()
            .map(SettingValue::Texts),
        SettingValue::Duration(_) => humantime::parse_duration(value.as_str()?)
            .ok()
            .and_then(|time| u64::try_from(time.as_nanos()).ok())
            .map(SettingValue::Duration),
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
    use super::resolve_settings;
    use wardline_contract::{Setting, SettingValue};

    fn declared() -> Vec<Setting> {
        let setting = |name: &str, default| Setting {
            name: name.into(),
            description: String::new(),
            default,
        };
        vec![
            setting("window", SettingValue::Duration(60_000_000_000)),
            setting("limit", SettingValue::Integer(5)),
            setting("trusted", SettingValue::Texts(vec![])),
        ]
    }

    #[test]
    fn values_have_the_declared_types_and_defaults() {
        let given = toml::toml! { window = "5m" };
        let values = resolve_settings(&given, &declared()).unwrap();
        assert_eq!(values[0].1, SettingValue::Duration(300_000_000_000));
        assert_eq!(values[1].1, SettingValue::Integer(5));
        for (given, said) in [
            (
                toml::toml! { windows = "5m" },
                "the detector has no setting `windows` (did you mean `window`?)",
            ),
            (
                toml::toml! { limit = "5" },
                "the setting `limit` takes an integer, not \"5\"",
            ),
            (
                toml::toml! { window = 5 },
                "the setting `window` takes a duration such as \"90s\", not 5",
            ),
            (
                toml::toml! { trusted = [1] },
                "the setting `trusted` takes a list of strings, not [1]",
            ),
        ] {
            let error = resolve_settings(&given, &declared()).unwrap_err();
            assert_eq!(error.to_string(), said);
        }
    }
}
