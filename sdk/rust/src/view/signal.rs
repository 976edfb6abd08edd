//! Findings of other detectors, as events.

use super::{Attribute, EventRef, List, Timestamp};

views! {
    /// A finding of another detector.
    Signal {
        /// Its reference as an event.
        ref_: reference,
        /// The time of the latest of its events.
        time: time,
        /// The id of the finding.
        finding_id: text,
        /// The finding type.
        finding_type: text,
        /// From 1.0 to 10.0.
        severity: value(f64),
        /// One line.
        title: text,
        /// The detector that raised it.
        detector: text,
        /// The name of the user or container that acted.
        actor: text,
        /// The resource of the target; empty if there is none.
        resource: text,
        /// The namespace of the target.
        namespace: text,
        /// The name of the target.
        name: text,
        /// ATT&CK technique ids.
        techniques: texts,
        /// The fields that made the rule fire.
        evidence: list(Evidence),
        /// The attributes that the detector added.
        attributes: attributes,
    }

    /// One field that made a rule fire, with its value.
    Evidence {
        /// The event that the field belongs to. It is not in this batch: findings cite the signal.
        event: value(u64),
        /// The path of the value in the event, as the source writes it.
        field: text,
        /// The value, as text.
        value: text,
    }
}
