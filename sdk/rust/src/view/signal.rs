//! Findings of other detectors, as events.

use super::{Attribute, EventRef, List, Timestamp};

views! {
    /// A finding of another detector.
    Signal {
        /// Its reference as an event.
        ref_: reference,
        /// When the last of its events happened.
        time: time,
        /// The id of the finding.
        finding_id: text,
        /// Its type.
        finding_type: text,
        /// From 1.0 to 10.0.
        severity: value(f64),
        /// One line for a person.
        title: text,
        /// The detector that raised it.
        detector: text,
        /// The user name, or the container, that acted.
        actor: text,
        /// The resource that was acted on, in the plural; empty where there is none.
        resource: text,
        /// The namespace of what was acted on.
        namespace: text,
        /// The name of what was acted on.
        name: text,
        /// ATT&CK technique ids.
        techniques: texts,
        /// The fields that made its rule fire.
        evidence: list(Evidence),
        /// What the detector added.
        attributes: attributes,
    }

    /// One field that made a rule fire, with the value it had.
    Evidence {
        /// The event that the field belongs to. It is none of this batch: findings
        /// cite the signal.
        event: value(u64),
        /// Where the value stands in the event, as its source writes it.
        field: text,
        /// The value, as text.
        value: text,
    }
}
