//! Exposed services, judged by their ports.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::words::has_words;
use wardline_sdk::view::ServiceFacts;

use crate::object::{facts_body, path};
use crate::reach::Reach;
use crate::types::SERVICE_EXPOSED;
use crate::types::exposure::{
    CONTROL_PORT, DATA_PORT, EXPOSED_BY_SERVICE_ACCOUNT, LIMITED, ORDINARY,
};

/// Ports of sensitive services, the service, and its severity rule
/// (<https://www.iana.org/assignments/service-names-port-numbers>, and each project's
/// documentation).
const PORTS: [(i64, &str, SeverityRule); 36] = [
    (22, "SSH", DATA_PORT),
    (23, "Telnet", DATA_PORT),
    (389, "LDAP", DATA_PORT),
    (445, "SMB", DATA_PORT),
    (1433, "SQL Server", DATA_PORT),
    (1521, "Oracle", DATA_PORT),
    (2049, "NFS", DATA_PORT),
    (2181, "ZooKeeper", DATA_PORT),
    (2375, "Docker", CONTROL_PORT),
    (2376, "Docker", CONTROL_PORT),
    (2379, "etcd", CONTROL_PORT),
    (2380, "etcd", CONTROL_PORT),
    (3306, "MySQL", DATA_PORT),
    (3389, "RDP", DATA_PORT),
    (5432, "PostgreSQL", DATA_PORT),
    (5601, "Kibana", DATA_PORT),
    (5672, "RabbitMQ", DATA_PORT),
    (5900, "VNC", DATA_PORT),
    (5984, "CouchDB", DATA_PORT),
    (6379, "Redis", DATA_PORT),
    (6443, "the Kubernetes API", CONTROL_PORT),
    (7474, "Neo4j", DATA_PORT),
    (7687, "Neo4j", DATA_PORT),
    (8086, "InfluxDB", DATA_PORT),
    (8200, "Vault", DATA_PORT),
    (8500, "Consul", DATA_PORT),
    (8529, "ArangoDB", DATA_PORT),
    (9042, "Cassandra", DATA_PORT),
    (9092, "Kafka", DATA_PORT),
    (9200, "Elasticsearch", DATA_PORT),
    (10250, "the kubelet", CONTROL_PORT),
    (11211, "Memcached", DATA_PORT),
    (15672, "RabbitMQ", DATA_PORT),
    (26257, "CockroachDB", DATA_PORT),
    (27017, "MongoDB", DATA_PORT),
    (50000, "Db2", DATA_PORT),
];

/// Words in the names of ingress controllers and gateways, which are meant to be exposed.
const ENTRANCES: [&str; 12] = [
    "ingress",
    "ingressgateway",
    "gateway",
    "traefik",
    "contour",
    "envoy",
    "haproxy",
    "kong",
    "ambassador",
    "emissary",
    "nginx",
    "apisix",
];
const GATEWAY_LABEL: &str = "gateway.networking.k8s.io/gateway-name";

/// Returns the finding about a service without known software, or none for ingress controllers
/// and gateways.
pub fn judge(event: AuditEvent<'_>, service: ServiceFacts<'_>, reach: &Reach) -> Option<Finding> {
    let user = event.actor().username();
    let finding = Finding::new(SERVICE_EXPOSED)
        .on(event)
        .evidence(
            event,
            format!("{}.{}", facts_body(event), reach.field),
            &reach.value,
        )
        .field(&event, AuditField::Username)
        .field(&event, AuditField::Namespace)
        .field(&event, AuditField::Name);
    let sensitive = service.ports().find_map(|port| {
        let numbers = [port.port(), port.target_port().parse().unwrap_or_default()];
        PORTS.iter().find(|(number, _, _)| numbers.contains(number))
    });
    if let Some((number, name, rule)) = sensitive {
        let rule = if event.actor().is_service_account() {
            EXPOSED_BY_SERVICE_ACCOUNT
        } else if reach.is_limited {
            LIMITED
        } else {
            *rule
        };
        return Some(
            finding
                .evidence(event, format!("{}.spec.ports", facts_body(event)), number)
                .severity(rule)
                .dedup_key(path(event))
                .title(format!(
                    "Exposure of {name} (port {number}, {} {}) by {user}",
                    reach.how,
                    path(event)
                )),
        );
    }
    (!is_entrance(event)).then(|| {
        finding
            .severity(ORDINARY)
            .dedup_key(format!("{user} {}", event.namespace()))
            .title(format!(
                "Exposure of service {} ({}) by {user}",
                path(event),
                reach.how
            ))
    })
}

/// Returns whether a service belongs to an ingress controller or a gateway.
fn is_entrance(event: AuditEvent<'_>) -> bool {
    let has_words = |text: &str| ENTRANCES.iter().any(|words| has_words(text, words));
    let labels = event.object_facts().map(|object| object.labels());
    has_words(event.name())
        || labels.is_some_and(|labels| {
            labels.has(GATEWAY_LABEL) || labels.get("app.kubernetes.io/name").is_some_and(has_words)
        })
}
