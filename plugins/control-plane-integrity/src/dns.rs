//! The cluster's own names (ATT&CK T1557, T1565).

use std::net::IpAddr;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::{ObjectChange, Requester, address};
use wardline_sdk::view::ObjectFacts;

use crate::memory::Memory;
use crate::report::{LOW, TUNING, Weakness, report, weaknesses};

pub const TAMPER: &str = "Impact:Kubernetes/DNSTamper";

/// The ConfigMaps of the cluster's name servers: CoreDNS, AKS' and k3s' additions to it,
/// kube-dns, and NodeLocal DNSCache.
pub const NAMES: [&str; 4] = ["coredns", "coredns-custom", "kube-dns", "node-local-dns"];

/// Resolvers of the internet that clusters are often pointed at.
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

/// The finding of a change to one of them, if any.
pub fn judge(change: &ObjectChange<'_>, memory: Memory) -> Result<Option<Finding>, DetectError> {
    let event = change.event;
    let before = memory.before(event)?;
    let change = &change.compared(before.is_some());
    let after = event
        .resulting()
        .or_else(|| event.requested().filter(|object| !object.partial()))
        .map(data);
    if let Some(after) = after.filter(|after| !after.is_empty()) {
        memory.set(event, &after)?;
    }
    if change.requester == Requester::ControlPlane {
        return Ok(None);
    }
    // Managed clusters keep them with an account of kube-system: of those only what leads
    // elsewhere is told.
    let is_platform = change.requester == Requester::Platform;
    let what = format!("kube-system/{}, the cluster's name server", event.name());
    if event.verb() == "delete" || change.is_unseen() {
        if is_platform {
            return Ok(None);
        }
        let severity = match (change.requester, event.verb()) {
            (Requester::Person, _) => 4.5,
            _ => LOW,
        };
        let title = format!(
            "{} changed ({}) {what}",
            event.user().username(),
            event.verb()
        );
        return Ok(Some(report(change, TAMPER, severity, title)));
    }
    let tells = |object: ObjectFacts<'_>| !data(object).is_empty();
    let Some((object, place)) = change.object(tells, "data") else {
        return Ok(None);
    };
    let now = data(object);
    let before = before.unwrap_or_default();
    let new: Vec<&str> = now
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !before.lines().any(|old| old.trim() == *line))
        .collect();
    if new.is_empty() && before.lines().count() == now.lines().count() {
        return Ok(None);
    }
    let mut found: Vec<Weakness> = new
        .iter()
        .filter_map(|line| {
            let (says, severity) = danger(line)?;
            let field = format!("{place}.data.{}", key(object, line));
            Some(Weakness::new(field, *line, says, severity))
        })
        .collect();
    // `kubeadm init` makes the usual one.
    if found.is_empty() && !is_platform && !change.is_new {
        found.push(Weakness::new(
            format!("{place}.data"),
            new.join("\n"),
            "nothing in it leads elsewhere",
            LOW,
        ));
    }
    let rate = |severity| change.severity(severity);
    Ok(weaknesses(change, TAMPER, &what, found, rate))
}

/// What a line of a Corefile does to names (<https://coredns.io/plugins/>), and how severe that
/// is. The values of kube-dns are JSON: `stubDomains` and `upstreamNameservers`.
fn danger(line: &str) -> Option<(String, f64)> {
    let mut words = line.split_whitespace();
    match words.next()? {
        "rewrite" => Some((format!("names are rewritten ({line})"), 6.0)),
        "template" => Some((format!("answers are made up ({line})"), 6.0)),
        "forward" | "proxy" => {
            let outside: Vec<&str> = words.skip(1).filter(|to| is_unusual(to)).collect();
            (!outside.is_empty()).then(|| {
                let says = format!("names are asked of {} on the internet", outside.join(", "));
                (says, 6.5)
            })
        }
        "hosts" | "file" | "auto" => Some((format!("answers come from a list ({line})"), 5.0)),
        _ if line.contains('[') => {
            let outside: Vec<&str> = line
                .split(|end: char| !(end.is_ascii_hexdigit() || matches!(end, '.' | ':')))
                .filter(|to| is_unusual(to))
                .collect();
            (!outside.is_empty()).then(|| {
                let says = format!("names are asked of {} on the internet", outside.join(", "));
                (says, 6.5)
            })
        }
        _ => None,
    }
}

/// Whether an upstream is an address of the internet that is no well-known resolver.
fn is_unusual(upstream: &str) -> bool {
    let upstream = upstream
        .split_once("://")
        .map_or(upstream, |(_, place)| place);
    let place = match upstream.parse::<IpAddr>() {
        Ok(_) => upstream,
        Err(_) => upstream
            .rsplit_once(':')
            .map_or(upstream, |(place, _)| place)
            .trim_matches(['[', ']']),
    };
    address::is_public(place) && !PUBLIC_RESOLVERS.contains(&place)
}

/// The key of the value that holds a line.
fn key<'a>(object: ObjectFacts<'a>, line: &str) -> &'a str {
    let Facts::ConfigMap(map) = object.facts() else {
        return "";
    };
    map.data()
        .find(|pair| pair.value().lines().any(|own| own.trim() == line))
        .map_or("", |pair| pair.key())
}

fn data(object: ObjectFacts<'_>) -> String {
    let Facts::ConfigMap(map) = object.facts() else {
        return String::new();
    };
    let values: Vec<&str> = map.data().map(|pair| pair.value()).collect();
    values.join("\n")
}

pub fn types() -> [FindingType; 1] {
    [FindingType::new(TAMPER, 5.0)
        .title("The cluster's name server was changed")
        .description(
            "The configuration of the cluster's DNS was changed by somebody who is not the add-on \
             manager. Who answers for names sees and redirects what pods send.",
        )
        .technique("T1557")
        .technique("T1565.002")
        .severity_rule("6.5 if names are asked of an address of the internet that is no well-known resolver")
        .severity_rule("6.0 if names are rewritten or answers made up; 5.0 if they come from a list")
        .severity_rule("4.5 if a person deleted it, or the log does not have what is in it (level Metadata)")
        .severity_rule("3.0 if nothing in it leads elsewhere, or it carries the labels of a package")
        .remediation(
            "Put the ConfigMap back and restart the name server. Look for connections to the addresses \
             that the evidence names, and rotate what pods sent there.",
        )
        .false_positives(
            "Names of an own domain that are rewritten or listed on purpose; minikube and kind list their host.",
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
    fn upstreams() {
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
    fn the_usual_corefile_is_no_danger() {
        let corefile = ".:53 {\n errors\n health {\n lameduck 5s\n }\n ready\n \
            kubernetes cluster.local in-addr.arpa ip6.arpa {\n pods insecure\n ttl 30\n }\n \
            prometheus :9153\n forward . /etc/resolv.conf {\n max_concurrent 1000\n }\n cache 30\n \
            loop\n reload\n loadbalance\n}\n";
        assert!(corefile.lines().all(|line| danger(line.trim()).is_none()));
    }

    #[test]
    fn what_leads_elsewhere() {
        for (line, severity) in [
            ("rewrite name api.example.com evil.example.net", 6.0),
            ("forward . 203.0.113.9", 6.5),
            ("hosts /etc/coredns/NodeHosts {", 5.0),
            (r#"{"acme.local": ["203.0.113.9"]}"#, 6.5),
        ] {
            assert_eq!(
                danger(line).map(|(_, severity)| severity),
                Some(severity),
                "{line}"
            );
        }
    }
}
