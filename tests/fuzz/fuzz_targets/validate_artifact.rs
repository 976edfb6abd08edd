//! Any bytes as the file of a detector: refused with an error and a hint, or accepted as a
//! component with known imports and exports.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wardline_artifact::Artifact;
use wardline_text::Hint;

fuzz_target!(|bytes: &[u8]| {
    match Artifact::validate(bytes.to_vec()) {
        Ok(artifact) => {
            if let Err(error) = artifact.check(&artifact.manifest()) {
                assert!(error.hint().is_some());
            }
        }
        Err(error) => assert!(!error.to_string().is_empty() && error.hint().is_some()),
    }
});
