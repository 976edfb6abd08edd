//! Workloads that have the name of a cluster component without being one
//! (<https://attack.mitre.org/techniques/T1036/005/>).

use wardline_sdk::prelude::*;
use wardline_sdk::rules::UnseenOwner;
use wardline_sdk::rules::image::{base_name, registry, repository};
use wardline_sdk::rules::namespace::is_kubernetes;
use wardline_sdk::rules::severity::{LOW, MEDIUM};

use crate::request::{MAY_BE_OLD, WorkloadRequest};
use crate::settings::Tuning;

const MASQUERADE: &str = "DefenseEvasion:Kubernetes/SystemPodMasquerade";

const PREFIX: SeverityRule = SeverityRule::new(
    LOW,
    "the name only begins with `kube-` or `k8s-`, in a namespace of Kubernetes",
);

/// Cluster components, each with a word that the name of its image contains.
const COMPONENTS: [(&str, &str); 22] = [
    ("aws-node", "cni"),
    ("calico-node", "node"),
    ("cilium", "cilium"),
    ("cloud-controller-manager", "cloud"),
    ("cluster-autoscaler", "autoscaler"),
    ("coredns", "coredns"),
    ("coredns-autoscaler", "autoscaler"),
    ("dns-autoscaler", "autoscaler"),
    ("ebs-csi-node", "csi"),
    ("etcd", "etcd"),
    ("kindnet", "kindnet"),
    ("konnectivity-agent", "proxy-agent"),
    ("kube-apiserver", "apiserver"),
    ("kube-controller-manager", "controller-manager"),
    ("kube-dns", "dns"),
    ("kube-flannel", "flannel"),
    ("kube-proxy", "proxy"),
    ("kube-scheduler", "scheduler"),
    ("kube-state-metrics", "state-metrics"),
    ("metrics-server", "metrics-server"),
    ("node-local-dns", "dns"),
    ("node-problem-detector", "problem-detector"),
];

/// Accounts that publish cluster components on Docker Hub, where anyone can publish an image under
/// such a name. Other public registries have too many publishers to name.
const PUBLISHERS: [&str; 26] = [
    "amazon",
    "aquasec",
    "bitnami",
    "bitnamilegacy",
    "bitnamisecure",
    "calico",
    "cilium",
    "cloudnativelabs",
    "coredns",
    "docker",
    "flannel",
    "ibmcom",
    "k8scloudprovider",
    "kindest",
    "kubeovn",
    "kubernetes",
    "kubesphere",
    "library",
    "linode",
    "mirantis",
    "openshift",
    "oracle",
    "rancher",
    "sonobuoy",
    "tigera",
    "weaveworks",
];

/// Names of images that contain all of Kubernetes or of a distribution.
const ALL_IN_ONE: [&str; 5] = ["hyperkube", "k3s", "rke2", "kubernetes", "microshift"];

/// The resemblance of a name to those of cluster components.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Likeness {
    /// The name of a component or of its pods, or one that differs by one letter. Holds the
    /// component and the word of its image.
    Component(&'static str, &'static str),
    /// A name with the prefix `kube-` or `k8s-`.
    Prefix,
}

/// Returns whether the workload is disguised, unless the finding is only Low.
pub fn judge(
    request: &WorkloadRequest<'_>,
    tuning: &Tuning,
    findings: &mut Findings,
) -> Result<bool, DetectError> {
    let event = request.event;
    if !request.is_creation() || request.containers.is_empty() {
        return Ok(false);
    }
    let Some(likeness) = likeness(event.name()) else {
        return Ok(false);
    };
    let images = || request.containers.iter().map(|one| one.container.image());
    let (severity, original) = match likeness {
        Likeness::Component(component, word) => {
            let fits = |image: &str| {
                let name = base_name(image).to_ascii_lowercase();
                name.contains(word)
                    || repository(image).contains(component)
                    || ALL_IN_ONE.iter().any(|whole| name.contains(whole))
            };
            match images().find(|image| fits(image)) {
                Some(image) if is_unofficial(image) => {
                    (MEDIUM, format!("{component} (unofficial image)"))
                }
                Some(_) => return Ok(false),
                None => (MEDIUM, component.to_owned()),
            }
        }
        Likeness::Prefix => {
            let related = |image: &str| shares_word(event.name(), image);
            if !is_kubernetes(event.namespace()) || images().any(related) {
                return Ok(false);
            }
            (PREFIX.severity, "a Kubernetes component".to_owned())
        }
    };
    let rated = request.severity(severity);
    if request.unseen.is_some() && !tuning.is_news(event, MASQUERADE, &request.place(), rated)? {
        return Ok(severity > LOW);
    }
    let mut finding = Finding::new(MASQUERADE)
        .on(event)
        .field(&event, AuditField::Name)
        .field(&event, AuditField::Namespace);
    for one in &request.containers {
        finding = finding.evidence(event, format!("{}.image", one.path), one.container.image());
    }
    findings.raise(
        request
            .cite(finding)
            .severity(rated)
            .dedup_key(request.key())
            .title(format!(
                "Workload {} posing as {original} {}",
                request.target(),
                request.action()
            )),
    );
    Ok(severity > LOW)
}

fn likeness(name: &str) -> Option<Likeness> {
    let bare = without_generated(name);
    let component = COMPONENTS.iter().find(|(component, _)| {
        bare == *component || name == *component || is_misspelled(bare, component)
    });
    match component {
        Some((component, word)) => Some(Likeness::Component(component, word)),
        None => (name.starts_with("kube-") || name.starts_with("k8s-")).then_some(Likeness::Prefix),
    }
}

