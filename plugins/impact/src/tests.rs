//! Requests that each rule reports, and requests that it ignores.

mod backups;
mod excuses;
mod hidden;
mod nodes;
mod own;
mod weight;

use std::time::Duration;

use wardline_sdk::contract::{AuditEvent, Facts, Level, Workload};
use wardline_sdk::testing::{
    Harness, RaisedFinding, Request, TestError, judge, types_and_severities,
};

use super::Impact;
use super::types::{BUDGET_DELETED, MASS_DELETION, SERVICE_STOP};

const ARGO_CD: &str = "system:serviceaccount:argocd:argocd-application-controller";

fn judged(
    requests: impl IntoIterator<Item = impl Into<AuditEvent>>,
) -> Result<Vec<RaisedFinding>, TestError> {
    judge::<Impact>(requests)
}

fn delete(resource: &str, namespace: &str, name: &str) -> Request {
    Request::new("delete", resource)
        .namespace(namespace)
        .name(name)
}

fn scale(namespace: &str, name: &str, replicas: i64) -> Request {
    Request::new("patch", "deployments/scale")
        .api_group("apps")
        .namespace(namespace)
        .name(name)
        .requested(Facts::Scale(replicas))
}

#[test]
fn removal_of_one_application_by_person_is_low() -> Result<(), TestError> {
    let release = [
        "deployments",
        "services",
        "configmaps",
        "secrets",
        "serviceaccounts",
    ];
    let found = judged(release.map(|kind| delete(kind, "shop", "web")))?;
    assert_eq!(types_and_severities(&found), [(MASS_DELETION, 3.0)]);
    assert_eq!(
        found[0].title,
        "Mass deletion of 5 kinds of objects in shop by alice"
    );
    assert!(judged(release[..4].iter().map(|kind| delete(kind, "shop", "web")))?.is_empty());
    Ok(())
}

#[test]
fn volumes_and_collections_are_medium() -> Result<(), TestError> {
    let volumes = (0..5).map(|n| delete("persistentvolumeclaims", "shop", &format!("data-{n}")));
    assert_eq!(
        types_and_severities(&judged(volumes)?),
        [(MASS_DELETION, 5.0)]
    );
    let collections = ["deployments", "services", "configmaps"]
        .map(|kind| Request::new("deletecollection", kind).namespace("shop"));
    let found = judged(collections)?;
    assert_eq!(
        types_and_severities(&found),
        [(MASS_DELETION, 3.0), (MASS_DELETION, 5.0)]
    );
    Ok(())
}

#[test]
fn pods_count_a_quarter_and_not_at_all_for_service_accounts() -> Result<(), TestError> {
    let pods = |count: u32, user: &'static str| {
        (0..count).map(move |n| delete("pods", "shop", &format!("web-{n}")).user(user))
    };
    assert!(judged(pods(19, "alice"))?.is_empty());
    assert_eq!(
        types_and_severities(&judged(pods(20, "alice"))?),
        [(MASS_DELETION, 3.0)]
    );
    assert!(judged(pods(100, "system:serviceaccount:gitlab:runner"))?.is_empty());
    Ok(())
}

#[test]
fn deletions_far_apart_are_not_a_burst() -> Result<(), TestError> {
    let slow = (0..20).map(|n| {
        delete("deployments", "shop", &format!("web-{n}")).at(Duration::from_secs(n * 300))
    });
    assert!(judged(slow)?.is_empty());
    Ok(())
}

#[test]
fn ignores_control_plane_kubelets_and_helm_records() -> Result<(), TestError> {
    let many = |user: &'static str, group: &'static str| {
        (0..30).map(move |n| {
            delete("configmaps", "shop", &format!("c-{n}"))
                .user(user)
                .group(group)
        })
    };
    let controller = "system:serviceaccount:kube-system:namespace-controller";
    assert!(judged(many(controller, "system:serviceaccounts"))?.is_empty());
    assert!(judged(many("system:node:n1", "system:nodes"))?.is_empty());
    let releases =
        (0..30).map(|n| delete("secrets", "ci", &format!("sh.helm.release.v1.web.v{n}")));
    assert!(judged(releases)?.is_empty());
    Ok(())
}

#[test]
fn service_account_is_low_unless_it_deletes_in_several_namespaces() -> Result<(), TestError> {
    let prune = (0..12).map(|n| delete("deployments", "shop", &format!("web-{n}")).user(ARGO_CD));
    assert_eq!(
        types_and_severities(&judged(prune)?),
        [(MASS_DELETION, 3.0)]
    );
    let wipe = (0..12).map(|n| delete("deployments", &format!("team-{n}"), "web").user(ARGO_CD));
    assert_eq!(types_and_severities(&judged(wipe)?), [(MASS_DELETION, 5.0)]);
    Ok(())
}

#[test]
fn ignores_trusted_users_and_dry_runs() -> Result<(), TestError> {
    let volumes = || (0..9).map(|n| delete("persistentvolumeclaims", "shop", &n.to_string()));
    let mut harness = Harness::<Impact>::new().setting("trusted-users", ["ali*"]);
    assert!(harness.audit_events(volumes())?.is_empty());
    let dry = volumes().map(|request| {
        let mut event: AuditEvent = request.into();
        event.dry_run = true;
        event
    });
    assert!(Harness::<Impact>::new().audit_events(dry)?.is_empty());
    assert!(
        Harness::<Impact>::new()
            .setting("deletions", 1)
            .configure()
            .is_err()
    );
    Ok(())
}

