//! Findings as events.

use super::{Attribute, EventRef, Evidence, Timestamp};

records! {
    /// `signal-types.signal`: a finding of another detector.
    pub struct Signal {
        /// The reference of this signal.
        #[cfg_attr(feature = "component", component(name = "ref"))]
        pub ref_: EventRef,
        /// When the last of its events happened.
        pub time: Timestamp,
        /// The id of the finding.
        #[cfg_attr(feature = "component", component(name = "finding-id"))]
        pub finding_id: String,
        /// Its type.
        #[cfg_attr(feature = "component", component(name = "finding-type"))]
        pub finding_type: String,
        /// From 1.0 to 10.0.
        pub severity: f64,
        /// One line for a person.
        pub title: String,
        /// The detector that raised it.
        pub detector: String,
        /// The user name, or the container, that acted.
        pub actor: String,
        /// The resource of what was acted on; empty where there is none.
        pub resource: String,
        /// Its namespace.
        pub namespace: String,
        /// Its name.
        pub name: String,
        /// ATT&CK technique ids.
        pub techniques: Vec<String>,
        /// The fields that made its rule fire.
        pub evidence: Vec<Evidence>,
        /// What the detector added.
        pub attributes: Vec<Attribute>,
    }
}
