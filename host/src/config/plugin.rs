//! The settings file beside a detector, `NAME.toml`.

use serde::Deserialize;
use wardline_check::{Given, SettingsError, resolve_settings};
use wardline_contract::{BreakerLimits, Limits};
use wardline_contract::{Descriptor, SettingValue};

use super::error::ConfigError;
use super::file::{BreakerGiven, LimitsGiven};
use super::resolve::check_grants;

/// The operator's settings for one detector.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct PluginSettings {
    /// Whether the detector is loaded.
    pub enabled: bool,
    /// Host interfaces that it may import, replacing `plugins.grants`.
    pub grants: Option<Vec<String>>,
    limits: LimitsGiven,
    breaker: BreakerGiven,
    settings: toml::Table,
}

impl Default for PluginSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            grants: None,
            limits: LimitsGiven::default(),
            breaker: BreakerGiven::default(),
            settings: toml::Table::new(),
        }
    }
}

impl PluginSettings {
    /// Parses the text of a settings file; `origin` names it in errors.
    ///
    /// # Errors
    /// Returns [`ConfigError::Parse`] if the text is not valid, and [`ConfigError::Value`] if it
    /// sets the stack or grants an unknown interface.
    pub fn parse(text: &str, origin: &str) -> Result<Self, ConfigError> {
        let settings: Self =
            toml::from_str(text).map_err(|error| ConfigError::parse(origin, text, &error))?;
        if settings.limits.stack.is_some() {
            let message = "must be set in the host's configuration, for all detectors together";
            return Err(ConfigError::value(origin, "limits.stack", message));
        }
        check_grants(settings.grants.as_deref().unwrap_or_default())
            .map_err(|message| ConfigError::value(origin, "grants", message))?;
        Ok(settings)
    }

    /// Returns the general limits, overridden by those of this file.
    #[must_use]
    pub fn limits(&self, all: &Limits) -> Limits {
        let own = &self.limits;
        let size =
            |given: Option<super::quantity::Size>, all| given.map_or(all, |size| size.bytes());
        let time = |given: Option<super::quantity::Time>, all| given.map_or(all, |time| time.0);
        Limits {
            memory: size(own.memory, all.memory),
            table_elements: own.table_elements.unwrap_or(all.table_elements),
            instantiate_time: time(own.instantiate_time, all.instantiate_time),
            describe_time: time(own.describe_time, all.describe_time),
            configure_time: time(own.configure_time, all.configure_time),
            batch_time: time(own.batch_time, all.batch_time),
            host_calls: own.host_calls.unwrap_or(all.host_calls),
            transfer_bytes: size(own.transfer, all.transfer_bytes),
            descriptor_bytes: size(own.descriptor_size, all.descriptor_bytes),
            findings: own.findings.unwrap_or(all.findings),
            finding_bytes: size(own.finding_size, all.finding_bytes),
            chunk_bytes: size(own.findings_size, all.chunk_bytes),
            log_lines: own.log_lines.unwrap_or(all.log_lines),
            log_line_bytes: size(own.log_line_size, all.log_line_bytes),
            raw_bytes: size(own.raw_size, all.raw_bytes),
        }
    }

    /// Returns the general breaker thresholds, overridden by those of this file.
    #[must_use]
    pub fn breaker(&self, all: &BreakerLimits) -> BreakerLimits {
        let own = &self.breaker;
        BreakerLimits {
            failures: own.failures.unwrap_or(all.failures),
            skip: own.skip.unwrap_or(all.skip),
            skip_limit: own.skip_limit.unwrap_or(all.skip_limit),
            probation: own.probation.unwrap_or(all.probation),
            quarantine_after: own.quarantine_after.unwrap_or(all.quarantine_after),
            timeouts: own.timeouts.unwrap_or(all.timeouts),
        }
    }

    /// Returns the value of every setting that the detector declares.
    ///
    /// # Errors
    /// Returns [`SettingsError::Unknown`] if the file sets one that is not declared, and
    /// [`SettingsError::Type`] if a value has the wrong type.
    pub fn values(
        &self,
        descriptor: &Descriptor,
    ) -> Result<Vec<(String, SettingValue)>, SettingsError> {
        let given = self
            .settings
            .iter()
            .map(|(name, value)| (name.clone(), given(value)))
            .collect();
        resolve_settings(&given, &descriptor.settings)
    }
}

/// Returns a TOML value in the types of settings. TOML has no durations, so they are texts.
fn given(value: &toml::Value) -> Given {
    let typed = match value {
        toml::Value::String(text) => Some(SettingValue::Text(text.clone())),
        toml::Value::Integer(number) => Some(SettingValue::Integer(*number)),
        toml::Value::Float(number) => Some(SettingValue::Decimal(*number)),
        toml::Value::Boolean(value) => Some(SettingValue::Boolean(*value)),
        toml::Value::Array(items) => items
            .iter()
            .map(|item| item.as_str().map(str::to_owned))
            .collect::<Option<_>>()
            .map(SettingValue::Texts),
        toml::Value::Datetime(_) | toml::Value::Table(_) => None,
    };
    Given {
        value: typed,
        text: value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use wardline_contract::{Descriptor, Setting, SettingValue};

    use super::PluginSettings;

    fn declared() -> Descriptor {
        let setting = |name: &str, default| Setting {
            name: name.into(),
            description: String::new(),
            default,
        };
        Descriptor {
            settings: vec![
                setting("window", SettingValue::Duration(60_000_000_000)),
                setting("limit", SettingValue::Integer(5)),
                setting("trusted", SettingValue::Texts(vec![])),
            ],
            ..Descriptor::default()
        }
    }

    #[test]
    fn settings_have_the_declared_types_and_defaults() {
        let values = |text: &str| {
            let settings = PluginSettings::parse(&format!("[settings]\n{text}"), "x.toml").unwrap();
            settings.values(&declared())
        };
        let good = values("window = \"5m\"\ntrusted = [\"alice\"]").unwrap();
        assert_eq!(good[0].1, SettingValue::Duration(300_000_000_000));
        assert_eq!(good[1].1, SettingValue::Integer(5));
        assert_eq!(good[2].1, SettingValue::Texts(vec!["alice".into()]));
        for (text, said) in [
            (
                "windows = \"5m\"",
                "the detector has no setting `windows` (did you mean `window`?)",
            ),
            (
                "limit = \"5\"",
                "the setting `limit` takes an integer, not \"5\"",
            ),
            (
                "window = 5",
                "the setting `window` takes a duration such as \"90s\", not 5",
            ),
            (
                "trusted = [1]",
                "the setting `trusted` takes a list of strings, not [1]",
            ),
            (
                "limit = 2026-11-30",
                "the setting `limit` takes an integer, not 2026-11-30",
            ),
        ] {
            assert_eq!(values(text).unwrap_err().to_string(), said);
        }
    }

    proptest! {
        #[test]
        fn any_text_gives_settings_or_an_error(
            text in "(enabled = (true|false|1)\n)?(grants = \\[[\"a-z, ]{0,9}\\]\n)?(\\[(limits|breaker|settings|x)\\]\n)?([a-z-]{1,12} = [0-9a-zA-Z\"]{0,9}\n){0,3}.{0,9}"
        ) {
            if let Err(error) = PluginSettings::parse(&text, "detector.toml") {
                prop_assert!(error.to_string().starts_with("detector.toml"), "{error}");
            }
        }
    }
}