#[test]
fn stops_in_several_namespaces_are_medium_and_in_one_low() -> Result<(), TestError> {
    let one = (0..4).map(|n| scale("shop", &format!("web-{n}"), 0));
    assert_eq!(types_and_severities(&judged(one)?), [(SERVICE_STOP, 3.0)]);
    let two = (0..4).map(|n| scale(if n < 3 { "shop" } else { "payments" }, &n.to_string(), 0));
    let found = judged(two)?;
    assert_eq!(types_and_severities(&found), [(SERVICE_STOP, 5.0)]);
    assert_eq!(found[0].event_ids.len(), 4);
    let up = (0..9).map(|n| scale(&format!("n{n}"), "web", 2));
    assert!(judged(up)?.is_empty());
    Ok(())
}

#[test]
fn many_scaled_workloads_without_bodies_are_low() -> Result<(), TestError> {
    let blind = |count: u32, user: &'static str| {
        (0..count).map(move |n| {
            let mut event: AuditEvent = scale(&format!("n{n}"), "web", 0).user(user).into();
            event.level = Level::Metadata;
            event.requested = None;
            event
        })
    };
    assert!(judged(blind(7, "alice"))?.is_empty());
    assert_eq!(
        types_and_severities(&judged(blind(8, "alice"))?),
        [(SERVICE_STOP, 3.0)]
    );
    assert!(judged(blind(30, ARGO_CD))?.is_empty());
    Ok(())
}

#[test]
fn stop_of_cluster_component_needs_no_burst() -> Result<(), TestError> {
    let found = judged([scale("kube-system", "coredns", 0)])?;
    assert_eq!(types_and_severities(&found), [(SERVICE_STOP, 5.0)]);
    let autoscaler = "system:serviceaccount:kube-system:dns-autoscaler";
    assert!(judged([scale("kube-system", "coredns", 0).user(autoscaler)])?.is_empty());
    Ok(())
}

#[test]
fn downscaler_is_reported_once() -> Result<(), TestError> {
    let downscaler = "system:serviceaccount:kube-downscaler:downscaler";
    let night = |day: u64| {
        (0..6).map(move |n| {
            scale(&format!("n{n}"), "web", 0)
                .user(downscaler)
                .at(Duration::from_secs(day * 86_400))
        })
    };
    let mut harness = Harness::<Impact>::new();
    let first = harness.audit_events(night(0))?;
    assert_eq!(types_and_severities(&first), [(SERVICE_STOP, 3.0)]);
    assert!(harness.audit_events(night(1))?.is_empty());
    Ok(())
}

#[test]
fn whole_object_counts_unless_it_was_stopped_before() -> Result<(), TestError> {
    let with = |replicas| Workload {
        replicas: Some(replicas),
        ..Workload::default()
    };
    let put = |n: u32| {
        Request::new("update", "deployments")
            .api_group("apps")
            .namespace(&format!("n{n}"))
            .name("web")
            .workload(with(0))
    };
    assert_eq!(judged((0..4).map(put))?.len(), 1);
    let mut stopped_already = Harness::<Impact>::new();
    for n in 0..4 {
        stopped_already = stopped_already.pod_spec("deployments", &format!("n{n}"), "web", with(0));
    }
    assert!(stopped_already.audit_events((0..4).map(put))?.is_empty());
    assert!(judged((0..12).map(|n| put(n).user(ARGO_CD)))?.is_empty());
    Ok(())
}

#[test]
fn custom_resource_definitions_and_nodes_weigh_more() -> Result<(), TestError> {
    let kinds = ["a.x.io", "b.x.io", "c.x.io"].map(|name| {
        delete("customresourcedefinitions", "", name).api_group("apiextensions.k8s.io")
    });
    let nodes = ["n1", "n2"].map(|node| Request::new("delete", "nodes").name(node));
    let found = judged(kinds.into_iter().chain(nodes))?;
    assert_eq!(types_and_severities(&found), [(MASS_DELETION, 5.0)]);
    let autoscaler = "system:serviceaccount:kube-system:cluster-autoscaler";
    let scaled = (0..9).map(|n| {
        Request::new("delete", "nodes")
            .name(&format!("n{n}"))
            .user(autoscaler)
    });
    assert!(judged(scaled)?.is_empty());
    Ok(())
}

#[test]
fn objects_deleted_with_their_helm_release_are_low() -> Result<(), TestError> {
    let record = |verb: &str, namespace: &str| {
        Request::new(verb, "secrets")
            .namespace(namespace)
            .name("sh.helm.release.v1.web.v3")
    };
    let stack = |namespace: &'static str| {
        (0..12).map(move |n| delete("deployments", namespace, &format!("web-{n}")))
    };
    let found = judged(std::iter::once(record("update", "shop")).chain(stack("shop")))?;
    assert_eq!(types_and_severities(&found), [(MASS_DELETION, 3.0)]);
    let other = std::iter::once(record("update", "shop")).chain(stack("payments"));
    assert_eq!(
        types_and_severities(&judged(other)?),
        [(MASS_DELETION, 3.0), (MASS_DELETION, 5.0)]
    );
    let releases = ["a", "b", "c"].map(|namespace| record("delete", namespace));
    let many = releases.into_iter().chain(stack("a"));
    assert_eq!(judged(many)?.len(), 2);
    let refused = std::iter::once(record("update", "shop").code(403)).chain(stack("shop"));
    assert_eq!(judged(refused)?.len(), 2);
    Ok(())
}

#[test]
fn deleted_budgets_are_low_and_reported_once_per_namespace() -> Result<(), TestError> {
    let budget = |name: &str| delete("poddisruptionbudgets", "shop", name).api_group("policy");
    let found = judged([budget("a"), budget("b"), budget("c").user(ARGO_CD)])?;
    assert_eq!(
        types_and_severities(&found),
        [(BUDGET_DELETED, 3.0), (BUDGET_DELETED, 2.0)]
    );
    Ok(())
}
