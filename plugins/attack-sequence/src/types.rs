//! The finding type, and its findings.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::severity::{LOW, MEDIUM};
use wardline_sdk::state::Window;

use crate::chain::Chain;
use crate::step::Step;

const SEQUENCE: &str = "AttackSequence:Kubernetes/CompromisedIdentity";

pub const LONG: SeverityRule = SeverityRule::new(
    6.5,
    "a person, or a workload's token in a tool of people, raised findings of four tactics, three of \
     them by hand and besides discovery",
);
pub const BY_HAND: SeverityRule = SeverityRule::new(
    MEDIUM,
    "a workload's token in a tool of people raised findings of three types and two tactics, one of them \
     by hand",
);
pub const PERSON: SeverityRule = SeverityRule::new(
    MEDIUM,
    "a person raised findings of three tactics by hand, or of four tactics with two by hand, all besides \
     discovery, and most of them grave: credential access, defense evasion, impact, initial access, \
     persistence, privilege escalation",
);
pub const WORKLOAD: SeverityRule = SeverityRule::new(
    MEDIUM,
    "a workload with a program of its own raised findings of four tactics by hand besides discovery, two \
     of them grave",
);
pub const PIPELINE: SeverityRule = SeverityRule::new(
    LOW,
    "the account of such a token, or its namespace, has the name of a build system, and fewer than three \
     tactics are by hand and besides discovery",
);

/// Returns the finding about the latest of the steps.
pub fn finding(signal: Signal<'_>, chain: &Chain, seen: &Window) -> Finding {
    let tactics: Vec<String> = chain.tactics.iter().map(|name| words(name)).collect();
    let mut finding = Finding::new(SEQUENCE)
        .on(signal)
        .events(seen.events())
        .evidence(signal, "actor", signal.actor());
    for (event, step) in seen.events().iter().zip(seen.members()) {
        finding = finding.evidence(*event, "finding_type", Step::decode(step).finding_type);
    }
    finding
        .severity(chain.rule)
        .attribute("tactics", tactics.join(", "))
        .dedup_key(signal.actor())
        .title(format!(
            "Sequence of {} by {}",
            tactics.join(", "),
            signal.actor()
        ))
}

/// Returns the words of a tactic: `credential access` for `CredentialAccess`.
fn words(tactic: &str) -> String {
    let mut words = String::new();
    for letter in tactic.chars() {
        if letter.is_ascii_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.push(letter.to_ascii_lowercase());
    }
    words
}

pub fn sequence() -> FindingType {
    FindingType::new(SEQUENCE, MEDIUM)
        .title("Findings of several tactics by one identity within minutes")
        .description(
            "One identity raised findings of several tactics within `window`: it looked around, read \
             secrets, ran commands, or took tokens. Each alone is ordinary work, but together they are \
             the steps of an intrusion with a stolen credential. \"By hand\" are findings that \
             installations do not raise, and all from 4.0.",
        )
        .technique("T1078.004")
        .technique("T1528")
        .attribute("tactic", "TA0001")
        .severity_rules([LONG, BY_HAND, PERSON, WORKLOAD, PIPELINE])
        .remediation(
            "Read the cited findings in their order. If the owner of the identity does not know of them, \
             revoke the credential (delete the pod of a token), then undo what the findings describe and \
             rotate the secrets that were read.",
        )
        .false_positives(
            "Administrators who debug a workload by hand with its own account. Pipelines that read \
             secrets and run commands are Low, and the same sequence is reported once in 30 days.",
        )
        .tuning("Add accounts of pipelines and penetration tests to `trusted-users`.")
        .aggregated_by("actor")
        .reference("https://attack.mitre.org/techniques/T1078/004/")
        .reference("https://docs.aws.amazon.com/guardduty/latest/ug/guardduty-attack-sequence-finding-types.html")
}
