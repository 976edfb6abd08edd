//! The configuration of cluster DNS (ATT&CK T1557, T1565).

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::severity::{LOW, MEDIUM};
use wardline_sdk::rules::{ObjectChange, Requester, address};
use wardline_sdk::view::ObjectFacts;

use crate::memory::Memory;
use crate::report::{TUNING, Weakness, report, title, weaknesses};

pub const TAMPER: &str = "Impact:Kubernetes/DNSTamper";

const FORWARDED: SeverityRule = SeverityRule::new(
    6.5,
    "names are forwarded to a public address other than a well-known resolver, whoever sends it",
);
const REWRITTEN: SeverityRule =
    SeverityRule::new(6.0, "names are rewritten or answers are synthesized");
const LISTED: SeverityRule = SeverityRule::new(MEDIUM, "answers come from a static list");
const UNSEEN_BY_PERSON: SeverityRule = SeverityRule::new(
    4.5,
    "a person deleted it, or changed it and the log does not have the content (level Metadata)",
);
const UNSEEN_BY_SERVICE_ACCOUNT: SeverityRule = SeverityRule::new(
    LOW,
    "a service account deleted it, or changed it and the log does not have the content",
);
const NOT_REDIRECTED: SeverityRule = SeverityRule::new(LOW, "no redirection was found");

/// The ConfigMaps of cluster DNS servers: CoreDNS, its extensions in AKS and k3s, kube-dns, and
/// NodeLocal DNSCache.
pub const NAMES: [&str; 4] = ["coredns", "coredns-custom", "kube-dns", "node-local-dns"];

/// Public resolvers that clusters commonly use.
const PUBLIC_RESOLVERS: [&str; 8] = [
    "1.1.1.1",
    "1.0.0.1",
    "8.8.8.8",
    "8.8.4.4",
    "9.9.9.9",
    "149.112.112.112",
    "208.67.222.222",
    "208.67.220.220",
];

/// Judges a change to one of the ConfigMaps in [`NAMES`].
pub fn judge(change: &ObjectChange<'_>, memory: Memory) -> Result<Option<Finding>, DetectError> {
    let event = change.event;
    let before = memory.before(event)?;
    let change = &change.with_known_previous(before.is_some());
    let after = event
        .resulting()
        .or_else(|| {
            let is_whole = |object: &ObjectFacts<'_>| change.is_whole || !object.partial();
            event.requested().filter(is_whole)
        })
        .map(data);
    if let Some(after) = after.filter(|after| !after.is_empty()) {
        memory.set(event, &after)?;
    }
    if change.requester == Requester::ControlPlane {
        return Ok(None);
    }
    // Managed clusters maintain these ConfigMaps with accounts of kube-system, so their changes are
    // reported only if they redirect names.
    let is_platform = change.requester == Requester::Platform;
    let config_map = format!("ConfigMap kube-system/{}", event.name());
    if event.verb() == "delete" || change.is_unseen() {
        if is_platform {
            return Ok(None);
        }
        let severity = match change.requester {
            Requester::Person => UNSEEN_BY_PERSON,
            _ => UNSEEN_BY_SERVICE_ACCOUNT,
        };
        let note = match event.verb() {
            "delete" => "",
            _ => " (content not logged)",
        };
        let title = format!("{}{note}", title(change, &config_map));
        return Ok(Some(report(change, TAMPER, severity, title)));
    }
    let has_data = |object: ObjectFacts<'_>| !data(object).is_empty();
    let Some((object, path)) = change.object(has_data, "data") else {
        return Ok(None);
    };
    let now = data(object);
    let before = before.unwrap_or_default();
    let old: BTreeSet<&str> = before.lines().map(str::trim).collect();
    let new: Vec<&str> = now
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !old.contains(line))
        .collect();
    if new.is_empty() && before.lines().count() == now.lines().count() {
        return Ok(None);
    }
    let keys = LazyCell::new(|| keys(object));
    let mut found: Vec<Weakness> = new
        .iter()
        .filter_map(|line| {
            let (summary, severity) = danger(line)?;
            let key = keys.get(line).copied().unwrap_or_default();
            let field = format!("{path}.data.{key}");
            Some(Weakness::new(field, *line, summary, severity))
        })
        .collect();
    // `kubeadm init` creates the default one.
    if found.is_empty() && !is_platform && !change.is_new {
        found.push(Weakness::new(
            format!("{path}.data"),
            new.join("\n"),
            "no redirection was found",
            NOT_REDIRECTED,
        ));
    }
    // No package and no routine asks a foreign address for the names of a cluster.
    let rate = |severity: f64| match severity >= FORWARDED.severity {
        true => severity,
        false => change.severity(severity),
    };
    Ok(weaknesses(change, TAMPER, &config_map, found, rate))
}

