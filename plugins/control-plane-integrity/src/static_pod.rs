//! How the control plane itself is run: the mirror pods that kubelets show of its static pods.

use std::time::Duration;
use wardline_sdk::prelude::*;
use wardline_sdk::rules::ObjectChange;
use wardline_sdk::rules::image::repository;
use wardline_sdk::state;
use wardline_sdk::view::Container;

use crate::report::{LOW, TUNING, Weakness, weaknesses};

pub const CHANGED: &str = "Persistence:Kubernetes/StaticPodChanged";

/// The beginnings of the names of such pods; the node's name follows.
pub const NAMES: [&str; 4] = [
    "kube-apiserver-*",
    "kube-controller-manager-*",
    "kube-scheduler-*",
    "etcd-*",
];

/// Flags that must not go away or change without somebody's knowing
/// (<https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/>).
const WATCHED: [&str; 15] = [
    "--anonymous-auth",
    "--audit-log-path",
    "--audit-policy-file",
    "--audit-webhook-config-file",
    "--authentication-config",
    "--authentication-token-webhook-config-file",
    "--authorization-config",
    "--authorization-mode",
    "--authorization-webhook-config-file",
    "--client-ca-file",
    "--client-cert-auth",
    "--encryption-provider-config",
    "--oidc-issuer-url",
    "--service-account-key-file",
    "--token-auth-file",
];

/// The finding of a mirror pod of the control plane, if any. Its kubelet is the actor, and
/// remembers with that what the pod was before.
pub fn judge(change: &ObjectChange<'_>, keep: Duration) -> Result<Option<Finding>, DetectError> {
    let event = change.event;
    let Some(workload) = event.workload() else {
        return Ok(None);
    };
    let is_mirror = event
        .object_facts()
        .is_some_and(|pod| pod.annotations().has("kubernetes.io/config.mirror"));
    let Some(container) = workload.containers().next().filter(|_| is_mirror) else {
        return Ok(None);
    };
    let flags = flags(container);
    let digest = digest(&flags, container);
    let known = state::actor(event).key(format!("static-pod:{}", event.name()));
    let before = known.get_text()?;
    known.set_text(&digest, keep)?;
    if before.as_deref() == Some(digest.as_str()) {
        return Ok(None);
    }
    let place = if event.resulting().is_some() {
        "responseObject.spec.containers[0].command"
    } else {
        "requestObject.spec.containers[0].command"
    };
    let mut found: Vec<Weakness> = flags
        .iter()
        .filter_map(|(flag, value)| {
            let (says, severity) = danger(flag, value)?;
            let flag = format!("{flag}={value}");
            // What was so before is no news.
            let is_old = before
                .as_ref()
                .is_some_and(|before| before.lines().any(|line| line == flag));
            (!is_old).then(|| Weakness::new(place, flag, says, severity))
        })
        .collect();
    if let Some(before) = before {
        found.extend(compared(&before, &digest, place, &found));
    }
    let what = format!("the static pod {}", event.name());
    Ok(weaknesses(change, CHANGED, &what, found, |severity| {
        severity
    }))
}

/// Flags with their values, of `--flag=value` and of `--flag value`.
fn flags(container: Container<'_>) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for word in container.command().chain(container.arguments()) {
        match word.split_once('=') {
            Some((flag, value)) if flag.starts_with('-') => {
                found.push((normal(flag), value.to_owned()));
            }
            _ if word.starts_with('-') => found.push((normal(word), "true".to_owned())),
            _ => {
                if let Some((_, value)) = found.last_mut().filter(|(_, value)| value == "true") {
                    word.clone_into(value);
                }
            }
        }
    }
    found
}

/// Flags may be written with one dash, and with `_`.
fn normal(flag: &str) -> String {
    format!("--{}", flag.trim_start_matches('-').replace('_', "-"))
}

