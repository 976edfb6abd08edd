//! Sequences of findings, and ordinary work.

use wardline_sdk::contract::Signal;
use wardline_sdk::testing::{Harness, RaisedFinding, TestError, severities};

use crate::AttackSequence;

const TILL: &str = "system:serviceaccount:market:till";
const TOOL: &str = "Discovery:Kubernetes/UnusualUserAgent";
const READ: &str = "CredentialAccess:Kubernetes/SecretReadByScript";
const EXEC: &str = "Execution:Kubernetes/ExecByServiceAccount";
const TOKEN: &str = "CredentialAccess:Kubernetes/TokenRequest";

/// A finding of this type, so many seconds after the start.
fn signal(actor: &str, seconds: u64, finding_type: &str, severity: f64) -> Signal {
    Signal {
        time: seconds * 1_000_000_000,
        finding_id: format!("{finding_type} {seconds}"),
        finding_type: finding_type.to_owned(),
        severity,
        detector: "another".to_owned(),
        actor: actor.to_owned(),
        ..Signal::default()
    }
}

/// Low findings of these types, twenty seconds apart.
fn low(actor: &str, types: &[&str]) -> Vec<Signal> {
    (0..)
        .zip(types)
        .map(|(number, finding_type)| signal(actor, number * 20, finding_type, 3.0))
        .collect()
}

fn judge(signals: Vec<Signal>) -> Result<Vec<RaisedFinding>, TestError> {
    Harness::<AttackSequence>::new().signals(signals)
}

#[test]
fn token_in_a_tool_of_people_needs_two_tactics() -> Result<(), TestError> {
    let found = judge(low(TILL, &[TOOL, READ, EXEC, TOKEN]))?;
    assert_eq!(
        found[0].finding_type,
        "AttackSequence:Kubernetes/CompromisedIdentity"
    );
    assert_eq!(found[0].severity, 5.0);
    assert_eq!(
        found[0].attribute("tactics"),
        Some("credential access, execution")
    );
    assert_eq!(found[0].evidence("actor"), Some(TILL));
    assert!(found[0].event_ids.len() >= 3, "{:?}", found[0].event_ids);
    // In any order, and with the tool known from another day.
    let found = judge(low(TILL, &[EXEC, TOKEN, READ, TOOL]))?;
    assert_eq!(severities(&found), [5.0]);
    let mut later = vec![signal(TILL, 0, TOOL, 3.0)];
    later.extend(
        low(TILL, &[READ, EXEC, TOKEN])
            .into_iter()
            .map(|signal| Signal {
                time: signal.time + 90_000 * 1_000_000_000,
                ..signal
            }),
    );
    assert_eq!(severities(&judge(later)?), [5.0]);
    for types in [
        &[TOOL, READ, TOKEN][..],
        &[TOOL, EXEC],
        &[TOOL],
        &[READ, EXEC, TOKEN],
        &[TOOL, EXEC, EXEC, EXEC],
    ] {
        assert!(judge(low(TILL, types))?.is_empty(), "{types:?}");
    }
    Ok(())
}

#[test]
fn steps_of_one_identity_within_the_window_belong_together() -> Result<(), TestError> {
    let far: Vec<Signal> = (0..)
        .zip([TOOL, READ, EXEC, TOKEN])
        .map(|(number, finding_type)| signal(TILL, number * 601, finding_type, 3.0))
        .collect();
    assert!(judge(far)?.is_empty());
    let mut of_two = low(TILL, &[TOOL, READ]);
    of_two.extend(low("system:serviceaccount:market:cart", &[EXEC, TOKEN]));
    assert!(judge(of_two)?.is_empty());
    Ok(())
}

#[test]
fn pipeline_that_repeats_stays_low_and_is_told_once() -> Result<(), TestError> {
    for actor in [
        "system:serviceaccount:ci:robot",
        "system:serviceaccount:apps:gitlab-runner",
    ] {
        let mut days = Vec::new();
        for day in 0..5 {
            days.extend(
                low(actor, &[TOOL, READ, EXEC, TOKEN])
                    .into_iter()
                    .map(|signal| Signal {
                        time: signal.time + day * 86_400 * 1_000_000_000,
                        ..signal
                    }),
            );
        }
        let found = judge(days)?;
        assert!(
            found.iter().all(|finding| finding.severity <= 3.0),
            "{actor}"
        );
        assert!((1..=2).contains(&found.len()), "{actor}: {}", found.len());
    }
    // The name lowers two tactics, and excuses no more.
    let found = judge(low(
        "system:serviceaccount:ci:robot",
        &[
            TOOL,
            READ,
            EXEC,
            "Persistence:Kubernetes/LongLivedToken",
            "Discovery:Kubernetes/PermissionProbe",
        ],
    ))?;
    assert_eq!(severities(&found).last(), Some(&6.5));
    Ok(())
}

