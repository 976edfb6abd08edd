//! Static pods of the control plane, as shown by the mirror pods that kubelets create.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::ObjectChange;
use wardline_sdk::rules::image::repository;
use wardline_sdk::rules::severity::{HIGH, LOW, MEDIUM};
use wardline_sdk::state;
use wardline_sdk::view::Container;

use crate::report::{TUNING, Weakness, weaknesses};

pub const CHANGED: &str = "Persistence:Kubernetes/StaticPodChanged";

const ALWAYS_ALLOW: SeverityRule =
    SeverityRule::new(HIGH, "the API server authorizes all requests");
const OPEN_PORT: SeverityRule =
    SeverityRule::new(HIGH, "the API server opens an unauthenticated port");
const ETCD_OPEN: SeverityRule = SeverityRule::new(7.0, "etcd accepts unauthenticated clients");
const AUDIT: SeverityRule = SeverityRule::new(6.5, "an audit log flag was changed or removed");
const ETCD_PLAIN: SeverityRule = SeverityRule::new(6.0, "etcd listens without TLS");
const ADMISSION: SeverityRule = SeverityRule::new(5.5, "a protective admission plugin is off");
const STATIC_TOKENS: SeverityRule =
    SeverityRule::new(MEDIUM, "tokens or passwords come from a file");
const IMAGE: SeverityRule = SeverityRule::new(MEDIUM, "the image is different");
const OTHER_FLAG: SeverityRule = SeverityRule::new(
    MEDIUM,
    "another flag of authentication, authorization, or encryption was changed or removed",
);
const ANONYMOUS: SeverityRule = SeverityRule::new(LOW, "anonymous requests are accepted");
const NODE_RESTRICTION: SeverityRule =
    SeverityRule::new(LOW, "`--enable-admission-plugins` lacks NodeRestriction");

/// Name patterns of the static pods; the name of the node follows the prefix.
pub const NAMES: [&str; 4] = [
    "kube-apiserver-*",
    "kube-controller-manager-*",
    "kube-scheduler-*",
    "etcd-*",
];

/// Flags whose change or removal is reported
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

/// Judges a mirror pod of the control plane. The actor is its kubelet, so the previous state is
/// stored per node.
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
    let path = if event.resulting().is_some() {
        "responseObject.spec.containers[0].command"
    } else {
        "requestObject.spec.containers[0].command"
    };
    let old: BTreeSet<&str> = before.iter().flat_map(|before| before.lines()).collect();
    let mut found: Vec<Weakness> = flags
        .iter()
        .filter_map(|(flag, value)| {
            let (summary, severity) = danger(flag, value)?;
            let flag = format!("{flag}={value}");
            let is_old = old.contains(flag.as_str());
            (!is_old).then(|| Weakness::new(path, flag, summary, severity))
        })
        .collect();
    if let Some(before) = before {
        found.extend(compared(&before, &digest, path, &found));
    }
    let object = format!("Static pod {}", event.name());
    Ok(weaknesses(change, CHANGED, &object, found, |severity| {
        severity
    }))
}

/// Returns the flags with their values, written as `--flag=value` or `--flag value`.
fn flags(container: Container<'_>) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for word in container.command().chain(container.arguments()) {
        match word.split_once('=') {
            Some((flag, value)) if flag.starts_with('-') => {
                found.push((normalize(flag), value.to_owned()));
            }
            _ if word.starts_with('-') => found.push((normalize(word), "true".to_owned())),
            _ => {
                if let Some((_, value)) = found.last_mut().filter(|(_, value)| value == "true") {
                    word.clone_into(value);
                }
            }
        }
    }
    found
}

/// Normalizes a flag, which may be written with one dash and with `_`.
fn normalize(flag: &str) -> String {
    format!("--{}", flag.trim_start_matches('-').replace('_', "-"))
}

