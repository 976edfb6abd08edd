//! The JSON Schema of findings.

/// The JSON Schema (draft 2020-12) of a finding in Wardline's own format, in version
/// `SCHEMA_VERSION`.
pub const SCHEMA: &str = include_str!("finding-1.0.schema.json");

/// The schema of an attribute.
#[cfg(test)]
#[derive(schemars::JsonSchema)]
pub(super) struct Pair {
    /// The key.
    #[allow(dead_code, reason = "only the schema is used")]
    key: String,
    /// The value.
    #[allow(dead_code, reason = "only the schema is used")]
    value: String,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::SCHEMA;
    use crate::example::{full, objects, occurrence, runtime};
    use crate::{Finding, SCHEMA_VERSION};

    /// Keeps the schema and the types equal. `UPDATE_SCHEMA=1` regenerates the file.
    #[test]
    fn schema_file_matches_the_types() {
        let mut schema = schemars::schema_for!(Finding).to_value();
        schema["$id"] = json!(format!(
            "https://wardline.dev/schema/finding-{SCHEMA_VERSION}.json"
        ));
        let made = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        if std::env::var_os("UPDATE_SCHEMA").is_some() {
            let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/finding-1.0.schema.json");
            std::fs::write(path, &made).unwrap();
            return;
        }
        assert!(
            made == SCHEMA,
            "the schema differs from the types; run this test with UPDATE_SCHEMA=1"
        );
    }

    #[test]
    fn schema_accepts_findings_and_refuses_other_objects() {
        let schema: Value = serde_json::from_str(SCHEMA).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let with = |object| Finding {
            object: Some(object),
            ..full()
        };
        for finding in objects()
            .map(with)
            .into_iter()
            .chain([full(), occurrence(), runtime()])
        {
            let value = serde_json::to_value(&finding).unwrap();
            if let Err(error) = validator.validate(&value) {
                panic!("{error}: {value}");
            }
            for field in ["id", "severity", "count", "actor", "evidence"] {
                let mut less = value.clone();
                less.as_object_mut().unwrap().remove(field);
                assert!(!validator.is_valid(&less), "without {field}");
            }
            let mut other = value.clone();
            other["severity"]["label"] = json!("Terrible");
            assert!(!validator.is_valid(&other));
        }
    }
}
