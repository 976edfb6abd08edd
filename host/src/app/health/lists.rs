//! Whether intel lists are fresh and in force.

use wardline_health::{Condition, Kind};
use wardline_intel::ListStatus;

pub(super) fn conditions(lists: &[ListStatus]) -> Vec<Condition> {
    lists
        .iter()
        .filter_map(|list| {
            let name = &list.name;
            if let Some(failure) = &list.failure {
                let observed = format!("The file of the intel list {name} is not in force.");
                return Some(
                    Condition::new(Kind::ListStale, name, observed).with("failure", failure),
                );
            }
            let age = list.in_force.as_ref()?.age_seconds;
            list.is_stale().then(|| {
                let observed = format!("The intel list {name} is stale.");
                Condition::new(Kind::ListStale, name, observed)
                    .with("age in seconds", age.unwrap_or_default())
            })
        })
        .collect()
}