/// Returns the effect and the severity rule of a flag that is dangerous whatever its previous value.
fn danger(flag: &str, value: &str) -> Option<(&'static str, SeverityRule)> {
    let holds = |word: &str| value.split(',').any(|part| part.trim() == word);
    match flag {
        "--authorization-mode" if holds("AlwaysAllow") => {
            Some(("all requests are authorized", ALWAYS_ALLOW))
        }
        "--insecure-port" if value != "0" => Some(("an unauthenticated port is open", OPEN_PORT)),
        "--insecure-bind-address" => Some(("an unauthenticated port is open", OPEN_PORT)),
        "--anonymous-auth" if value == "true" => {
            Some(("anonymous requests are accepted", ANONYMOUS))
        }
        "--token-auth-file" | "--basic-auth-file" => {
            Some(("tokens or passwords come from a file", STATIC_TOKENS))
        }
        "--enable-admission-plugins" if !holds("NodeRestriction") => {
            Some(("nodes can modify each other", NODE_RESTRICTION))
        }
        "--disable-admission-plugins"
            if ["NodeRestriction", "PodSecurity", "ServiceAccount"]
                .iter()
                .any(|plugin| holds(plugin)) =>
        {
            Some(("a protective admission plugin is off", ADMISSION))
        }
        "--client-cert-auth" if value == "false" => {
            Some(("etcd accepts unauthenticated clients", ETCD_OPEN))
        }
        "--listen-client-urls" if value.split(',').any(is_plain) => {
            Some(("etcd listens without TLS", ETCD_PLAIN))
        }
        _ => None,
    }
}

/// Whether a URL of etcd has no TLS and is reachable from other machines.
fn is_plain(url: &str) -> bool {
    url.trim().strip_prefix("http://").is_some_and(|rest| {
        !rest.starts_with("127.") && !rest.starts_with("localhost") && !rest.starts_with("[::1]")
    })
}

/// Returns the flags and the image that are compared with the next mirror pod, one per line.
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

/// Returns the changes from one digest to the next, except those already in `reported`.
fn compared(before: &str, now: &str, path: &str, reported: &[Weakness]) -> Vec<Weakness> {
    let lines: BTreeSet<&str> = now.lines().collect();
    // The first line of each flag.
    let by_flag: BTreeMap<&str, &str> = now.lines().rev().map(|line| (name(line), line)).collect();
    let reported: BTreeSet<&str> = reported.iter().map(|one| name(&one.value)).collect();
    let mut found = Vec::new();
    for old in before.lines() {
        let flag = name(old);
        if lines.contains(old) || reported.contains(flag) {
            continue;
        }
        let new = by_flag.get(flag).copied();
        let severity = match (flag, new) {
            ("image", _) => IMAGE,
            // Only watched flags are reported if they are removed.
            (flag, None) if !WATCHED.contains(&flag) => continue,
            ("--token-auth-file" | "--anonymous-auth", None) => continue,
            (flag, _) if flag.starts_with("--audit-") => AUDIT,
            _ => OTHER_FLAG,
        };
        found.push(Weakness::new(
            path,
            new.unwrap_or("none"),
            match new {
                Some(new) => format!("{old} was replaced by {new}"),
                None => format!("{old} was removed"),
            },
            severity,
        ));
    }
    found
}

/// Returns the flag of a line.
fn name(line: &str) -> &str {
    line.split(['=', ' ']).next().unwrap_or_default()
}

pub fn types() -> [FindingType; 1] {
    [FindingType::new(CHANGED, MEDIUM)
        .title("A control-plane static pod was modified")
        .description(
            "A kubelet reported a static pod of the control plane with insecure flags, without flags that \
             it had before, or with a different image. Changing the manifest requires root on the machine.",
        )
        .technique("T1562.001")
        .technique("T1556")
        .technique("T1543")
        .severity_rules([
            ALWAYS_ALLOW,
            OPEN_PORT,
            ETCD_OPEN,
            AUDIT,
            ETCD_PLAIN,
            ADMISSION,
            STATIC_TOKENS,
            IMAGE,
            OTHER_FLAG,
            ANONYMOUS,
            NODE_RESTRICTION,
        ])
        .remediation(
            "Inspect /etc/kubernetes/manifests on the machine and find out who wrote there. Restore the \
             file. Treat the machine as compromised, and rotate the keys of the cluster.",
        )
        .false_positives("Upgrades and planned changes of the control plane. A reported flag is not reported again while it stays the same.")
        .tuning(TUNING)
        .aggregated_by("node and pod")
        .reference("https://kubernetes.io/docs/tasks/configure-pod-container/static-pod/")
        .reference("https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/")]
}
