use std::time::Duration;

use wardline_sdk::testing::{AuditLine, TestError, summary};

use super::{judge, pod};

#[test]
fn dry_runs_are_reported_as_a_burst_of_creates() -> Result<(), TestError> {
    let dry = |second: u64, verb: &str| {
        AuditLine::new(verb, "/api/v1/namespaces/shop/pods?dryRun=All")
            .request(r#"{"metadata": {"name": "p"}, "spec": {"hostPID": true, "containers": [{"name": "c", "image": "a"}]}}"#)
            .at(Duration::from_secs(second))
    };
    assert_eq!(summary(&judge(&[dry(0, "create"), dry(1, "create")])?), []);
    let three = [dry(0, "create"), dry(1, "create"), dry(2, "create")];
    let found = judge(&three)?;
    assert_eq!(summary(&found), [("DryRunProbe", 3.0)]);
    assert_eq!(
        summary(&judge(&[
            dry(0, "create"),
            dry(1, "create"),
            dry(900, "create")
        ])?),
        []
    );
    assert_eq!(
        summary(&judge(&[
            dry(0, "patch"),
            dry(1, "patch"),
            dry(2, "patch")
        ])?),
        []
    );
    Ok(())
}

#[test]
fn rejected_pods_are_reported_once_and_as_a_burst() -> Result<(), TestError> {
    let rejected = |message: &str, second: u64| {
        pod(r#""hostPID": true,"#, "")
            .answer(403, message)
            .at(Duration::from_secs(second))
    };
    let violates = |what: &str| {
        format!("pods \"p\" is forbidden: violates PodSecurity \"baseline:latest\": {what}")
    };
    let privileged =
        violates("privileged (container \"c\" must not set securityContext.privileged=true)");
    let path = violates("hostPath volumes (volume \"h\")");
    let namespaces = violates("host namespaces (hostPID=true)");
    assert_eq!(
        summary(&judge(&[
            rejected(&privileged, 0),
            rejected(&privileged, 1)
        ])?),
        [("PodSecurityDenied", 3.0)]
    );
    let burst = [
        rejected(&privileged, 0),
        rejected(&path, 1),
        rejected(&namespaces, 2),
    ];
    let found = judge(&burst)?;
    assert_eq!(
        summary(&found),
        [
            ("PodSecurityDenied", 3.0),
            ("PodSecurityDenied", 3.0),
            ("PodSecurityDenied", 5.0)
        ]
    );
    assert_eq!(found[2].event_ids.len(), 3);
    // Violations of `restricted` alone are common.
    let restricted = "pods \"p\" is forbidden: violates PodSecurity \"restricted:latest\": \
        allowPrivilegeEscalation != false (container \"c\" must set \
        securityContext.allowPrivilegeEscalation=false), runAsNonRoot != true";
    assert_eq!(summary(&judge(&[rejected(restricted, 0)])?), []);
    // Rejections by other admission controls are judged by the request.
    let webhook = "admission webhook \"validation.gatekeeper.sh\" denied the request: no";
    assert_eq!(
        summary(&judge(&[rejected(webhook, 0)])?),
        [("PodSecurityDenied", 3.0)]
    );
    let harmless = pod("", "").answer(403, webhook);
    assert_eq!(summary(&judge(&[harmless])?), []);
    // Controllers retry requests that originate elsewhere.
    let controller = rejected(&privileged, 0).user(
        "system:serviceaccount:kube-system:replicaset-controller",
        &[],
    );
    assert_eq!(summary(&judge(&[controller])?), []);
    // A denial by RBAC does not count.
    assert_eq!(
        summary(&judge(&[rejected(
            "pods is forbidden: User cannot create",
            0
        )])?),
        []
    );
    Ok(())
}
