//! The settings of sinks: the part that all have in common, and the list of types.

use std::path::Path;

use serde::{Deserialize, Deserializer, Serialize};
use wardline_finding::Status;
use wardline_finding::export::{CloudAccount, Form};

use super::Sink;
use super::journal::Journal;

/// The settings of a sink.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SinkSettings {
    /// The name in logs and metrics, under which the store keeps the sink's position.
    pub name: String,
    /// The output format.
    pub form: Form,
    /// The account and region for formats that require them.
    pub cloud_account: CloudAccount,
    /// The findings that are delivered.
    pub takes: Takes,
    /// The type, with its settings.
    pub kind: Kind,
}

/// The findings that a sink is given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Takes {
    /// Findings that no suppression rule matches.
    #[default]
    Active,
    /// Findings that a suppression rule matches.
    Suppressed,
    /// All findings.
    All,
}

impl Takes {
    /// Returns true if findings of the status are delivered.
    #[must_use]
    pub fn takes(self, status: Status) -> bool {
        match self {
            Self::Active => status == Status::Active,
            Self::Suppressed => status == Status::Suppressed,
            Self::All => true,
        }
    }
}

/// A setting whose value is invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {message}")]
pub struct InvalidKey {
    /// The key in `[[sink]]`.
    pub key: &'static str,
    /// A description of the fault and of the allowed values.
    pub message: String,
}

/// The settings that only one type of sink has.
pub(crate) trait SinkType {
    /// Returns the name of a sink whose configuration sets none.
    fn default_name(&self) -> String;

    /// Checks the settings, and resolves paths against the directory of the configuration.
    fn resolve(&mut self, base: &Path) -> Result<(), InvalidKey>;

    /// Creates the sink without opening its destination. The journal tells what an earlier process
    /// may have delivered without recording it.
    fn open(&self, form: Form, journal: Journal) -> Box<dyn Sink>;
}

macro_rules! kinds {
    ($($name:ident: $module:ident, $doc:literal;)*) => {
        /// The type of a sink, with its settings.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
        #[serde(tag = "type", rename_all = "lowercase")]
        pub enum Kind {
            $(#[doc = $doc] $name(crate::$module::Config),)*
        }

        /// The name of a type of sink.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
        #[serde(rename_all = "lowercase")]
        pub enum TypeName {
            $(#[doc = $doc] $name,)*
        }

        impl Kind {
            /// Reads the settings of a type, which must not contain those that all types have.
            ///
            /// # Errors
            /// Returns the deserializer's error if a key is missing, unknown, or has a value of
            /// another type.
            pub fn deserialize<'de, D: Deserializer<'de>>(
                name: TypeName,
                deserializer: D,
            ) -> Result<Self, D::Error> {
                Ok(match name {
                    $(TypeName::$name => {
                        Self::$name(crate::$module::Config::deserialize(deserializer)?)
                    })*
                })
            }

            fn settings(&self) -> &dyn SinkType {
                match self {
                    $(Self::$name(config) => config,)*
                }
            }

            fn settings_mut(&mut self) -> &mut dyn SinkType {
                match self {
                    $(Self::$name(config) => config,)*
                }
            }
        }
    };
}

kinds! {
    File: file, "A file.";
    Stdout: stdout, "Standard output.";
}

impl Kind {
    /// Returns the name of a sink whose configuration sets none.
    #[must_use]
    pub fn default_name(&self) -> String {
        self.settings().default_name()
    }

    /// Checks the settings, and resolves paths against the directory of the configuration.
    ///
    /// # Errors
    /// Returns [`InvalidKey`] if a value is invalid.
    pub fn resolve(&mut self, base: &Path) -> Result<(), InvalidKey> {
        self.settings_mut().resolve(base)
    }

    pub(crate) fn open(&self, form: Form, journal: Journal) -> Box<dyn Sink> {
        self.settings().open(form, journal)
    }
}
