//! Thresholds from the settings.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::threshold;

/// Counts within a window from which the rules report a finding, each from the setting of
/// its name.
pub struct Thresholds {
    /// `anonymous-paths`
    pub anonymous_paths: u32,
    /// `kinds`
    pub kinds: u32,
    /// `namespaces`
    pub namespaces: u32,
    /// `checks`
    pub checks: u32,
    /// `pods`
    pub pods: u32,
    /// `log-namespaces`
    pub log_namespaces: u32,
    /// `subjects`
    pub subjects: u32,
    /// `token-reviews`
    pub token_reviews: u32,
}

impl Thresholds {
    /// Reads the settings.
    ///
    /// # Errors
    /// Returns a message if a setting is not declared or is out of range.
    pub fn from_settings(settings: &Settings) -> Result<Self, String> {
        Ok(Self {
            anonymous_paths: threshold(settings, "anonymous-paths")?,
            kinds: threshold(settings, "kinds")?,
            namespaces: threshold(settings, "namespaces")?,
            checks: threshold(settings, "checks")?,
            pods: threshold(settings, "pods")?,
            log_namespaces: threshold(settings, "log-namespaces")?,
            subjects: threshold(settings, "subjects")?,
            token_reviews: threshold(settings, "token-reviews")?,
        })
    }
}
