//! Settings of a test, checked as a host checks an operator's.

use super::TestError;
use crate::contract::{Descriptor, SettingValue};
use crate::descriptor::SettingDefault;
use crate::settings::kind;

pub(super) fn defaults(descriptor: &Descriptor) -> Vec<(String, SettingValue)> {
    descriptor
        .settings
        .iter()
        .map(|setting| (setting.name.clone(), setting.default.clone()))
        .collect()
}

/// Replaces a default with a value of the same kind. An integer is accepted for a number.
pub(super) fn replace(
    settings: &mut [(String, SettingValue)],
    name: &str,
    value: SettingDefault,
) -> Result<(), TestError> {
    let declared: Vec<String> = settings
        .iter()
        .map(|(name, _)| format!("`{name}`"))
        .collect();
    let Some((_, current)) = settings.iter_mut().find(|(known, _)| known == name) else {
        let declared = match declared.is_empty() {
            true => "none".to_owned(),
            false => declared.join(", "),
        };
        return Err(TestError::Setting(format!(
            "the descriptor declares no setting `{name}` (it declares {declared})"
        )));
    };
    let value = match (&*current, value.into_contract()) {
        (SettingValue::Decimal(_), SettingValue::Integer(number)) => {
            SettingValue::Decimal(number as f64)
        }
        (_, value) => value,
    };
    if std::mem::discriminant(current) != std::mem::discriminant(&value) {
        return Err(TestError::Setting(format!(
            "the setting `{name}` has the kind {}, and the test sets {}",
            kind(current),
            kind(&value)
        )));
    }
    *current = value;
    Ok(())
}
