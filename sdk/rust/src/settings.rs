//! The operator's settings.

use std::time::Duration;

use crate::contract::SettingValue;

/// The settings of an instance: each that the descriptor declares, with the operator's value or the
/// default.
///
/// A method fails only if the descriptor does not declare the setting, or declares it with another
/// kind of value. The error is a sentence that [`crate::Detector::configure`] can return.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settings {
    values: Vec<(String, SettingValue)>,
}

macro_rules! getters {
    ($($(#[$doc:meta])* $method:ident: $case:ident($value:ident) -> $kind:ty = $result:expr;)*) => {
        impl Settings {$(
            $(#[$doc])*
            ///
            /// # Errors
            /// Returns a sentence if the descriptor declares no setting of this name and kind.
            pub fn $method(&self, name: &str) -> Result<$kind, String> {
                match self.value(name)? {
                    SettingValue::$case($value) => Ok($result),
                    other => Err(format!(
                        "the setting `{name}` has the kind {}, not {}",
                        kind(other),
                        stringify!($method),
                    )),
                }
            }
        )*}
    };
}

getters! {
    /// Returns a text.
    text: Text(value) -> &str = value;
    /// Returns an integer.
    integer: Integer(value) -> i64 = *value;
    /// Returns a number.
    decimal: Decimal(value) -> f64 = *value;
    /// Returns a boolean.
    boolean: Boolean(value) -> bool = *value;
    /// Returns a list of texts.
    texts: Texts(value) -> &[String] = value;
    /// Returns a duration.
    duration: Duration(value) -> Duration = Duration::from_nanos(*value);
}

impl Settings {
    /// Returns settings with these values, as a host passes them: one for each setting that the
    /// descriptor declares.
    #[must_use]
    pub fn new(values: Vec<(String, SettingValue)>) -> Self {
        Self { values }
    }

    fn value(&self, name: &str) -> Result<&SettingValue, String> {
        self.values
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
            .ok_or_else(|| format!("the descriptor declares no setting `{name}`"))
    }
}

pub(crate) fn kind(value: &SettingValue) -> &'static str {
    match value {
        SettingValue::Text(_) => "text",
        SettingValue::Integer(_) => "integer",
        SettingValue::Decimal(_) => "decimal",
        SettingValue::Boolean(_) => "boolean",
        SettingValue::Texts(_) => "texts",
        SettingValue::Duration(_) => "duration",
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Settings;
    use crate::contract::SettingValue;

    fn settings() -> Settings {
        let values = [
            ("name", SettingValue::Text("x".to_owned())),
            ("limit", SettingValue::Integer(-3)),
            ("ratio", SettingValue::Decimal(0.5)),
            ("strict", SettingValue::Boolean(true)),
            ("users", SettingValue::Texts(vec!["a".to_owned()])),
            ("window", SettingValue::Duration(1_500_000_000)),
        ];
        let values = values.map(|(name, value)| (name.to_owned(), value));
        Settings::new(values.to_vec())
    }

    #[test]
    fn each_kind_of_value_has_a_method() {
        let settings = settings();
        assert_eq!(settings.text("name"), Ok("x"));
        assert_eq!(settings.integer("limit"), Ok(-3));
        assert_eq!(settings.decimal("ratio"), Ok(0.5));
        assert_eq!(settings.boolean("strict"), Ok(true));
        assert_eq!(settings.texts("users").unwrap(), ["a"]);
        assert_eq!(settings.duration("window"), Ok(Duration::from_millis(1500)));
    }

    #[test]
    fn errors_are_sentences() {
        let settings = settings();
        assert_eq!(
            settings.integer("limits").unwrap_err(),
            "the descriptor declares no setting `limits`"
        );
        assert_eq!(
            settings.duration("limit").unwrap_err(),
            "the setting `limit` has the kind integer, not duration"
        );
    }
}
