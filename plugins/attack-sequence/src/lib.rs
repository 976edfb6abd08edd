//! Findings of several tactics by one identity within minutes.
//!
//! An intrusion is a series of small things: looking around, reading a secret, running a command,
//! taking a token. Each alone is Low, since each alone is somebody's ordinary work. This detector
//! judges the findings of the others ([`step`]), and reports identities whose findings belong
//! together ([`chain`]).

mod chain;
mod step;
#[cfg(test)]
mod tests;
mod types;

use std::time::Duration;

use chain::{Chain, Identity};
use step::Step;
use wardline_sdk::prelude::*;
use wardline_sdk::rules::TrustedUsers;
use wardline_sdk::rules::time::{DAY, KNOWN, MINUTE};
use wardline_sdk::state::{self, SlidingWindow};

/// The most findings of one identity that are considered at once.
const MAX_FINDINGS: u32 = 128;

/// The detector.
pub struct AttackSequence {
    window: Duration,
    trusted_users: Vec<String>,
}

impl Detector for AttackSequence {
    fn describe() -> Descriptor {
        Descriptor::new("attack-sequence", env!("CARGO_PKG_VERSION"))
            .description(
                "Finds sequences of findings of other detectors that belong to one attack: several \
                 tactics by one identity within minutes.",
            )
            .signals(SignalSubscription::new().finding_types(step::SUBSCRIBED))
            .setting(
                "window",
                "Period within which the findings of one identity are one sequence.",
                MINUTE * 10,
            )
            .setting(
                TrustedUsers::SETTING,
                "Users whose sequences are not reported, such as a penetration test. Names must \
                 match exactly.",
                &[] as &[&str],
            )
            .finding(types::sequence())
    }

    fn configure(settings: &Settings) -> Result<Self, String> {
        Ok(Self {
            window: settings.duration("window")?,
            trusted_users: settings.texts(TrustedUsers::SETTING)?.to_vec(),
        })
    }

    fn on_signal(
        &mut self,
        signal: Signal<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        let is_trusted = self
            .trusted_users
            .iter()
            .any(|trusted| trusted == signal.actor());
        let Some(step) = Step::from_signal(signal).filter(|_| !is_trusted) else {
            return Ok(());
        };
        let by_hand = state::actor(signal).key("hand-tool");
        if step.shows_hand_tool {
            // The detector of such tools reports each once within this period.
            by_hand.set(b"", KNOWN)?;
        }
        let seen = self.findings(signal).observe(&step.encode())?;
        let identity = Identity::new(signal.actor(), by_hand.get()?.is_some());
        let Some(chain) = Chain::from_steps(identity, seen.members()) else {
            return Ok(());
        };
        // The next step makes a longer chain, and a pipeline repeats the same one.
        if !state::actor(signal)
            .key("told")
            .first_seen(&chain.signature(), KNOWN)?
        {
            return Ok(());
        }
        findings.raise(types::finding(signal, &chain, &seen));
        Ok(())
    }
}

impl AttackSequence {
    fn findings(&self, signal: Signal<'_>) -> SlidingWindow {
        state::actor(signal)
            .key("findings")
            .window(self.window.min(DAY), MAX_FINDINGS)
    }
}

wardline_sdk::detector!(AttackSequence: signals);
