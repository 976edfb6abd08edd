//! Published agents that need their node: network and storage drivers, monitors, and others.
//!
//! Most clusters run some, and each installation or upgrade creates them with all that this detector
//! looks for. A repository belongs to its publisher, unlike a name or a label, so a container that runs
//! the program of such an image is rated Low. It is reported all the same: an attacker may use the image
//! and run a program of it by hand, which `pod-exec` reports.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::Requester;
use wardline_sdk::rules::command::{Commands, starts_interpreter};
use wardline_sdk::rules::image::{registry, repository};
use wardline_sdk::view::Container;

/// Repositories, as in the manifest or the chart of each project; those that end with `/` are all below
/// it.
const REPOSITORIES: [&str; 55] = [
    // Networks.
    "docker.io/calico/",
    "quay.io/calico/",
    "quay.io/tigera/",
    "quay.io/cilium/",
    "docker.io/flannel/",
    "ghcr.io/flannel-io/",
    "docker.io/cloudnativelabs/kube-router",
    "docker.io/kubeovn/kube-ovn",
    "docker.io/antrea/",
    "docker.io/weaveworks/weave-kube",
    "docker.io/weaveworks/weave-npc",
    "ghcr.io/k8snetworkplumbingwg/",
    "docker.io/istio/install-cni",
    "docker.io/istio/ztunnel",
    "gcr.io/istio-release/install-cni",
    "gcr.io/istio-release/ztunnel",
    "cr.l5d.io/linkerd/cni-plugin",
    "quay.io/metallb/speaker",
    "registry.k8s.io/kube-proxy",
    "quay.io/jupyterhub/k8s-network-tools",
    // Storage.
    "registry.k8s.io/sig-storage/",
    "registry.k8s.io/provider-aws/",
    "registry.k8s.io/cloud-provider-gcp/gcp-compute-persistent-disk-csi-driver",
    "registry.k8s.io/csi-secrets-store/driver",
    "public.ecr.aws/ebs-csi-driver/",
    "public.ecr.aws/efs-csi-driver/",
    "mcr.microsoft.com/oss/kubernetes-csi/",
    "docker.io/longhornio/",
    "docker.io/rook/ceph",
    "quay.io/ceph/ceph",
    "quay.io/cephcsi/cephcsi",
    "docker.io/openebs/node-disk-manager",
    "docker.io/velero/",
    // Monitors and sensors.
    "docker.io/falcosecurity/falco",
    "docker.io/falcosecurity/falco-no-driver",
    "docker.io/falcosecurity/falco-driver-loader",
    "docker.io/falcosecurity/falcoctl",
    "public.ecr.aws/falcosecurity/falco",
    "docker.io/aquasec/tracee",
    "quay.io/prometheus/node-exporter",
    "ghcr.io/prometheus-community/windows-exporter",
    "gcr.io/cadvisor/cadvisor",
    "registry.k8s.io/node-problem-detector/",
    "gcr.io/datadoghq/agent",
    "docker.io/datadog/agent",
    "docker.elastic.co/beats/",
    "docker.elastic.co/elastic-agent/elastic-agent",
    // Devices.
    "nvcr.io/nvidia/k8s-device-plugin",
    "nvcr.io/nvidia/gpu-operator",
    "nvcr.io/nvidia/driver",
    "nvcr.io/nvidia/cloud-native/",
    "nvcr.io/nvidia/k8s/container-toolkit",
    "nvcr.io/nvidia/k8s/dcgm-exporter",
    "registry.k8s.io/nfd/node-feature-discovery",
    "docker.io/intel/intel-gpu-plugin",
];

/// The registries of Amazon's add-ons end so; the account is Amazon's
/// (<https://docs.aws.amazon.com/eks/latest/userguide/add-ons-images.html>).
const AMAZON: (&str, &str) = ("602401143452.dkr.ecr.", ".amazonaws.com");

/// Returns the published images whose containers all run the image's own program, sorted. There are none
/// for a pod that a person created by hand.
pub fn images<'a>(event: AuditEvent<'_>, workload: Workload<'a>) -> Vec<&'a str> {
    if event.resource_is("pods", "") && !Requester::is_program(event) {
        return Vec::new();
    }
    let (mut agents, mut others) = (Vec::new(), Vec::new());
    for container in workload.containers() {
        let image = container.image();
        if is_published(image) && runs_its_program(container) {
            agents.push(image);
        } else {
            others.push(image);
        }
    }
    others.sort_unstable();
    agents.sort_unstable();
    agents.dedup();
    agents.retain(|image| others.binary_search(image).is_err());
    agents
}

fn is_published(image: &str) -> bool {
    let host = registry(image);
    let name = repository(image);
    if host.starts_with(AMAZON.0) && host.ends_with(AMAZON.1) {
        return name
            .strip_prefix(host)
            .is_some_and(|path| path.starts_with("/eks/"));
    }
    let name = name.strip_prefix("docker.io/").unwrap_or(name);
    let is_of = |repository: &str| {
        let repository = match (host, repository.strip_prefix("docker.io/")) {
            ("docker.io", Some(path)) => path,
            ("docker.io", None) => return false,
            _ => repository,
        };
        if repository.ends_with('/') {
            name.starts_with(repository)
        } else {
            name == repository
        }
    };
    REPOSITORIES.iter().any(|repository| is_of(repository))
}

/// Returns whether the container runs neither a shell nor a command that means anything to an attacker.
fn runs_its_program(container: Container<'_>) -> bool {
    let words = || container.command().chain(container.arguments());
    let is_plain = !starts_interpreter(container.command())
        && Commands::from_arguments(words()).signs().is_empty();
    let is_odd = |line: &str| {
        starts_interpreter(line.split_whitespace()) || !Commands::from_line(line).signs().is_empty()
    };
    is_plain && !container.hooks().any(|hook| is_odd(hook.value()))
}

#[cfg(test)]
mod tests {
    use super::is_published;

    #[test]
    fn repository_is_compared_with_its_registry() {
        for (image, expected) in [
            ("docker.io/calico/node:v3.28.1", true),
            ("calico/node:v3.28.1", true),
            ("index.example/calico/node:v3.28.1", false),
            ("evil/calico/node", false),
            ("quay.io/cilium/cilium:v1.16.1@sha256:00", true),
            ("quay.io/cilium-evil/cilium", false),
            ("velero/velero:v1.14.1", true),
            ("rook/ceph:v1", true),
            ("rook/ceph-evil:v1", false),
            (
                "602401143452.dkr.ecr.eu-west-1.amazonaws.com/eks/aws-efs-csi-driver:v2.0.7",
                true,
            ),
            (
                "602401143452.dkr.ecr.eu-west-1.amazonaws.com.evil.example/eks/x",
                false,
            ),
            ("111122223333.dkr.ecr.eu-west-1.amazonaws.com/eks/x", false),
            ("alpine:3", false),
            ("", false),
        ] {
            assert_eq!(is_published(image), expected, "{image}");
        }
    }
}