#[test]
fn people_need_three_tactics_besides_discovery() -> Result<(), TestError> {
    let escalated = "PrivilegeEscalation:Kubernetes/SelfGrant";
    for (types, is_chain) in [
        (&[READ, EXEC, escalated][..], true),
        (
            &["Discovery:Kubernetes/Enumeration", READ, EXEC, escalated],
            true,
        ),
        // A day of k9s.
        (
            &[
                "CredentialAccess:Kubernetes/ClusterWideSecretList",
                "Discovery:Kubernetes/PermissionProbe",
                "Execution:Kubernetes/InteractiveShell",
            ],
            false,
        ),
        // Debugging.
        (
            &[
                "Execution:Kubernetes/ExecInPod",
                "Exfiltration:Kubernetes/KubectlCp",
                "LateralMovement:Kubernetes/PortForward",
                READ,
            ],
            false,
        ),
        // Installing.
        (
            &[
                "Persistence:Kubernetes/AdmissionWebhookCreated",
                "PrivilegeEscalation:Kubernetes/DangerousRole",
                "DefenseEvasion:Kubernetes/PodSecurityWeakened",
                "Impact:Kubernetes/DNSTamper",
                "Exfiltration:Kubernetes/BackupToForeignBucket",
            ],
            false,
        ),
    ] {
        let found = judge(low("mallory", types))?;
        assert_eq!(!found.is_empty(), is_chain, "{types:?}");
        // A workload with a program of its own, such as a database operator.
        assert!(judge(low(TILL, types))?.is_empty(), "{types:?}");
    }
    let four = [
        READ,
        EXEC,
        escalated,
        "Persistence:Kubernetes/LongLivedToken",
    ];
    assert_eq!(severities(&judge(low(TILL, &four))?), [5.0]);
    Ok(())
}

#[test]
fn objects_of_installations_count_beside_work_by_hand() -> Result<(), TestError> {
    let installed = [
        "Persistence:Kubernetes/CronJob",
        "PrivilegeEscalation:Kubernetes/DangerousRole",
    ];
    let with = |more: &[&'static str]| [&installed[..], more].concat();
    for (actor, types, is_chain) in [
        ("mallory", with(&[READ, EXEC]), true),
        ("mallory", with(&[EXEC]), false),
        ("mallory", with(&[READ]), false),
        ("mallory", with(&[TOOL]), false),
        (TILL, vec![TOOL, READ, installed[0]], true),
        (TILL, with(&[READ, EXEC]), false),
        // Applied with kubectl.
        (TILL, with(&[TOOL]), false),
    ] {
        let found = judge(low(actor, &types))?;
        assert_eq!(!found.is_empty(), is_chain, "{actor} {types:?}");
    }
    Ok(())
}

#[test]
fn severe_findings_count_whatever_they_are() -> Result<(), TestError> {
    let types = [
        "Persistence:Kubernetes/CronJob",
        "PrivilegeEscalation:Kubernetes/DangerousRole",
        "DefenseEvasion:Kubernetes/PodSecurityWeakened",
    ];
    let of = |severity: f64| {
        types
            .map(|finding_type| signal("mallory", 1, finding_type, severity))
            .to_vec()
    };
    assert_eq!(severities(&judge(of(5.0))?), [5.0]);
    assert!(judge(of(3.0))?.is_empty());
    Ok(())
}

#[test]
fn longer_chain_is_told_after_a_shorter_one() -> Result<(), TestError> {
    let found = judge(low(
        TILL,
        &[
            TOOL,
            READ,
            EXEC,
            "PrivilegeEscalation:Kubernetes/SelfGrant",
            "Persistence:Kubernetes/LongLivedToken",
        ],
    ))?;
    assert_eq!(severities(&found), [5.0, 5.0, 6.5]);
    Ok(())
}

#[test]
fn trusted_user_is_silent() -> Result<(), TestError> {
    let found = Harness::<AttackSequence>::new()
        .setting("trusted-users", &[TILL][..])
        .signals(low(TILL, &[TOOL, READ, EXEC, TOKEN]))?;
    assert!(found.is_empty());
    Ok(())
}
