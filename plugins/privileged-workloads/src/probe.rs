//! Probes of admission: dry runs of dangerous pods, and rejected ones.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::{Requester, Told};
use wardline_sdk::state;

use crate::refusal::{rejected, requested};
use crate::types::{DENIED, DRY_RUN, MANY_DENIED, MANY_DENIED_TO_SERVICE_ACCOUNT, ONE_DENIED};

/// The thresholds for probing.
#[derive(Debug, Clone, Copy)]
pub struct Probe {
    /// Number of requests that are reported as probing, from 2 to 1000.
    pub limit: u32,
    /// Period over which requests are counted.
    pub window: Duration,
    /// Period in which the same rejection is reported once.
    pub remember: Duration,
}

impl Probe {
    /// Judges a dry run of a new object. Deployers use dry runs to compare existing ones.
    pub fn dry_run(
        &self,
        event: AuditEvent<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        if event.verb() != "create" || !Requester::from_event(event).is_foreign() {
            return Ok(());
        }
        let requested = requested(event);
        if requested.is_empty() {
            return Ok(());
        }
        let window = state::actor(event)
            .key("dry-runs")
            .window(self.window, self.limit.saturating_mul(4).max(16));
        let member = format!("{}/{}", event.namespace(), requested.join(" and "));
        let Some(seen) = window.burst_if(&member, |seen| seen.count() >= self.limit)? else {
            return Ok(());
        };
        findings.raise(
            Finding::new(DRY_RUN)
                .on(event)
                .events(seen.events())
                .field(&event, AuditField::Username)
                .evidence(event, "dryRun of", seen.members().join(", "))
                .title(format!(
                    "{} dangerous pods were submitted as dry runs by {}",
                    seen.count(),
                    event.user().username()
                ))
                .dedup_key(event.user().username()),
        );
        Ok(())
    }

    /// Judges a pod or workload that admission rejected.
    pub fn denied(
        &self,
        event: AuditEvent<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        let requester = Requester::from_event(event);
        // Controllers retry requests that originate elsewhere.
        if !requester.is_foreign() {
            return Ok(());
        }
        let requested = rejected(event);
        if requested.is_empty() {
            return Ok(());
        }
        let window = state::actor(event)
            .key("denied")
            .window(self.window, self.limit.saturating_mul(4).max(16));
        let mut seen = None;
        let mut is_new = false;
        for access in requested {
            let member = format!("{access} in {}", event.namespace());
            seen = Some(window.observe(&member)?);
            is_new |=
                Told::by_actor(event, "denied-once").is_news(&member, ONE_DENIED, self.remember)?;
        }
        let Some(seen) = seen else { return Ok(()) };
        let is_burst = seen.distinct() >= self.limit;
        if is_burst {
            window.clear()?;
        } else if !is_new {
            return Ok(());
        }
        let severity = match (is_burst, requester) {
            (false, _) => ONE_DENIED,
            (true, Requester::Person) => MANY_DENIED,
            (true, _) => MANY_DENIED_TO_SERVICE_ACCOUNT,
        };
        let title = if is_burst {
            format!(
                "{} different dangerous pods of {} were rejected by admission",
                seen.distinct(),
                event.user().username()
            )
        } else {
            format!(
                "A dangerous pod of {} in {} was rejected by admission",
                event.user().username(),
                event.namespace()
            )
        };
        let message = event.response().map_or("", |response| response.message());
        let mut finding = Finding::new(DENIED)
            .on(event)
            .field(&event, AuditField::Username)
            .evidence(event, "responseStatus.message", message)
            .severity(severity)
            .title(title)
            .dedup_key(format!(
                "{}|{}",
                event.user().username(),
                if is_burst { "burst" } else { event.namespace() }
            ));
        if is_burst {
            finding = finding
                .events(seen.events())
                .attribute("asked-for", seen.members().join(", "));
        }
        findings.raise(finding);
        Ok(())
    }
}
