//! Requests to webhooks without valid credentials.

use std::collections::BTreeMap;

use jiff::Timestamp;
use wardline_health::{Condition, Growth, Kind};
use wardline_source::SourceState;

use super::WINDOW;

/// The number of refused requests within the window that is more than a mistake.
const MANY: u64 = 100;
/// The severity of many.
const SEVERE: f64 = 5.0;

/// The refused requests of all webhooks.
#[derive(Default)]
pub(super) struct Senders(BTreeMap<(String, String), Growth>);

impl Senders {
    pub fn conditions(&mut self, sources: &[SourceState], now: Timestamp) -> Vec<Condition> {
        let mut conditions = Vec::new();
        for source in sources {
            for (reason, total) in &source.refused {
                let growth = self
                    .0
                    .entry((source.name.clone(), reason.clone()))
                    .or_insert_with(|| Growth::over(WINDOW));
                let recent = growth.note(*total, now);
                if recent == 0 {
                    continue;
                }
                let name = &source.name;
                let condition = Condition::new(
                    Kind::SenderRefused,
                    &format!("{name}: {reason}"),
                    format!("The webhook {name} refused {recent} requests ({reason})."),
                )
                .of_source(name)
                .with("reason", reason)
                .with("requests", recent);
                conditions.push(if recent >= MANY {
                    condition.at_least(SEVERE)
                } else {
                    condition
                });
            }
        }
        conditions
    }
}
