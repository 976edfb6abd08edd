//! Any text as suppression rules: an error names the file, and a parsed rule can be evaluated
//! on any JSON value.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::json;
use wardline_finding::suppress::parse_rules;

fuzz_target!(|text: &str| {
    match parse_rules("rules.toml", text) {
        Ok(rules) => {
            let finding = json!({
                "type": "Execution:Kubernetes/ExecInKubeSystemPod",
                "count": 3,
                "severity": {"label": "High", "score": 7.5},
                "actor": {"groups": ["a", ""], "source_ips": ["::ffff:10.0.0.1", "?"]},
                "attributes": [{"key": "image", "value": "x"}],
            });
            for rule in rules {
                let _ = rule.holds(&finding);
                let _ = rule.holds(&json!([]));
                let _ = rule.warnings(Default::default());
            }
        }
        Err(error) => assert!(error.to_string().starts_with("rules.toml:")),
    }
});
