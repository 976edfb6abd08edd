//! Exposed services, judged by their ports.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::words::has_words;
use wardline_sdk::view::ServiceFacts;

use crate::kit::{LOW, facts_body, is_service_account, path};
use crate::reach::Reach;
use crate::types::SERVICE_EXPOSED;

/// Ports of sensitive services, the service, and its severity
/// (<https://www.iana.org/assignments/service-names-port-numbers>, and each project's
/// documentation).
const PORTS: [(i64, &str, f64); 36] = [
    (22, "SSH", 5.0),
    (23, "Telnet", 5.0),
    (389, "LDAP", 5.0),
    (445, "SMB", 5.0),
    (1433, "SQL Server", 5.0),
    (1521, "Oracle", 5.0),
    (2049, "NFS", 5.0),
    (2181, "ZooKeeper", 5.0),
    (2375, "Docker", 6.0),
    (2376, "Docker", 6.0),
    (2379, "etcd", 6.0),
    (2380, "etcd", 6.0),
    (3306, "MySQL", 5.0),
    (3389, "RDP", 5.0),
    (5432, "PostgreSQL", 5.0),
    (5601, "Kibana", 5.0),
    (5672, "RabbitMQ", 5.0),
    (5900, "VNC", 5.0),
    (5984, "CouchDB", 5.0),
    (6379, "Redis", 5.0),
    (6443, "the Kubernetes API", 6.0),
    (7474, "Neo4j", 5.0),
    (7687, "Neo4j", 5.0),
    (8086, "InfluxDB", 5.0),
    (8200, "Vault", 5.0),
    (8500, "Consul", 5.0),
    (8529, "ArangoDB", 5.0),
    (9042, "Cassandra", 5.0),
    (9092, "Kafka", 5.0),
    (9200, "Elasticsearch", 5.0),
    (10250, "the kubelet", 6.0),
    (11211, "Memcached", 5.0),
    (15672, "RabbitMQ", 5.0),
    (26257, "CockroachDB", 5.0),
    (27017, "MongoDB", 5.0),
    (50000, "Db2", 5.0),
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

const ORDINARY: f64 = 2.0;

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
    if let Some((number, name, severity)) = sensitive {
        let severity = if is_service_account(event) || reach.is_limited {
            LOW
        } else {
            *severity
        };
        return Some(
            finding
                .evidence(event, format!("{}.spec.ports", facts_body(event)), number)
                .severity(severity)
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
