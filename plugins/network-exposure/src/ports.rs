//! Exposed services, judged by their ports.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::Requester;
use wardline_sdk::view::ServiceFacts;

use crate::entrance::{self, Entrance};
use crate::object::{facts_body, path};
use crate::reach::Reach;
use crate::types::SERVICE_EXPOSED;
use crate::types::exposure::{
    CONTROL_PORT, DATA_PORT, ENTRANCE, EXPOSED_BY_SERVICE_ACCOUNT, LIMITED, ORDINARY,
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

/// Returns the finding about a service without known software, or none for ingress controllers
/// and gateways, and for load balancers that their cloud keeps internal.
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
        let rule = if Requester::is_program(event) {
            EXPOSED_BY_SERVICE_ACCOUNT
        } else if reach.is_limited || reach.is_internal {
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
    let rule = match entrance::of_service(event, service) {
        _ if reach.is_internal => return None,
        Entrance::Known => return None,
        Entrance::Named => ENTRANCE,
        Entrance::No => ORDINARY,
    };
    Some(
        finding
            .severity(rule)
            .dedup_key(format!("{user} {}", event.namespace()))
            .title(format!(
                "Exposure of service {} ({}) by {user}",
                path(event),
                reach.how
            )),
    )
}
