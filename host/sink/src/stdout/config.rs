//! The keys of `[[sink]]` that only standard output has: none.

use std::path::Path;

use serde::{Deserialize, Serialize};
use wardline_finding::export::Form;

use super::Stdout;
use crate::Sink;
use crate::journal::Journal;
use crate::settings::{InvalidKey, SinkType};

/// A sink of type `stdout`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {}

impl SinkType for Config {
    fn default_name(&self) -> String {
        "stdout".to_owned()
    }

    fn resolve(&mut self, _: &Path) -> Result<(), InvalidKey> {
        Ok(())
    }

    fn open(&self, _: Form, _: Journal) -> Box<dyn Sink> {
        Box::new(Stdout::default())
    }
}
