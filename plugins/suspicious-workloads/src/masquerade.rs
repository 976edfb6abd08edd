//! Workloads that have the name of a part of the cluster and are none
//! (<https://attack.mitre.org/techniques/T1036/005/>).

use wardline_sdk::prelude::*;
use wardline_sdk::rules::image::{base_name, registry, repository};
use wardline_sdk::rules::namespace::is_kubernetes;

use crate::request::Request;

const MASQUERADE: &str = "DefenseEvasion:Kubernetes/SystemPodMasquerade";

/// Parts of a cluster, and a word that the name of their image has.
const PARTS: [(&str, &str); 22] = [
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

/// Who publishes parts of clusters at Docker Hub, where everybody may have an account and give an
/// image the name of such a part. At other registries of everybody names tell whose they are
/// just as little, but parts are published there by more than can be named.
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

/// Names of images that hold the whole of Kubernetes, or of a distribution.
const WHOLE: [&str; 5] = ["hyperkube", "k3s", "rke2", "kubernetes", "microshift"];

/// How a name is like that of a part of the cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Likeness {
    /// It is the same, or that of its pods, or differs by one letter.
    Part(&'static str, &'static str),
    /// It begins as those of the cluster's parts do.
    Beginning,
}

/// Says whether a workload is disguised.
pub fn judge(request: &Request<'_>, findings: &mut Findings) -> bool {
    let event = request.event;
    if !request.is_creation() || request.containers.is_empty() {
        return false;
    }
    let Some(likeness) = likeness(event.name()) else {
        return false;
    };
    let images = || request.containers.iter().map(|one| one.container.image());
    let (severity, what) = match likeness {
        Likeness::Part(part, word) => {
            let fits = |image: &str| {
                let name = base_name(image).to_ascii_lowercase();
                name.contains(word)
                    || repository(image).contains(part)
                    || WHOLE.iter().any(|whole| name.contains(whole))
            };
            match images().find(|image| fits(image)) {
                Some(image) if is_of_stranger(image) => (
                    5.0,
                    format!("has the name of {part} and an image that its makers do not publish"),
                ),
                Some(_) => return false,
                None => (
                    5.0,
                    format!("has the name of {part} and runs another image"),
                ),
            }
        }
        Likeness::Beginning => {
            let related = |image: &str| shares_word(event.name(), image);
            if !is_kubernetes(event.namespace()) || images().any(related) {
                return false;
            }
            (
                3.0,
                "is named as a part of Kubernetes and runs another image".to_owned(),
            )
        }
    };
    let mut finding = Finding::new(MASQUERADE)
        .on(event)
        .field(&event, AuditField::Name)
        .field(&event, AuditField::Namespace);
    for one in &request.containers {
        finding = finding.evidence(event, format!("{}.image", one.place), one.container.image());
    }
    findings.raise(
        finding
            .severity(request.severity(severity))
            .dedup_key(request.key())
            .title(format!(
                "{} {}, which {what}",
                request.who_did(),
                request.target()
            )),
    );
    severity > 3.0
}

fn likeness(name: &str) -> Option<Likeness> {
    let bare = without_generated(name);
    let part = PARTS
        .iter()
        .find(|(part, _)| bare == *part || name == *part || is_misspelt(bare, part));
    match part {
        Some((part, word)) => Some(Likeness::Part(part, word)),
        None => {
            (name.starts_with("kube-") || name.starts_with("k8s-")).then_some(Likeness::Beginning)
        }
    }
}

/// Whether an image is of Docker Hub, and of an account there that publishes no parts of
/// clusters.
fn is_of_stranger(image: &str) -> bool {
    let path = repository(image);
    let path = path.strip_prefix("docker.io/").unwrap_or(path);
    registry(image) == "docker.io"
        && path
            .split_once('/')
            .is_some_and(|(owner, _)| !PUBLISHERS.contains(&owner))
}

/// A name without the endings that pods get: random letters, which are no vowels
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

/// Whether a name is that of a part with one letter more, less or other.
fn is_misspelt(name: &str, part: &str) -> bool {
    let (name, part) = (name.as_bytes(), part.as_bytes());
    if part.len() < 7 || name == part || name.len().abs_diff(part.len()) > 1 {
        return false;
    }
    let same = name.iter().zip(part).take_while(|(a, b)| a == b).count();
    let rest = |text: &[u8], more: usize| text.get(same + more..).unwrap_or_default().to_vec();
    match name.len().cmp(&part.len()) {
        std::cmp::Ordering::Equal => rest(name, 1) == rest(part, 1),
        std::cmp::Ordering::Greater => rest(name, 1) == rest(part, 0),
        std::cmp::Ordering::Less => rest(name, 0) == rest(part, 1),
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
    FindingType::new(MASQUERADE, 5.0)
        .title("A workload has the name of a part of the cluster")
        .description(
            "The workload is named as a part of the cluster, or its pods are, and no container has that \
             part's image, or only one that a stranger has put at Docker Hub: it is to be overlooked.",
        )
        .technique("T1036.005")
        .remediation(
            "Ask who made the workload what it is. If it was not intended, delete it, revoke the \
             credentials of who made it, and look at what its pods did.",
        )
        .false_positives(
            "Parts of the cluster whose image has another name in your registry, or is mirrored by an \
             account of yours at Docker Hub; helpers that are named \
             after what they help, which are Low.",
        )
        .severity_rule("3.0 if the name only begins as those of the cluster's parts do, in a namespace of Kubernetes")
        .severity_rule("at most 3.0 if a service account sends the whole object, which may have been so before the log began")
        .tuning("Set `trusted-images` for the images of your platform.")
        .aggregated_by("actor, namespace, resource and name")
        .reference("https://attack.mitre.org/techniques/T1036/005/")
        .reference("https://microsoft.github.io/Threat-Matrix-for-Kubernetes/techniques/Pod%20or%20container%20name%20similarity/")
}

#[cfg(test)]
mod tests {
    use super::{Likeness, is_of_stranger, likeness, shares_word};

    #[test]
    fn everybody_may_have_an_account_at_docker_hub() {
        for (image, expected) in [
            ("docker.io/kubernetesi0/kube-proxy:v1.31.7", true),
            ("c0redns/coredns", true),
            ("coredns/coredns:1.11", false),
            ("docker.io/rancher/mirrored-coredns-coredns:1", false),
            ("registry.k8s.io/kube-proxy:v1.31.7", false),
            ("registry.example.com/mirror/kube-proxy", false),
            ("etcd", false),
        ] {
            assert_eq!(is_of_stranger(image), expected, "{image}");
        }
    }

    #[test]
    fn names_that_are_like_those_of_the_cluster() {
        for (name, part) in [
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
                Some(Likeness::Part(part, _)) => Some(part),
                _ => None,
            };
            assert_eq!(found, part, "{name}");
        }
        assert_eq!(likeness("kube-gc"), Some(Likeness::Beginning));
    }

    #[test]
    fn images_have_a_word_of_the_name() {
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
