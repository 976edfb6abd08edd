//! Detects reconnaissance: accounts that probe their rights, enumerate objects, or collect
//! logs.
//!
//! Most requests only read, so most rules count: many denied kinds, rights reviews in many
//! namespaces, logs of many pods. client-go's reflectors, which fill a controller's cache,
//! list with a resource version, and kubectl and scripts do not; that lowers a severity or
//! excludes a list that succeeded.

mod anonymous;
mod endpoint;
mod enumeration;
mod logs;
mod pointed;
mod probe;
mod report;
mod subject;
mod subscriptions;
mod sweep;
mod thresholds;
mod token_review;
mod tool;
mod types;

#[cfg(test)]
mod tests;

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::time::MINUTE;
use wardline_sdk::rules::{TrustedUsers, agent};

use thresholds::Thresholds;
use tool::Tools;

/// The detector.
pub struct Discovery {
    trusted_users: TrustedUsers,
    window: Duration,
    thresholds: Thresholds,
    tools: Tools,
}

impl Detector for Discovery {
    fn describe() -> Descriptor {
        let descriptor = Descriptor::new("discovery", env!("CARGO_PKG_VERSION")).description(
            "Detects accounts that probe their rights, enumerate the API, use attack tools, read \
                 debugging endpoints, or collect the logs of many pods.",
        );
        let descriptor = subscriptions::add(descriptor)
            .trusted_users()
            .setting(
                "window",
                "Period over which requests are counted.",
                MINUTE * 5,
            )
            .setting(
                "anonymous-paths",
                "Minimum number of different denied requests from one address for a finding.",
                5,
            )
            .setting(
                "kinds",
                "Minimum number of different kinds denied to one account for a finding.",
                5,
            )
            .setting(
                "namespaces",
                "Minimum number of namespaces in which a person reviews their own rights for a \
                 finding; half as many for a service account.",
                6,
            )
            .setting(
                "checks",
                "Minimum number of different single rights of their own that a person reviews for a \
                 finding; a quarter as many for a service account.",
                40,
            )
            .setting(
                "pods",
                "Minimum number of pods whose logs are read for a finding.",
                20,
            )
            .setting(
                "log-namespaces",
                "Minimum number of namespaces in which logs are read, but not followed, for a finding.",
                6,
            )
            .setting(
                "subjects",
                "Minimum number of subjects whose rights an account reviews for a finding.",
                5,
            )
            .setting(
                "token-reviews",
                "Minimum number of token reviews by a person, or by a service account with a \
                 command-line tool, for a finding.",
                10,
            );
        types::all()
            .into_iter()
            .fold(descriptor, Descriptor::finding)
    }

    fn configure(settings: &Settings) -> Result<Self, String> {
        Ok(Self {
            trusted_users: TrustedUsers::from_settings(settings)?,
            window: settings.duration("window")?,
            thresholds: Thresholds::from_settings(settings)?,
            tools: Tools::new(),
        })
    }

    fn on_audit_event(
        &mut self,
        event: AuditEvent<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        let user = event.actor();
        if user.is_control_plane() || self.trusted_users.trusts(event) {
            return Ok(());
        }
        self.tools.judge(event, findings)?;
        if user.is_anonymous() || user.username().is_empty() {
            let threshold = self.thresholds.anonymous_paths;
            return anonymous::judge(event, self.window, threshold, findings);
        }
        let resource = event.resource();
        match resource.as_str() {
            "selfsubjectrulesreviews" | "selfsubjectaccessreviews" | "selfsubjectreviews" => {
                return probe::judge(event, self.window, &self.thresholds, findings);
            }
            "subjectaccessreviews" | "localsubjectaccessreviews" | "tokenreviews"
                if !is_interactive(event) =>
            {
                return Ok(());
            }
            "subjectaccessreviews" | "localsubjectaccessreviews" => {
                return subject::judge(event, self.window, self.thresholds.subjects, findings);
            }
            "tokenreviews" => {
                return token_review::judge(
                    event,
                    self.window,
                    self.thresholds.token_reviews,
                    findings,
                );
            }
            "configmaps" if event.succeeded() => return sweep::judge(event, findings),
            "pods/log" | "nodes/proxy" if event.succeeded() => {
                return logs::judge(event, self.window, &self.thresholds, findings);
            }
            "" => endpoint::judge(event, findings)?,
            _ => {}
        }
        enumeration::judge(event, self.window, self.thresholds.kinds, findings)
    }
}

/// Returns whether a person made the request, or a service account with a command-line tool.
/// Programs create reviews all day.
fn is_interactive(event: AuditEvent<'_>) -> bool {
    let user = event.actor();
    user.is_person()
        || (user.is_service_account() && agent::hand_tool(event.user_agent()).is_some())
}

wardline_sdk::detector!(Discovery);
