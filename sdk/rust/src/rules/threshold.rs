//! Count thresholds in settings.

use crate::Settings;

/// The range of a threshold: one occurrence is not a burst, and 1000 observations usually fit the
/// quota of one entry of `state`.
const RANGE: std::ops::RangeInclusive<u32> = 2..=1000;

/// Returns a threshold from a setting: an integer from 2 to 1000.
///
/// # Errors
/// Returns a sentence for the operator if the setting is not declared as an integer, or is out of
/// range.
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
    fn accepts_2_to_1000() {
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
