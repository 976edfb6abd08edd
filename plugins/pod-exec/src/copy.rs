//! Files that are copied into and out of pods.
//!
//! `kubectl cp` is everyday work, such as fetching a heap dump or placing a file for a test. The
//! severity therefore depends on the files (credentials, a database's own files) and the namespace.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::command::{Kind, Sign, is_sensitive_file};
use wardline_sdk::rules::namespace::is_sensitive;
use wardline_sdk::rules::severity::{LOW, MEDIUM};

use crate::pods::{is_database, workload};
use crate::settings::Tuning;
use crate::stream::Stream;

const COPY: &str = "Exfiltration:Kubernetes/KubectlCp";

const VALUABLE: SeverityRule = SeverityRule::new(
    MEDIUM,
    "database files, credentials, or a whole system directory are copied out of the pod",
);
const SYSTEM: SeverityRule = SeverityRule::new(
    MEDIUM,
    "the pod is in a namespace that holds cluster components",
);
const OUT: SeverityRule = SeverityRule::new(
    LOW,
    "other files are copied out of the pod; once per user and workload within `remember` (service \
     accounts: `remember-robots`)",
);
const IN: SeverityRule = SeverityRule::new(
    2.0,
    "other files are copied into the pod; once per user and workload within `remember` (service \
     accounts: `remember-robots`)",
);

/// Directories that hold database files, container images, or secrets.
const DATA: [&str; 14] = [
    "/bitnami/",
    "/data/db",
    "/var/lib/cassandra",
    "/var/lib/clickhouse",
    "/var/lib/docker",
    "/var/lib/elasticsearch",
    "/var/lib/etcd",
    "/var/lib/kubelet",
    "/var/lib/mongodb",
    "/var/lib/mysql",
    "/var/lib/postgresql",
    "/var/lib/redis",
    "/var/run/secrets",
    "/vault/data",
];

pub fn judge(
    stream: &Stream<'_>,
    signs: &[Sign],
    tuning: &Tuning,
    findings: &mut Findings,
) -> Result<bool, DetectError> {
    let Some(sign) = signs
        .iter()
        .find(|sign| matches!(sign.kind, Kind::CopyOut | Kind::CopyIn))
    else {
        return Ok(false);
    };
    let event = stream.event;
    let is_out = sign.kind == Kind::CopyOut;
    let (is_valuable, severity) = if is_sensitive(stream.namespace) {
        (true, SYSTEM)
    } else if is_out && sign.text.split(' ').any(|word| is_data(stream.pod, word)) {
        (true, VALUABLE)
    } else if is_out {
        (false, OUT)
    } else {
        (false, IN)
    };
    let member = format!("{is_out}/{}/{}", stream.namespace, workload(stream.pod));
    if !is_valuable && !tuning.is_news(event, "copy", &member, severity)? {
        return Ok(true);
    }
    findings.raise(
        stream
            .finding(COPY)
            .dedup_key(format!(
                "{}/{}",
                stream.key(),
                if is_out { "out" } else { "in" }
            ))
            .severity(severity)
            .title(format!(
                "Files were copied {} pod {} by {}",
                if is_out { "out of" } else { "into" },
                stream.target(),
                event.user().username()
            )),
    );
    Ok(true)
}

fn is_data(pod: &str, path: &str) -> bool {
    let is_whole = matches!(
        path,
        "/" | "/etc" | "/etc/" | "/root" | "/root/" | "/home" | "/home/"
    );
    let is_of_database =
        is_database(pod) && (path.starts_with("/data") || path.starts_with("/var/lib/"));
    is_whole
        || is_of_database
        || is_sensitive_file(path)
        || DATA.iter().any(|directory| path.starts_with(directory))
}

pub fn finding_type() -> FindingType {
    FindingType::new(COPY, OUT.severity)
        .title("Files were copied into or out of a pod")
        .description(
            "A command packed files into the stream of an exec or unpacked them from it, as \
             `kubectl cp` does. Attackers take data out of the cluster and bring tools in this \
             way, because no network policy applies to it.",
        )
        .technique("T1005")
        .technique("T1041")
        .technique("T1570")
        .remediation(
            "Ask the user what was copied and why. If it was not intended, revoke the user's \
             credentials, treat the copied data as exposed, and examine the files that were \
             placed in the pod. Remove `create pods/exec` from roles that do not need it.",
        )
        .false_positives(
            "Developers who fetch dumps and logs or place a file for a test (rated Low), and \
             database administrators who copy database files instead of dumping them. The command \
             line in the evidence names the files.",
        )
        .severity_rules([VALUABLE, SYSTEM, OUT, IN])
        .tuning("Add users to `trusted-users` or namespaces to `trusted-namespaces`.")
        .aggregated_by("actor, namespace, pod, and direction")
        .reference("https://attack.mitre.org/techniques/T1041/")
        .reference("https://kubernetes.io/docs/reference/kubectl/generated/kubectl_cp/")
}
