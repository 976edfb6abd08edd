//! Software whose user interface should not be exposed.

use std::sync::LazyLock;

use wardline_sdk::rules::severity::{MEDIUM, SeverityRule};
use wardline_sdk::rules::words::{Names, has_words};

/// The rule for [`SoftwareKind::Control`].
pub const CONTROL: SeverityRule = SeverityRule::new(
    6.0,
    "the software runs code or controls machines: Jupyter, Airflow, Jenkins, Argo Workflows, Ray, and \
     others",
);
/// The rule for [`SoftwareKind::Console`].
pub const CONSOLE: SeverityRule = SeverityRule::new(MEDIUM, "the software is another console");
/// The rule for [`SoftwareKind::ReadOnly`].
pub const READ_ONLY: SeverityRule = SeverityRule::new(
    4.0,
    "the software only shows data: Grafana, Prometheus, Alertmanager, Kibana, Jaeger, and others",
);

/// The control that access to the software gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SoftwareKind {
    /// The Kubernetes Dashboard.
    Dashboard,
    /// Kubeflow's dashboard.
    Kubeflow,
    /// Runs code, or controls machines or clusters, often without a login.
    Control,
    /// Holds credentials or data, or controls a cluster, behind a login.
    Console,
    /// Shows data without changing anything.
    ReadOnly,
}

impl SoftwareKind {
    /// Returns the severity of its exposure to everybody.
    pub fn severity(self) -> f64 {
        match self {
            // GuardDuty's severity.
            Self::Dashboard | Self::Kubeflow => MEDIUM,
            Self::Control => CONTROL.severity,
            Self::Console => CONSOLE.severity,
            Self::ReadOnly => READ_ONLY.severity,
        }
    }
}

/// A known piece of software.
#[derive(Debug, PartialEq)]
pub struct Software {
    /// Its name, for titles.
    pub name: &'static str,
    /// The control that it gives.
    pub kind: SoftwareKind,
    /// Words that identify it in a name, label, or image.
    words: &'static [&'static str],
}

const fn of(name: &'static str, kind: SoftwareKind, words: &'static [&'static str]) -> Software {
    Software { name, kind, words }
}

/// Known software. The first match counts, since charts of Prometheus contain Grafana.
const SOFTWARE: [Software; 46] = [
    of(
        "Kubernetes Dashboard",
        SoftwareKind::Dashboard,
        &["kubernetes-dashboard", "k8s-dashboard", "kubernetesui"],
    ),
    of(
        "Kubeflow",
        SoftwareKind::Kubeflow,
        &[
            "centraldashboard",
            "kubeflow",
            "ml-pipeline-ui",
            "katib-ui",
            "jupyter-web-app",
        ],
    ),
    of(
        "Jupyter",
        SoftwareKind::Control,
        &["jupyter", "jupyterhub", "jupyterlab", "notebook"],
    ),
    of("Airflow", SoftwareKind::Control, &["airflow"]),
    of("Jenkins", SoftwareKind::Control, &["jenkins"]),
    of("Rundeck", SoftwareKind::Control, &["rundeck"]),
    of(
        "Argo Workflows",
        SoftwareKind::Control,
        &["argo-server", "argo-workflows", "argocli", "argoexec"],
    ),
    of(
        "Tekton Dashboard",
        SoftwareKind::Control,
        &["tekton-dashboard"],
    ),
    of(
        "Ray",
        SoftwareKind::Control,
        &["ray-dashboard", "ray-head", "ray-cluster", "raycluster"],
    ),
    of(
        "Spark",
        SoftwareKind::Control,
        &["spark-master", "spark-history", "livy"],
    ),
    of("Flink", SoftwareKind::Control, &["flink", "jobmanager"]),
    of("NiFi", SoftwareKind::Control, &["nifi"]),
    of("Node-RED", SoftwareKind::Control, &["node-red", "nodered"]),
    of("n8n", SoftwareKind::Control, &["n8n"]),
    of("MLflow", SoftwareKind::Control, &["mlflow"]),
    of("etcd", SoftwareKind::Control, &["etcd"]),
    of("Weave Scope", SoftwareKind::Control, &["weave-scope"]),
    of("Portainer", SoftwareKind::Control, &["portainer"]),
    of("Argo CD", SoftwareKind::Console, &["argocd", "argo-cd"]),
    of(
        "Argo Rollouts",
        SoftwareKind::Console,
        &["argo-rollouts-dashboard"],
    ),
    of("Rancher", SoftwareKind::Console, &["rancher"]),
    of("Headlamp", SoftwareKind::Console, &["headlamp"]),
    of("Octant", SoftwareKind::Console, &["octant"]),
    of("Kubeapps", SoftwareKind::Console, &["kubeapps"]),
    of(
        "KubeSphere",
        SoftwareKind::Console,
        &["ks-console", "kubesphere"],
    ),
    of("Vault", SoftwareKind::Console, &["vault", "openbao"]),
    of(
        "Consul",
        SoftwareKind::Console,
        &["consul-ui", "consul-server", "consul"],
    ),
    of("phpMyAdmin", SoftwareKind::Console, &["phpmyadmin"]),
    of("pgAdmin", SoftwareKind::Console, &["pgadmin", "pgadmin4"]),
    of("Adminer", SoftwareKind::Console, &["adminer"]),
    of("Mongo Express", SoftwareKind::Console, &["mongo-express"]),
    of(
        "Redis Commander",
        SoftwareKind::Console,
        &["redis-commander", "redisinsight"],
    ),
    of(
        "Kafka UI",
        SoftwareKind::Console,
        &["kafka-ui", "akhq", "kafdrop"],
    ),
    of("MinIO", SoftwareKind::Console, &["minio"]),
    of(
        "a container registry",
        SoftwareKind::Console,
        &[
            "docker-registry",
            "container-registry",
            "library/registry",
            "harbor",
        ],
    ),
    of(
        "Longhorn",
        SoftwareKind::Console,
        &["longhorn-frontend", "longhorn-ui"],
    ),
    of(
        "Traefik's dashboard",
        SoftwareKind::Console,
        &["traefik-dashboard"],
    ),
    of("Grafana", SoftwareKind::ReadOnly, &["grafana"]),
    of("Alertmanager", SoftwareKind::ReadOnly, &["alertmanager"]),
    of(
        "Kibana",
        SoftwareKind::ReadOnly,
        &["kibana", "opensearch-dashboards"],
    ),
    of("Kiali", SoftwareKind::ReadOnly, &["kiali"]),
    of("Hubble", SoftwareKind::ReadOnly, &["hubble-ui"]),
    of(
        "Jaeger",
        SoftwareKind::ReadOnly,
        &["jaeger", "jaeger-query"],
    ),
    of("Zipkin", SoftwareKind::ReadOnly, &["zipkin"]),
    of(
        "Thanos",
        SoftwareKind::ReadOnly,
        &["thanos-query", "thanos-query-frontend"],
    ),
    of("Prometheus", SoftwareKind::ReadOnly, &["prometheus"]),
];

/// Parts of such software that have no user interface.
const PARTS: [&str; 13] = [
    "exporter",
    "adapter",
    "operator",
    "webhook",
    "injector",
    "metrics",
    "scraper",
    "agent",
    "redis",
    "repo-server",
    "notifications",
    "applicationset",
    "pushgateway",
];

/// Entrances of such software with generic names.
const ENTRANCES: [&str; 6] = [
    "dashboard",
    "kong",
    "gateway",
    "ingressgateway",
    "web",
    "proxy",
];

static PART_NAMES: LazyLock<Names> = LazyLock::new(|| Names::new(PARTS));
static ENTRANCE_NAMES: LazyLock<Names> = LazyLock::new(|| Names::new(ENTRANCES));
/// All words of [`SOFTWARE`]: an ingress may name thousands of services, and most are none of it.
static SOFTWARE_NAMES: LazyLock<Names> =
    LazyLock::new(|| Names::new(SOFTWARE.iter().flat_map(|one| one.words.iter().copied())));

/// Returns the software that a name, label, or image belongs to.
pub fn identify(text: &str) -> Option<&'static Software> {
    if !SOFTWARE_NAMES.has_one(text) || PART_NAMES.has_one(text) {
        return None;
    }
    SOFTWARE
        .iter()
        .find(|software| software.words.iter().any(|words| has_words(text, words)))
}

