//! `[[sink]]`: a part that all types of sinks have, and a part that each type defines.

use std::fmt;
use std::path::Path;

use serde::de::IntoDeserializer;
use serde::{Deserialize, Deserializer, Serialize, de};
use wardline_finding::export::{CloudAccount, Form};
use wardline_sink::{Kind, SinkSettings, Takes, TypeName};

use super::error::ConfigError;

/// Keys of the common part.
const COMMON: [&str; 6] = ["type", "name", "format", "suppressed", "account", "region"];

/// The archive of suppressed findings is a sink too.
pub const ARCHIVE: &str = "suppressed-archive";

/// `[[sink]]`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Sink {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub format: Form,
    pub suppressed: bool,
    pub account: String,
    pub region: String,
    #[serde(flatten)]
    pub kind: Kind,
}

impl<'de> Deserialize<'de> for Sink {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Visitor)
    }
}

struct Visitor;

impl<'de> de::Visitor<'de> for Visitor {
    type Value = Sink;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a sink as [[sink]] with `type`")
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Sink, A::Error> {
        let mut kind = None;
        let (mut name, mut format, mut suppressed) = (None, Form::default(), false);
        let (mut account, mut region) = (String::new(), String::new());
        let mut own = toml::Table::new();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "type" => kind = Some(map.next_value::<TypeName>()?),
                "name" => name = Some(map.next_value()?),
                "format" => format = map.next_value()?,
                "suppressed" => suppressed = map.next_value()?,
                "account" => account = map.next_value()?,
                "region" => region = map.next_value()?,
                _ => {
                    own.insert(key, map.next_value()?);
                }
            }
        }
        let kind = kind.ok_or_else(|| de::Error::missing_field("type"))?;
        let kind = Kind::deserialize(kind, own.into_deserializer())
            .map_err(|error: toml::de::Error| de::Error::custom(with_common_keys(&error)))?;
        Ok(Sink {
            name,
            format,
            suppressed,
            account,
            region,
            kind,
        })
    }
}

/// Adds the keys of the common part to the message for an unknown key, for the hint.
fn with_common_keys(error: &toml::de::Error) -> String {
    let message = error.message();
    if !message.starts_with("unknown field") {
        return message.to_owned();
    }
    let keys: Vec<String> = COMMON.iter().map(|key| format!("`{key}`")).collect();
    format!("{message}, {}", keys.join(", "))
}

impl Sink {
    /// Checks the settings, and resolves paths against the directory of the configuration.
    pub fn resolve(&self, origin: &str, base: &Path) -> Result<SinkSettings, ConfigError> {
        let mut kind = self.kind.clone();
        kind.resolve(base).map_err(|invalid| {
            ConfigError::value(origin, &format!("sink.{}", invalid.key), invalid.message)
        })?;
        let name = match &self.name {
            None => self.kind.default_name(),
            Some(name) => name.clone(),
        };
        if name.is_empty() || name == ARCHIVE {
            let message = format!("must not be empty or `{ARCHIVE}`");
            return Err(ConfigError::value(origin, "sink.name", message));
        }
        Ok(SinkSettings {
            name,
            form: self.format,
            cloud_account: CloudAccount {
                account: self.account.clone(),
                region: self.region.clone(),
            },
            takes: if self.suppressed {
                Takes::All
            } else {
                Takes::Active
            },
            kind,
        })
    }
}
