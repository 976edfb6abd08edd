//! Accounts that look around: what there is, what they may do, what the logs say.
//!
//! Reading is what most requests do, so that a rule needs more than one of them: many kinds
//! refused in a row, the rights of many namespaces asked for, the logs of many pods. Lists
//! that client-go's reflectors make for a controller's cache ask for a resource version, and
//! those of kubectl and scripts do not; that lowers a severity and hides nothing.

mod anonymous;
mod endpoint;
mod enumeration;
mod logs;
mod pointed;
mod probe;
mod subject;
mod subscriptions;
mod sweep;
mod token_review;
mod tool;
mod types;

#[cfg(test)]
mod tests;

use std::time::Duration;

use tool::Tools;
use wardline_sdk::prelude::*;
use wardline_sdk::rules::{Patterns, agent, threshold};

/// How long something that was said of an actor is not said again.
const DAY: Duration = Duration::from_secs(24 * 3600);

/// The detector.
pub struct Discovery {
    trusted: Patterns,
    window: Duration,
    limits: Limits,
    tools: Tools,
}

/// How many are many.
struct Limits {
    paths: u32,
    kinds: u32,
    namespaces: u32,
    checks: u32,
    pods: u32,
    log_namespaces: u32,
    subjects: u32,
    token_reviews: u32,
}

impl Detector for Discovery {
    fn describe() -> Descriptor {
        let descriptor = Descriptor::new("discovery", env!("CARGO_PKG_VERSION")).description(
            "Finds accounts that probe their rights, enumerate the API, use attack tools, read \
                 endpoints for debugging, or harvest logs.",
        );
        let descriptor = subscriptions::add(descriptor)
            .setting(
                "trusted-users",
                "User names, or prefixes that end in `*`, of who looks around as their work.",
                [] as [&str; 0],
            )
            .setting(
                "window",
                "How long requests are counted together.",
                Duration::from_secs(300),
            )
            .setting(
                "anonymous-paths",
                "How many different refused paths of one address are a probe.",
                5,
            )
            .setting(
                "kinds",
                "How many different kinds, refused to one account, are an enumeration.",
                5,
            )
            .setting(
                "namespaces",
                "In how many namespaces a person may ask for their rights; a service account in half.",
                6,
            )
            .setting(
                "checks",
                "How many different single rights a person may ask for; a service account a quarter.",
                40,
            )
            .setting("pods", "How many different pods' logs are many.", 20)
            .setting(
                "log-namespaces",
                "In how many namespaces logs that are read, and not followed, are many.",
                6,
            )
            .setting(
                "subjects",
                "About how many others' rights a person may ask.",
                5,
            )
            .setting(
                "token-reviews",
                "How many tokens a person, or an account with a command line, may have reviewed.",
                10,
            );
        types::all()
            .into_iter()
            .fold(descriptor, Descriptor::finding)
    }

    fn configure(settings: &Settings) -> Result<Self, String> {
        Ok(Self {
            trusted: Patterns::of(settings, "trusted-users")?,
            window: settings.duration("window")?,
            limits: Limits {
                paths: threshold(settings, "anonymous-paths")?,
                kinds: threshold(settings, "kinds")?,
                namespaces: threshold(settings, "namespaces")?,
                checks: threshold(settings, "checks")?,
                pods: threshold(settings, "pods")?,
                log_namespaces: threshold(settings, "log-namespaces")?,
                subjects: threshold(settings, "subjects")?,
                token_reviews: threshold(settings, "token-reviews")?,
            },
            tools: Tools::new(),
        })
    }

    fn on_audit_event(
        &mut self,
        event: AuditEvent<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        let user = event.actor();
        if user.is_control_plane() || self.trusted.matches(user.username()) {
            return Ok(());
        }
        self.tools.judge(event, findings)?;
        if user.is_anonymous() || user.username().is_empty() {
            return anonymous::judge(event, self.window, self.limits.paths, findings);
        }
        let resource = event.resource();
        match resource.as_str() {
            "selfsubjectrulesreviews" | "selfsubjectaccessreviews" | "selfsubjectreviews" => {
                return probe::judge(event, self.window, &self.limits, findings);
            }
            "subjectaccessreviews" | "localsubjectaccessreviews" | "tokenreviews"
                if !is_somebodys(event) =>
            {
                return Ok(());
            }
            "subjectaccessreviews" | "localsubjectaccessreviews" => {
                return subject::judge(event, self.window, self.limits.subjects, findings);
            }
            "tokenreviews" => {
                return token_review::judge(
                    event,
                    self.window,
                    self.limits.token_reviews,
                    findings,
                );
            }
            "configmaps" if event.succeeded() => return sweep::judge(event, findings),
            "pods/log" | "nodes/proxy" if event.succeeded() => {
                return logs::judge(event, self.window, &self.limits, findings);
            }
            "" => endpoint::judge(event, findings)?,
            _ => {}
        }
        enumeration::judge(event, self.window, self.limits.kinds, findings)
    }
}

/// Whether a person made the request, or somebody with the token of a service account: programs
/// ask for reviews all day.
fn is_somebodys(event: AuditEvent<'_>) -> bool {
    let user = event.actor();
    user.is_person()
        || (user.service_account().is_some() && agent::hand_tool(event.user_agent()).is_some())
}

wardline_sdk::detector!(Discovery);