/// Returns the software that a namespace belongs to, for objects with generic names: the gateway
/// of Kubeflow, the proxy of the Dashboard's chart.
pub fn of_namespace(namespace: &str, name: &str) -> Option<&'static Software> {
    if PART_NAMES.has_one(name) || !ENTRANCE_NAMES.has_one(name) {
        return None;
    }
    match namespace {
        "kubernetes-dashboard" | "kubeflow" => identify(namespace),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{identify, of_namespace};

    #[test]
    fn identifies_software_by_words() {
        for (text, name) in [
            ("kubernetes-dashboard", Some("Kubernetes Dashboard")),
            (
                "my-kubernetes-dashboard-kong-proxy",
                Some("Kubernetes Dashboard"),
            ),
            (
                "docker.io/kubernetesui/dashboard",
                Some("Kubernetes Dashboard"),
            ),
            ("kubernetes-dashboard-metrics-scraper", None),
            ("centraldashboard", Some("Kubeflow")),
            ("kube-prometheus-stack-grafana", Some("Grafana")),
            ("prometheus-node-exporter", None),
            ("prometheus-server", Some("Prometheus")),
            ("argocd-server", Some("Argo CD")),
            ("argocd-repo-server", None),
            ("vault-agent-injector", None),
            ("vault", Some("Vault")),
            ("web", None),
            ("dashboard", None),
            ("", None),
        ] {
            assert_eq!(identify(text).map(|software| software.name), name, "{text}");
        }
    }

    #[test]
    fn identifies_entrances_by_their_namespace() {
        for (namespace, name, software) in [
            ("kubeflow", "istio-ingressgateway", Some("Kubeflow")),
            ("kubeflow", "mysql", None),
            (
                "kubernetes-dashboard",
                "dashboard",
                Some("Kubernetes Dashboard"),
            ),
            ("kubernetes-dashboard", "dashboard-metrics-scraper", None),
            ("istio-system", "istio-ingressgateway", None),
        ] {
            let found = of_namespace(namespace, name).map(|software| software.name);
            assert_eq!(found, software, "{namespace}/{name}");
        }
    }
}
