//! Files that are copied out of pods and into them.
//!
//! `kubectl cp` is everyday work: fetching a heap dump, placing a file for a test. What makes
//! it more is what is copied (credentials, a database's own files) and where.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::command::{Kind, Sign, is_sensitive_file};
use wardline_sdk::rules::namespace::is_sensitive;

use crate::pods::{is_database, workload};
use crate::settings::Tuning;
use crate::stream::Stream;

const COPY: &str = "Exfiltration:Kubernetes/KubectlCp";

const OUT: f64 = 3.0;
const IN: f64 = 2.0;
const OF_VALUE: f64 = 5.0;

/// Directories that hold the files of a database, or everything.
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
    let is_valuable = is_sensitive(stream.namespace)
        || (is_out && sign.text.split(' ').any(|word| is_data(stream.pod, word)));
    let severity = match (is_valuable, is_out) {
        (true, _) => OF_VALUE,
        (false, true) => OUT,
        (false, false) => IN,
    };
    let member = format!("{is_out}/{}/{}", stream.namespace, workload(stream.pod));
    if !is_valuable && !tuning.is_news(event, "copy", &member)? {
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
                "{} copied files {} the pod {}",
                event.user().username(),
                if is_out { "out of" } else { "into" },
                stream.target()
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
    FindingType::new(COPY, OUT)
        .title("Files were copied between a pod and the outside")
        .description(
            "A command packs files and sends them through the stream of an exec, or takes them from it, \
             as `kubectl cp` does. Data leaves the cluster by a way that no network policy sees; tools \
             come in by it.",
        )
        .technique("T1005")
        .technique("T1041")
        .technique("T1570")
        .remediation(
            "Ask the user what was copied and why. If it was not intended, revoke the user's credentials, \
             treat what was copied as lost, and look at what was placed in the pod. Take `create \
             pods/exec` from those who do not need it.",
        )
        .false_positives(
            "Developers who fetch dumps and logs or place a file for a test are rated Low; database \
             administrators who copy a database's files by hand instead of dumping it.",
        )
        .severity_rule("5.0 if a database's own files, credentials or a whole directory of the system leave the pod")
        .severity_rule("5.0 if the pod is in a namespace of the cluster's own parts")
        .severity_rule("3.0 if other files leave the pod, once a day for each account and workload")
        .severity_rule("2.0 if files are placed in the pod, once a day for each account and workload")
        .tuning("Add users to `trusted-users` or namespaces to `trusted-namespaces`.")
        .aggregated_by("actor, namespace, pod and direction")
        .reference("https://attack.mitre.org/techniques/T1041/")
        .reference("https://kubernetes.io/docs/reference/kubectl/generated/kubectl_cp/")
}