/// Flags that are dangerous whatever was before.
fn danger(flag: &str, value: &str) -> Option<(&'static str, f64)> {
    let holds = |word: &str| value.split(',').any(|part| part.trim() == word);
    match flag {
        "--authorization-mode" if holds("AlwaysAllow") => {
            Some(("it allows everything to everybody", 8.0))
        }
        "--insecure-port" if value != "0" => Some(("it answers without authentication", 8.0)),
        "--insecure-bind-address" => Some(("it answers without authentication", 8.0)),
        "--anonymous-auth" if value == "true" => Some(("it takes requests of nobody", LOW)),
        "--token-auth-file" | "--basic-auth-file" => {
            Some(("it takes tokens or passwords from a file", 5.0))
        }
        "--enable-admission-plugins" if !holds("NodeRestriction") => {
            Some(("nodes may change each other", LOW))
        }
        "--disable-admission-plugins"
            if ["NodeRestriction", "PodSecurity", "ServiceAccount"]
                .iter()
                .any(|plugin| holds(plugin)) =>
        {
            Some(("an admission plugin that protects is off", 5.5))
        }
        "--client-cert-auth" if value == "false" => Some(("etcd answers everybody", 7.0)),
        "--listen-client-urls" if value.split(',').any(is_plain) => {
            Some(("etcd answers without TLS", 6.0))
        }
        _ => None,
    }
}

/// Whether a URL of etcd is without TLS, and reached from elsewhere.
fn is_plain(url: &str) -> bool {
    url.trim().strip_prefix("http://").is_some_and(|rest| {
        !rest.starts_with("127.") && !rest.starts_with("localhost") && !rest.starts_with("[::1]")
    })
}

/// What of the pod matters from one time to the next.
fn digest(flags: &[(String, String)], container: Container<'_>) -> String {
    let mut lines: Vec<String> = flags
        .iter()
        .filter(|(flag, value)| WATCHED.contains(&flag.as_str()) || danger(flag, value).is_some())
        .map(|(flag, value)| format!("{flag}={value}"))
        .collect();
    lines.sort();
    lines.push(format!("image {}", repository(container.image())));
    lines.join("\n")
}

fn compared(before: &str, now: &str, place: &str, told: &[Weakness]) -> Vec<Weakness> {
    let name = |line: &str| line.split(['=', ' ']).next().unwrap_or_default().to_owned();
    let mut found = Vec::new();
    for old in before.lines() {
        if now.lines().any(|line| line == old) {
            continue;
        }
        let flag = name(old);
        let new = now.lines().find(|line| name(line) == flag);
        if told.iter().any(|one| name(&one.value) == flag) {
            continue;
        }
        let severity = match (flag.as_str(), new) {
            ("image", _) => 5.0,
            // A watched flag that was dangerous, and is gone.
            (flag, None) if !WATCHED.contains(&flag) => continue,
            ("--token-auth-file" | "--anonymous-auth", None) => continue,
            (flag, _) if flag.starts_with("--audit-") => 6.5,
            _ => 5.0,
        };
        found.push(Weakness::new(
            place,
            new.unwrap_or("none"),
            format!("{} in place of {old}", new.unwrap_or("nothing")),
            severity,
        ));
    }
    found
}

pub fn types() -> [FindingType; 1] {
    [FindingType::new(CHANGED, 5.0)
        .title("The control plane is run in another way")
        .description(
            "A kubelet shows a static pod of the control plane with flags that open it, without flags \
             that it had, or with another image. Who changes these files has root on the machine.",
        )
        .technique("T1562.001")
        .technique("T1556")
        .technique("T1543")
        .severity_rule("8.0 if the API server allows everything or answers without authentication; 7.0 if etcd answers everybody, 6.0 without TLS")
        .severity_rule("6.5 if a flag of the audit log changed or is gone")
        .severity_rule("5.5 if an admission plugin that protects is off")
        .severity_rule("5.0 for tokens from a file, another image, and other flags of authentication, authorization and encryption")
        .severity_rule("3.0 for anonymous requests, and for admission plugins without NodeRestriction")
        .remediation(
            "Look at /etc/kubernetes/manifests on that machine and who wrote there. Put the file back, \
             and treat the machine and the cluster's keys as known to others.",
        )
        .false_positives("Upgrades and planned changes of the control plane. What was reported once is not repeated while it stays so.")
        .tuning(TUNING)
        .aggregated_by("node and pod")
        .reference("https://kubernetes.io/docs/tasks/configure-pod-container/static-pod/")
        .reference("https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/")]
}
