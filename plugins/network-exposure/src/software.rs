//! Software whose user interface is not for everybody.

use wardline_sdk::rules::words::has_words;

/// What somebody can do who reaches it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The Kubernetes Dashboard.
    Dashboard,
    /// Kubeflow's dashboard.
    Kubeflow,
    /// Runs code, or controls machines or clusters, often without a login.
    Control,
    /// Holds credentials or data, or controls a cluster, behind a login.
    Console,
    /// Shows what there is.
    Reading,
}

impl Kind {
    /// The severity of its being reachable by anybody.
    pub fn severity(self) -> f64 {
        match self {
            // GuardDuty's.
            Self::Dashboard | Self::Kubeflow | Self::Console => 5.0,
            Self::Control => 6.0,
            Self::Reading => 4.0,
        }
    }
}

/// One piece of software.
#[derive(Debug, PartialEq)]
pub struct Software {
    pub name: &'static str,
    pub kind: Kind,
    /// Any of these, in a name, label or image.
    words: &'static [&'static str],
}

const fn of(name: &'static str, kind: Kind, words: &'static [&'static str]) -> Software {
    Software { name, kind, words }
}

/// The first that fits counts: charts of Prometheus have Grafana in them.
const SOFTWARE: [Software; 46] = [
    of(
        "Kubernetes Dashboard",
        Kind::Dashboard,
        &["kubernetes-dashboard", "k8s-dashboard", "kubernetesui"],
    ),
    of(
        "Kubeflow",
        Kind::Kubeflow,
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
        Kind::Control,
        &["jupyter", "jupyterhub", "jupyterlab", "notebook"],
    ),
    of("Airflow", Kind::Control, &["airflow"]),
    of("Jenkins", Kind::Control, &["jenkins"]),
    of("Rundeck", Kind::Control, &["rundeck"]),
    of(
        "Argo Workflows",
        Kind::Control,
        &["argo-server", "argo-workflows", "argocli", "argoexec"],
    ),
    of("Tekton Dashboard", Kind::Control, &["tekton-dashboard"]),
    of(
        "Ray",
        Kind::Control,
        &["ray-dashboard", "ray-head", "ray-cluster", "raycluster"],
    ),
    of(
        "Spark",
        Kind::Control,
        &["spark-master", "spark-history", "livy"],
    ),
    of("Flink", Kind::Control, &["flink", "jobmanager"]),
    of("NiFi", Kind::Control, &["nifi"]),
    of("Node-RED", Kind::Control, &["node-red", "nodered"]),
    of("n8n", Kind::Control, &["n8n"]),
    of("MLflow", Kind::Control, &["mlflow"]),
    of("etcd", Kind::Control, &["etcd"]),
    of("Weave Scope", Kind::Control, &["weave-scope"]),
    of("Portainer", Kind::Control, &["portainer"]),
    of("Argo CD", Kind::Console, &["argocd", "argo-cd"]),
    of("Argo Rollouts", Kind::Console, &["argo-rollouts-dashboard"]),
    of("Rancher", Kind::Console, &["rancher"]),
    of("Headlamp", Kind::Console, &["headlamp"]),
    of("Octant", Kind::Console, &["octant"]),
    of("Kubeapps", Kind::Console, &["kubeapps"]),
    of("KubeSphere", Kind::Console, &["ks-console", "kubesphere"]),
    of("Vault", Kind::Console, &["vault", "openbao"]),
    of(
        "Consul",
        Kind::Console,
        &["consul-ui", "consul-server", "consul"],
    ),
    of("phpMyAdmin", Kind::Console, &["phpmyadmin"]),
    of("pgAdmin", Kind::Console, &["pgadmin", "pgadmin4"]),
    of("Adminer", Kind::Console, &["adminer"]),
    of("Mongo Express", Kind::Console, &["mongo-express"]),
    of(
        "Redis Commander",
        Kind::Console,
        &["redis-commander", "redisinsight"],
    ),
    of("Kafka UI", Kind::Console, &["kafka-ui", "akhq", "kafdrop"]),
    of("MinIO", Kind::Console, &["minio"]),
    of(
        "a container registry",
        Kind::Console,
        &[
            "docker-registry",
            "container-registry",
            "library/registry",
            "harbor",
        ],
    ),
    of(
        "Longhorn",
        Kind::Console,
        &["longhorn-frontend", "longhorn-ui"],
    ),
    of("Traefik's dashboard", Kind::Console, &["traefik-dashboard"]),
    of("Grafana", Kind::Reading, &["grafana"]),
    of("Alertmanager", Kind::Reading, &["alertmanager"]),
    of(
        "Kibana",
        Kind::Reading,
        &["kibana", "opensearch-dashboards"],
    ),
    of("Kiali", Kind::Reading, &["kiali"]),
    of("Hubble", Kind::Reading, &["hubble-ui"]),
    of("Jaeger", Kind::Reading, &["jaeger", "jaeger-query"]),
    of("Zipkin", Kind::Reading, &["zipkin"]),
    of(
        "Thanos",
        Kind::Reading,
        &["thanos-query", "thanos-query-frontend"],
    ),
    of("Prometheus", Kind::Reading, &["prometheus"]),
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

/// The software that a name, label or image is of.
pub fn identify(text: &str) -> Option<&'static Software> {
    if PARTS.iter().any(|part| has_words(text, part)) {
        return None;
    }
    SOFTWARE
        .iter()
        .find(|software| software.words.iter().any(|words| has_words(text, words)))
}

/// The software that a namespace is of, for objects whose own names say little: the gateway
/// of Kubeflow, the proxy of the Dashboard's chart.
pub fn of_namespace(namespace: &str, name: &str) -> Option<&'static Software> {
    let speaks = [
        "dashboard",
        "kong",
        "gateway",
        "ingressgateway",
        "web",
        "proxy",
    ];
    let is_part = PARTS.iter().any(|part| has_words(name, part));
    if is_part || !speaks.iter().any(|words| has_words(name, words)) {
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
    fn software_is_told_by_words() {
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
    fn a_namespace_speaks_for_its_entrances() {
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
