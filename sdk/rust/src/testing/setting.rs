//! Settings of a test, which the host's own code resolves.

use std::time::Duration;

use wardline_check::Given;

use crate::contract::SettingValue;

/// Returns a value as an operator would write it in a settings file.
pub(super) fn given(value: SettingValue) -> Given {
    let text = match &value {
        SettingValue::Text(text) => format!("{text:?}"),
        SettingValue::Integer(number) => number.to_string(),
        SettingValue::Decimal(number) => format!("{number:?}"),
        SettingValue::Boolean(value) => value.to_string(),
        SettingValue::Texts(texts) => format!("{texts:?}"),
        SettingValue::Duration(nanoseconds) => {
            format!("{:?}", Duration::from_nanos(*nanoseconds))
        }
    };
    Given {
        value: Some(value),
        text,
    }
}