/// Returns the effect of a line that redirects names, and its severity. The line is of a Corefile
/// (<https://coredns.io/plugins/>), or of the JSON values of kube-dns: `stubDomains` and
/// `upstreamNameservers`.
fn danger(line: &str) -> Option<(String, SeverityRule)> {
    let mut words = line.split_whitespace();
    match words.next()? {
        "rewrite" => Some((format!("names are rewritten ({line})"), REWRITTEN)),
        "template" => Some((format!("answers are synthesized ({line})"), REWRITTEN)),
        "forward" | "proxy" => {
            let outside: Vec<&str> = words.skip(1).filter(|to| is_unusual(to)).collect();
            (!outside.is_empty()).then(|| {
                let summary = format!("names are forwarded to {}", outside.join(", "));
                (summary, FORWARDED)
            })
        }
        "hosts" | "file" | "auto" => {
            Some((format!("answers come from a static list ({line})"), LISTED))
        }
        _ if line.contains('[') => {
            let outside: Vec<&str> = line
                .split(|end: char| !(end.is_ascii_hexdigit() || matches!(end, '.' | ':')))
                .filter(|to| is_unusual(to))
                .collect();
            (!outside.is_empty()).then(|| {
                let summary = format!("names are forwarded to {}", outside.join(", "));
                (summary, FORWARDED)
            })
        }
        _ => None,
    }
}

/// Whether an upstream is a public address other than a well-known resolver.
fn is_unusual(upstream: &str) -> bool {
    let upstream = upstream
        .split_once("://")
        .map_or(upstream, |(_, rest)| rest);
    let host = match upstream.parse::<IpAddr>() {
        Ok(_) => upstream,
        Err(_) => upstream
            .rsplit_once(':')
            .map_or(upstream, |(host, _)| host)
            .trim_matches(['[', ']']),
    };
    address::is_public(host) && !PUBLIC_RESOLVERS.contains(&host)
}

/// Returns for each line the key of the first value that holds it.
fn keys(object: ObjectFacts<'_>) -> BTreeMap<&str, &str> {
    let Facts::ConfigMap(map) = object.facts() else {
        return BTreeMap::new();
    };
    map.data()
        .rev()
        .flat_map(|pair| {
            pair.value()
                .lines()
                .map(move |line| (line.trim(), pair.key()))
        })
        .collect()
}

fn data(object: ObjectFacts<'_>) -> String {
    let Facts::ConfigMap(map) = object.facts() else {
        return String::new();
    };
    let values: Vec<&str> = map.data().map(|pair| pair.value()).collect();
    values.join("\n")
}

pub fn types() -> [FindingType; 1] {
    [FindingType::new(TAMPER, MEDIUM)
        .title("The cluster DNS configuration was modified")
        .description(
            "The configuration of cluster DNS was changed by an identity other than the add-on manager. \
             Control over DNS lets an attacker intercept and redirect the traffic of pods.",
        )
        .technique("T1557")
        .technique("T1565.002")
        .severity_rules([
            FORWARDED,
            REWRITTEN,
            LISTED,
            UNSEEN_BY_PERSON,
            UNSEEN_BY_SERVICE_ACCOUNT,
            NOT_REDIRECTED,
            ObjectChange::PACKAGED,
            ObjectChange::PLATFORM,
            ObjectChange::RESENT,
        ])
        .remediation(
            "Restore the ConfigMap and restart the DNS server. Look for connections to the addresses in \
             the evidence, and rotate credentials that pods sent there.",
        )
        .false_positives(
            "Internal domains that are rewritten or listed on purpose. minikube and kind list their host.",
        )
        .tuning(TUNING)
        .aggregated_by("actor and ConfigMap")
        .reference("https://kubernetes.io/docs/tasks/administer-cluster/dns-custom-nameservers/")
        .reference("https://coredns.io/plugins/")]
}

#[cfg(test)]
mod tests {
    use super::{danger, is_unusual};

    #[test]
    fn public_upstreams_are_unusual() {
        for (upstream, unusual) in [
            ("/etc/resolv.conf", false),
            ("10.0.0.2", false),
            ("8.8.8.8:53", false),
            ("tls://9.9.9.9", false),
            ("203.0.113.9", true),
            ("203.0.113.9:5353", true),
            ("tls://203.0.113.9", true),
            ("2001:4860::1", true),
            ("[2001:4860::1]:53", true),
        ] {
            assert_eq!(is_unusual(upstream), unusual, "{upstream}");
        }
    }

    #[test]
    fn default_corefile_is_harmless() {
        let corefile = ".:53 {\n errors\n health {\n lameduck 5s\n }\n ready\n \
            kubernetes cluster.local in-addr.arpa ip6.arpa {\n pods insecure\n ttl 30\n }\n \
            prometheus :9153\n forward . /etc/resolv.conf {\n max_concurrent 1000\n }\n cache 30\n \
            loop\n reload\n loadbalance\n}\n";
        assert!(corefile.lines().all(|line| danger(line.trim()).is_none()));
    }

    #[test]
    fn redirections_are_rated() {
        for (line, severity) in [
            ("rewrite name api.example.com evil.example.net", 6.0),
            ("forward . 203.0.113.9", 6.5),
            ("hosts /etc/coredns/NodeHosts {", 5.0),
            (r#"{"acme.local": ["203.0.113.9"]}"#, 6.5),
        ] {
            assert_eq!(
                danger(line).map(|(_, rule)| rule.severity),
                Some(severity),
                "{line}"
            );
        }
    }
}
