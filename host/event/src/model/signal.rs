//! Findings as events.

use super::{Attribute, EventRef, Evidence, Timestamp};

records! {
    /// A finding of another detector (`signal-types.signal`).
    pub struct Signal {
        /// The reference of this signal.
        #[cfg_attr(feature = "component", component(name = "ref"))]
        pub ref_: EventRef,
        /// The time of the latest of its events.
        pub time: Timestamp,
        /// The id of the finding.
        #[cfg_attr(feature = "component", component(name = "finding-id"))]
        pub finding_id: String,
        /// The finding type.
        #[cfg_attr(feature = "component", component(name = "finding-type"))]
        pub finding_type: String,
        /// From 1.0 to 10.0.
        pub severity: f64,
        /// One line.
        pub title: String,
        /// The detector that raised it.
        pub detector: String,
        /// The name of the user or container that acted.
        pub actor: String,
        /// The resource of the target; empty if there is none.
        pub resource: String,
        /// The namespace of the target.
        pub namespace: String,
        /// The name of the target.
        pub name: String,
        /// ATT&CK technique ids.
        pub techniques: Vec<String>,
        /// The fields that made the rule fire.
        pub evidence: Vec<Evidence>,
        /// The attributes that the detector added.
        pub attributes: Vec<Attribute>,
    }
}
