//! EKS: the audit log in CloudWatch Logs.
//!
//! EKS writes to the log group `/aws/eks/CLUSTER/cluster`. Each audit event is a message in a
//! stream `kube-apiserver-audit-…`
//! (<https://docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html>). The group's
//! other streams (`kube-apiserver-…`, `authenticator-…`, `kube-scheduler-…`,
//! `kube-controller-manager-…`, `cloud-controller-manager-…`) hold other logs.
//!
//! - Subscriptions and their packing:
//!   <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html>
//! - Kinesis records in Lambda: <https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html>
//! - Firehose records: <https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html>
//! - Exports to S3: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/S3Export.html>
//! - Output of `aws logs`: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html>
//!   and `API_GetQueryResults`

mod query;
mod stream;
mod subscription;

use super::form::Form;
use super::object::Object;
use super::{CloudScope, Opener};
use crate::time;

/// The prefixes of the streams in which EKS writes the logs of its components.
const COMPONENTS: [&str; 5] = [
    "kube-apiserver-",
    "authenticator-",
    "kube-controller-manager-",
    "kube-scheduler-",
    "cloud-controller-manager-",
];
/// The prefix of the streams of audit events.
const AUDIT_STREAM: &str = "kube-apiserver-audit";

/// The longest RFC 3339 time at the start of an exported line, in bytes.
const TIME_BYTES: usize = 35;

impl Opener<'_, '_> {
    pub(super) fn of_aws(
        &mut self,
        form: Form,
        object: &Object<'_>,
        scope: &CloudScope,
        depth: usize,
    ) {
        match form {
            Form::Subscription => self.subscription(object, scope, depth),
            Form::LogEvents => self.log_events(object, scope, depth),
            Form::LogEvent => self.log_event(object, scope, depth),
            Form::QueryResults => self.query_results(object, scope, depth),
            Form::QueryRow => self.query_row(object, scope, depth),
            Form::LambdaLogs => {
                if let Some(logs) = object.object("awslogs") {
                    self.packed_in(&logs, "data", scope, depth);
                }
            }
            Form::KinesisRecords => self.kinesis_records(object, scope, depth),
            Form::KinesisRecord => self.kinesis_record(object, scope, depth),
            _ => self.packed_in(object, "data", scope, depth),
        }
    }
}

pub(super) use stream::of_firehose;

/// Returns the message of a line that was exported to S3: a time, a space, and the message.
pub(super) fn exported(line: &[u8]) -> Option<&[u8]> {
    let head = line.get(..line.len().min(TIME_BYTES + 1))?;
    let blank = memchr::memchr(b' ', head)?;
    let (stamp, message) = line.split_at_checked(blank)?;
    time::parse(std::str::from_utf8(stamp).ok()?)?;
    message.get(1..)
}

/// Returns the cluster of a log group.
fn cluster(log_group: &str) -> Option<&str> {
    log_group
        .strip_prefix("/aws/eks/")
        .and_then(|rest| rest.strip_suffix("/cluster"))
}

/// Whether a stream holds the log of a component of EKS. Its lines may quote what clients sent, so only
/// a line that is nothing but an event is read there. Clusters that are not EKS name their streams as
/// they like. `is_eks` tells that the log group is one of EKS.
fn is_of_component(stream: &str, is_eks: bool) -> bool {
    if stream.starts_with(AUDIT_STREAM) {
        return false;
    }
    let rest = COMPONENTS.iter().find_map(|name| stream.strip_prefix(name));
    let is_id = |rest: &str| rest.len() == 32 && rest.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_eks || rest.is_some_and(is_id)
}

#[cfg(test)]
mod tests {
    use super::{cluster, exported, is_of_component};

    #[test]
    fn streams_of_components_have_the_names_of_eks() {
        let id = "0123456789abcdef0123456789abcdef";
        for (stream, alone, in_group) in [
            (format!("kube-apiserver-audit-{id}"), false, false),
            (format!("kube-apiserver-{id}"), true, true),
            (format!("authenticator-{id}"), true, true),
            ("kube-apiserver-cp-1".to_owned(), false, true),
            ("cp-1".to_owned(), false, true),
        ] {
            assert_eq!(is_of_component(&stream, false), alone, "{stream}");
            assert_eq!(is_of_component(&stream, true), in_group, "{stream}");
        }
    }

    #[test]
    fn exported_lines_begin_with_a_time() {
        for (line, message) in [
            ("2026-11-22T01:50:55.847Z {\"a\":1}", Some("{\"a\":1}")),
            ("2026-11-22T01:50:55Z I1122 text", Some("I1122 text")),
            ("2026-11-22T01:50:55.847Z", None),
            ("2026-11-22 01:50:55 {}", None),
            ("17", None),
        ] {
            assert_eq!(
                exported(line.as_bytes()),
                message.map(str::as_bytes),
                "{line}"
            );
        }
    }

    #[test]
    fn cluster_is_read_from_the_log_group() {
        assert_eq!(cluster("/aws/eks/shop/cluster"), Some("shop"));
        assert_eq!(cluster("/aws/lambda/shop"), None);
    }
}
