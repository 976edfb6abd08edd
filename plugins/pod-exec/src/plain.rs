//! Commands in pods that do nothing that stands out: who runs them is worth a line.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::command::{Kind, Sign};

use crate::settings::Tuning;
use crate::stream::{Stream, Way};

const EXEC: &str = "Execution:Kubernetes/ExecInPod";
const SHELL: &str = "Execution:Kubernetes/InteractiveShell";
const ROBOT: &str = "Execution:Kubernetes/ExecByServiceAccount";

/// A service account at a terminal, or one that nobody gives rights on purpose.
const UNUSUAL_ROBOT: f64 = 5.0;

pub fn judge(
    stream: &Stream<'_>,
    signs: &[Sign],
    stands_out: bool,
    tuning: &Tuning,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let event = stream.event;
    let username = event.user().username();
    let is_shell = signs.iter().any(|sign| sign.kind == Kind::Shell);
    let what = match (stream.way, is_shell) {
        (Way::Attach, _) => "attached to",
        (_, true) => "opened a shell in",
        _ => "ran a command in",
    };
    let title = format!("{username} {what} the pod {}", stream.target());
    let key = format!("{username}/{}", stream.namespace);
    if let Some((_, name)) = event.actor().service_account() {
        let is_unusual = name == "default" || (is_shell && stream.has_terminal());
        let member = format!("{is_unusual}/{}", stream.namespace);
        if tuning.is_news(event, ROBOT, &member)? {
            let finding = stream
                .finding(ROBOT)
                .field(&event, AuditField::Username)
                .dedup_key(key)
                .title(title);
            findings.raise(match is_unusual {
                true => finding.severity(UNUSUAL_ROBOT),
                false => finding,
            });
        }
        return Ok(());
    }
    let finding_type = match is_shell {
        true => SHELL,
        false => EXEC,
    };
    if !stands_out && tuning.is_news(event, finding_type, stream.namespace)? {
        findings.raise(stream.finding(finding_type).dedup_key(key).title(title));
    }
    Ok(())
}

const REMEDIATION: &str = "If the user should not run commands in this namespace, take `create \
    pods/exec` and `pods/attach` from them. To see why a pod fails, logs and metrics should do.";

pub fn exec_type() -> FindingType {
    FindingType::new(EXEC, 2.0)
        .title("A command was run in a pod")
        .description(
            "Somebody ran a command in a pod, or attached to it. Nothing about the command stands out; \
             it matters beside other findings of the same account.",
        )
        .technique("T1609")
        .remediation(REMEDIATION)
        .false_positives("Everybody who looks for faults in a running pod.")
        .tuning("`remember` says how long the commands of an account in a namespace are one finding.")
        .aggregated_by("actor and namespace")
        .reference("https://attack.mitre.org/techniques/T1609/")
}

pub fn shell_type() -> FindingType {
    FindingType::new(SHELL, 3.0)
        .title("A shell was opened in a pod")
        .description("Somebody opened a shell in a pod. What they typed there is in no audit log.")
        .technique("T1609")
        .technique("T1059.004")
        .remediation(REMEDIATION)
        .false_positives("Everybody who looks for faults in a running pod.")
        .tuning("`remember` says how long the shells of an account in a namespace are one finding.")
        .aggregated_by("actor and namespace")
        .reference("https://attack.mitre.org/techniques/T1609/")
}

pub fn robot_type() -> FindingType {
    FindingType::new(ROBOT, 3.0)
        .title("A service account ran a command in a pod")
        .description(
            "Programs seldom run commands in other pods. A service account that does may be a stolen \
             token in the hands of a person.",
        )
        .technique("T1609")
        .technique("T1078.004")
        .remediation(
            "Find out which program uses the account and whether it must run commands. If not, delete \
             the pods that run with it, so that their tokens end, and take `create pods/exec` from its \
             roles.",
        )
        .false_positives(
            "Runners of CI jobs, backup tools with hooks (Velero), operators of databases: each is \
             reported once in 30 days for each namespace.",
        )
        .severity_rule("5.0 if it opened a shell at a terminal, or is the namespace's default account")
        .tuning("Add the account to `trusted-users`; `remember-robots` says how long it is known.")
        .aggregated_by("actor and namespace")
        .reference("https://attack.mitre.org/techniques/T1609/")
}
