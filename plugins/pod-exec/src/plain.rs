//! Unremarkable commands in pods, reported once per user and namespace.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::agent;
use wardline_sdk::rules::command::{Kind, Sign};
use wardline_sdk::rules::severity::{LOW, MEDIUM};

use crate::settings::Tuning;
use crate::stream::{Stream, Way};

const EXEC: &str = "Execution:Kubernetes/ExecInPod";
const SHELL: &str = "Execution:Kubernetes/InteractiveShell";
const BY_SERVICE_ACCOUNT: &str = "Execution:Kubernetes/ExecByServiceAccount";

/// The account `default` is rarely given permissions on purpose.
const UNUSUAL_SERVICE_ACCOUNT: SeverityRule = SeverityRule::new(
    MEDIUM,
    "the service account opened a shell at a terminal, used a tool for scripted requests such as \
     curl, or is named `default`",
);

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
    let action = match (stream.way, is_shell) {
        (Way::Attach, _) => "A stream was attached to",
        (_, true) => "A shell was opened in",
        _ => "A command was run in",
    };
    let title = format!("{action} pod {} by {username}", stream.target());
    let key = format!("{username}/{}", stream.namespace);
    if let Some((_, name)) = event.actor().service_account() {
        let has_script = agent::script(event.user_agent()).is_some();
        let is_unusual = name == "default" || has_script || (is_shell && stream.has_terminal());
        let member = format!("{is_unusual}/{}", stream.namespace);
        let severity = match is_unusual {
            true => UNUSUAL_SERVICE_ACCOUNT.severity,
            false => LOW,
        };
        if tuning.is_news(event, BY_SERVICE_ACCOUNT, &member, severity)? {
            let finding = stream
                .finding(BY_SERVICE_ACCOUNT)
                .field(&event, AuditField::Username)
                .dedup_key(key)
                .title(title);
            findings.raise(match is_unusual {
                true => finding.severity(UNUSUAL_SERVICE_ACCOUNT),
                false => finding,
            });
        }
        return Ok(());
    }
    let finding_type = match is_shell {
        true => SHELL,
        false => EXEC,
    };
    if !stands_out && tuning.is_news(event, finding_type, stream.namespace, LOW)? {
        findings.raise(stream.finding(finding_type).dedup_key(key).title(title));
    }
    Ok(())
}

const REMEDIATION: &str = "If the user should not run commands in this namespace, remove `create \
    pods/exec` and `pods/attach` from the user's roles. Logs and metrics should be enough to find \
    out why a pod fails.";

pub fn exec_type() -> FindingType {
    FindingType::new(EXEC, 2.0)
        .title("A command was run in a pod")
        .description(
            "A user ran a command in a pod, or attached to it. The command is unremarkable: the \
             finding is context for other findings of the same user.",
        )
        .technique("T1609")
        .remediation(REMEDIATION)
        .false_positives("Developers and administrators who troubleshoot a running pod.")
        .tuning("Raise `remember` to report a user's commands in a namespace less often.")
        .aggregated_by("actor and namespace")
        .reference("https://attack.mitre.org/techniques/T1609/")
}

pub fn shell_type() -> FindingType {
    FindingType::new(SHELL, LOW)
        .title("A shell was opened in a pod")
        .description(
            "A user opened a shell in a pod. The audit log does not contain the commands that are \
             typed there.",
        )
        .technique("T1609")
        .technique("T1059.004")
        .remediation(REMEDIATION)
        .false_positives("Developers and administrators who troubleshoot a running pod.")
        .tuning("Raise `remember` to report a user's shells in a namespace less often.")
        .aggregated_by("actor and namespace")
        .reference("https://attack.mitre.org/techniques/T1609/")
}

pub fn service_account_type() -> FindingType {
    FindingType::new(BY_SERVICE_ACCOUNT, LOW)
        .title("A command was run in a pod by a service account")
        .description(
            "A service account ran a command in a pod. Programs seldom do, so the token may be \
             stolen and used by a person.",
        )
        .technique("T1609")
        .technique("T1078.004")
        .remediation(
            "Find out which program uses the account and whether it must run commands. If not, \
             delete the pods that run under the account to invalidate their tokens, and remove \
             `create pods/exec` from its roles.",
        )
        .false_positives(
            "CI runners, backup tools with hooks (Velero), and database operators. Each is \
             reported once per namespace within `remember-robots` (30 days).",
        )
        .severity_rules([UNUSUAL_SERVICE_ACCOUNT])
        .tuning("Add the account to `trusted-users`, or raise `remember-robots`.")
        .aggregated_by("actor and namespace")
        .reference("https://attack.mitre.org/techniques/T1609/")
}