/// Whether an image belongs to a Docker Hub account that does not publish cluster components.
fn is_unofficial(image: &str) -> bool {
    let path = repository(image);
    let path = path.strip_prefix("docker.io/").unwrap_or(path);
    registry(image) == "docker.io"
        && path
            .split_once('/')
            .is_some_and(|(owner, _)| !PUBLISHERS.contains(&owner))
}

/// Returns a name without the generated suffixes of pods: random letters without vowels
/// (`k8s.io/apimachinery`, `rand.String`).
fn without_generated(name: &str) -> &str {
    const LETTERS: &str = "bcdfghjklmnpqrstvwxz2456789";
    let mut bare = name;
    for _ in 0..2 {
        match bare.rsplit_once('-') {
            Some((rest, end))
                if (5..=10).contains(&end.len())
                    && end.chars().all(|letter| LETTERS.contains(letter)) =>
            {
                bare = rest;
            }
            _ => break,
        }
    }
    bare
}

/// Whether a name is that of a component with one letter added, removed, or replaced.
fn is_misspelled(name: &str, component: &str) -> bool {
    let (name, component) = (name.as_bytes(), component.as_bytes());
    if component.len() < 7 || name == component || name.len().abs_diff(component.len()) > 1 {
        return false;
    }
    let same = name
        .iter()
        .zip(component)
        .take_while(|(a, b)| a == b)
        .count();
    let rest = |text: &[u8], more: usize| text.get(same + more..).unwrap_or_default().to_vec();
    match name.len().cmp(&component.len()) {
        std::cmp::Ordering::Equal => rest(name, 1) == rest(component, 1),
        std::cmp::Ordering::Greater => rest(name, 1) == rest(component, 0),
        std::cmp::Ordering::Less => rest(name, 0) == rest(component, 1),
    }
}

/// Whether a workload's name and the name of its image have a word in common.
fn shares_word(name: &str, image: &str) -> bool {
    let image = repository(image).to_ascii_lowercase();
    name.split('-')
        .filter(|word| word.len() > 2 && !matches!(*word, "kube" | "k8s"))
        .any(|word| image.contains(word))
}

pub fn finding_type() -> FindingType {
    FindingType::new(MASQUERADE, MEDIUM)
        .title("A workload was disguised as a cluster component")
        .description(
            "The workload or its pods have the name of a cluster component, but no container has \
             an image of that component, or only one from an unrelated Docker Hub account. \
             Attackers use such names so that their workloads are overlooked.",
        )
        .technique("T1036.005")
        .remediation(
            "Ask the user who created the workload about its purpose. If it was not intended, \
             delete it, revoke the user's credentials, and examine what its pods did.",
        )
        .false_positives(
            "Cluster components whose image has another name in your registry, or is mirrored by \
             your own Docker Hub account, and helpers that are named after a component (rated \
             Low).",
        )
        .severity_rules([PREFIX, MAY_BE_OLD, UnseenOwner::COMPONENT])
        .tuning("Add images of your platform to `trusted-images`.")
        .aggregated_by("actor, namespace, resource, and name")
        .reference("https://attack.mitre.org/techniques/T1036/005/")
        .reference("https://microsoft.github.io/Threat-Matrix-for-Kubernetes/techniques/Pod%20or%20container%20name%20similarity/")
}

#[cfg(test)]
mod tests {
    use super::{Likeness, is_unofficial, likeness, shares_word};

    #[test]
    fn unrelated_docker_hub_accounts_are_unofficial() {
        for (image, expected) in [
            ("docker.io/kubernetesi0/kube-proxy:v1.31.7", true),
            ("c0redns/coredns", true),
            ("coredns/coredns:1.11", false),
            ("docker.io/rancher/mirrored-coredns-coredns:1", false),
            ("registry.k8s.io/kube-proxy:v1.31.7", false),
            ("registry.example.com/mirror/kube-proxy", false),
            ("etcd", false),
        ] {
            assert_eq!(is_unofficial(image), expected, "{image}");
        }
    }

    #[test]
    fn names_resemble_cluster_components() {
        for (name, component) in [
            ("kube-proxy", Some("kube-proxy")),
            ("kube-proxy-x7k2p", Some("kube-proxy")),
            ("coredns-6c5bb44588-nz6nx", Some("coredns")),
            ("corednss", Some("coredns")),
            ("kube-apiservr", Some("kube-apiserver")),
            ("kube-proxi", Some("kube-proxy")),
            ("etcd-backup", None),
            ("coredns-sync", None),
            ("web", None),
            ("etcf", None),
        ] {
            let found = match likeness(name) {
                Some(Likeness::Component(component, _)) => Some(component),
                _ => None,
            };
            assert_eq!(found, component, "{name}");
        }
        assert_eq!(likeness("kube-gc"), Some(Likeness::Prefix));
    }

    #[test]
    fn image_and_workload_share_a_word() {
        assert!(shares_word("kube-vip", "ghcr.io/kube-vip/kube-vip:v1"));
        assert!(shares_word(
            "kube-descheduler",
            "registry.k8s.io/descheduler/descheduler"
        ));
        assert!(!shares_word("kube-gc", "alpine:3.20"));
        assert!(!shares_word(
            "kube-controller",
            "docker.io/metal3d/xmrig:6.21"
        ));
    }
}
