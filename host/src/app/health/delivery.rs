//! Whether findings are kept and delivered.

use wardline_health::{Condition, Kind};
use wardline_sink::SinkState;
use wardline_store::ReplacedStore;

/// Returns the conditions of sinks.
pub(super) fn of_sinks(sinks: &[SinkState]) -> impl Iterator<Item = Condition> {
    sinks.iter().filter_map(|sink| {
        let failure = sink.failure.as_ref()?;
        let observed = format!("The sink {} has failed since {}.", sink.name, failure.since);
        Some(
            Condition::new(Kind::SinkFailing, &sink.name, observed)
                .with("error", &failure.error)
                .with("waiting findings", sink.waiting),
        )
    })
}

/// Returns the condition of a store that was damaged when the host started.
pub(super) fn of_store(replaced: Option<&ReplacedStore>) -> Option<Condition> {
    let replaced = replaced?;
    let kept_as = replaced.kept_as.display().to_string();
    let observed = "The store was damaged, and the host began with an empty one.".to_owned();
    Some(
        Condition::new(Kind::StoreReplaced, &kept_as, observed)
            .with("damage", &replaced.reason)
            .with("kept as", &kept_as),
    )
}
