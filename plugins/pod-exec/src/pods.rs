//! Classification of pods by name.

/// Control-plane components that run as static pods, named `COMPONENT-NODE` (kubeadm,
/// `app/constants/constants.go`).
const CONTROL_PLANE: [&str; 4] = [
    "etcd",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
];

/// Words in the names of pods that store data.
const DATABASES: [&str; 17] = [
    "cassandra",
    "clickhouse",
    "cockroach",
    "couchdb",
    "elasticsearch",
    "etcd",
    "influxdb",
    "mariadb",
    "memcached",
    "mongo",
    "mongodb",
    "mysql",
    "opensearch",
    "postgres",
    "postgresql",
    "redis",
    "vault",
];

/// Whether a pod is a control-plane component.
pub fn is_control_plane(namespace: &str, pod: &str) -> bool {
    namespace == "kube-system"
        && CONTROL_PLANE.iter().any(|component| {
            pod.strip_prefix(component)
                .is_some_and(|node| node.starts_with('-'))
        })
}

/// Whether a pod stores data, judging by the words of its name: `postgres-0`,
/// `shop-mysql-primary-0`.
pub fn is_database(pod: &str) -> bool {
    pod.split('-').any(|word| DATABASES.contains(&word))
}

/// Returns the name that all pods of a workload share, without the suffixes of a ReplicaSet,
/// StatefulSet, or DaemonSet.
pub fn workload(pod: &str) -> &str {
    let mut name = pod;
    for _ in 0..2 {
        match name.rsplit_once('-') {
            Some((rest, end)) if is_generated(end) => name = rest,
            _ => break,
        }
    }
    name
}

/// Whether a suffix is a number or comes from `rand.String` of `k8s.io/apimachinery`, which uses
/// no vowels so that it does not form words.
fn is_generated(end: &str) -> bool {
    const LETTERS: &str = "bcdfghjklmnpqrstvwxz2456789";
    let is_number = end.bytes().all(|byte| byte.is_ascii_digit());
    let is_random =
        (5..=10).contains(&end.len()) && end.chars().all(|letter| LETTERS.contains(letter));
    !end.is_empty() && (is_number || is_random)
}

#[cfg(test)]
mod tests {
    use super::{is_control_plane, is_database, workload};

    #[test]
    fn pods_are_classified_by_name() {
        assert!(is_control_plane("kube-system", "etcd-cp-1"));
        assert!(!is_control_plane("kube-system", "etcd"));
        assert!(!is_control_plane("shop", "etcd-0"));
        assert!(is_database("postgres-0"));
        assert!(is_database("shop-mysql-primary-0"));
        assert!(!is_database("web-6d4b75cb6d-hwm2v"));
    }

    #[test]
    fn pods_of_a_workload_share_a_name() {
        for (pod, expected) in [
            ("web-6d4b75cb6d-hwm2v", "web"),
            ("postgres-0", "postgres"),
            ("node-exporter-x7k2p", "node-exporter"),
            ("debug", "debug"),
            ("a-b-shell", "a-b-shell"),
            ("", ""),
        ] {
            assert_eq!(workload(pod), expected, "{pod}");
        }
    }
}
