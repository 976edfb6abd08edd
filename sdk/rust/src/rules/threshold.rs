//! Settings that say how many are many.

use crate::Settings;

/// What a threshold may be: one is no burst, and a window of state holds so many.
const RANGE: std::ops::RangeInclusive<u32> = 2..=1000;

/// A threshold: a whole number from 2 to 1000.
///
/// # Errors
/// If the setting is not declared as a whole number, or is out of range.
pub fn threshold(settings: &Settings, name: &str) -> Result<u32, String> {
    u32::try_from(settings.integer(name)?)
        .ok()
        .filter(|count| RANGE.contains(count))
        .ok_or_else(|| format!("`{name}` must be from {} to {}", RANGE.start(), RANGE.end()))
}

#[cfg(test)]
mod tests {
    use super::threshold;
    use crate::Settings;
    use crate::contract::SettingValue;

    #[test]
    fn is_from_2_to_1000() {
        for (value, is_good) in [
            (-1, false),
            (1, false),
            (2, true),
            (1000, true),
            (1001, false),
        ] {
            let settings = Settings::new(vec![("pods".to_owned(), SettingValue::Integer(value))]);
            assert_eq!(threshold(&settings, "pods").is_ok(), is_good, "{value}");
        }
    }
}
