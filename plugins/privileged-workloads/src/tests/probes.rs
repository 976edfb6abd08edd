use std::time::Duration;

use wardline_sdk::testing::{AuditLine, TestError};

use super::{judge, pod, summary};

#[test]
fn dry_runs_of_dangerous_pods() -> Result<(), TestError> {
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
fn refused_pods() -> Result<(), TestError> {
    let refused = |message: &str, second: u64| {
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
        summary(&judge(&[refused(&privileged, 0), refused(&privileged, 1)])?),
        [("PodSecurityDenied", 3.0)]
    );
    let burst = [
        refused(&privileged, 0),
        refused(&path, 1),
        refused(&namespaces, 2),
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
    // What everybody forgets.
    let restricted = "pods \"p\" is forbidden: violates PodSecurity \"restricted:latest\": allowPrivilegeEscalation != false (container \"c\" must set securityContext.allowPrivilegeEscalation=false), runAsNonRoot != true";
    assert_eq!(summary(&judge(&[refused(restricted, 0)])?), []);
    // Another admission tells by what was asked for.
    let webhook = "admission webhook \"validation.gatekeeper.sh\" denied the request: no";
    assert_eq!(
        summary(&judge(&[refused(webhook, 0)])?),
        [("PodSecurityDenied", 3.0)]
    );
    let harmless = pod("", "").answer(403, webhook);
    assert_eq!(summary(&judge(&[harmless])?), []);
    // Controllers try what others asked for.
    let controller = refused(&privileged, 0).user(
        "system:serviceaccount:kube-system:replicaset-controller",
        &[],
    );
    assert_eq!(summary(&judge(&[controller])?), []);
    // Want of rights is another matter.
    assert_eq!(
        summary(&judge(&[refused(
            "pods is forbidden: User cannot create",
            0
        )])?),
        []
    );
    Ok(())
}
