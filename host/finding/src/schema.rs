//! The form of findings, for those who read them.

/// The JSON Schema (draft 2020-12) of a finding in Wardline's own form, of the version that
/// `schema_version` says. Fields may be added with a larger second number.
pub const SCHEMA: &str = include_str!("finding-1.0.schema.json");

/// What an entry of an open list looks like.
#[cfg(test)]
#[derive(schemars::JsonSchema)]
pub(super) struct Pair {
    /// What it is called.
    #[allow(dead_code, reason = "only its form is of use")]
    key: String,
    /// Its value.
    #[allow(dead_code, reason = "only its form is of use")]
    value: String,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::SCHEMA;
    use crate::example::{full, objects, occurrence};
    use crate::{Finding, SCHEMA_VERSION};

    /// The schema is what the types say, so that neither can change without the other.
    /// `UPDATE_SCHEMA=1` writes it anew.
    #[test]
    fn the_file_is_what_the_types_say() {
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
            "the schema is not of these types; run this test with UPDATE_SCHEMA=1"
        );
    }

    #[test]
    fn findings_are_of_the_schema_and_other_objects_are_not() {
        let schema: Value = serde_json::from_str(SCHEMA).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let with = |object| Finding {
            object: Some(object),
            ..full()
        };
        for finding in objects()
            .map(with)
            .into_iter()
            .chain([full(), occurrence()])
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
