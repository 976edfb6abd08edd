//! Any text as a configuration and as the settings of a detector: an error names the
//! file, and a printed configuration parses to the same configuration.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use wardline::config::{Config, PluginSettings};

fuzz_target!(|text: &str| {
    match Config::parse(text, "wardline.toml", Path::new("/etc")) {
        Ok(config) => {
            let printed = config.to_toml();
            let again = Config::parse(&printed, "printed", Path::new("/etc"));
            assert_eq!(again.map(|again| again.to_toml()).ok(), Some(printed));
        }
        Err(error) => assert!(error.to_string().contains("wardline.toml")),
    }
    if let Err(error) = PluginSettings::parse(text, "detector.toml") {
        assert!(error.to_string().contains("detector.toml"));
    }
});
