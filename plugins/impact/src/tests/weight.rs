//! Few objects of great weight, and many of small weight.

use wardline_sdk::testing::{Request, TestError, severities};

use super::{ARGO_CD, delete, judged};

const CURL: &str = "curl/8.5.0";

fn definitions(count: usize) -> impl Iterator<Item = Request> {
    (0..count).map(|n| {
        delete(
            "customresourcedefinitions",
            "",
            &format!("k{n}.acme.example"),
        )
        .api_group("apiextensions.k8s.io")
    })
}

fn namespaces(count: usize) -> impl Iterator<Item = Request> {
    (0..count).map(|n| delete("namespaces", "", &format!("team-{n}")))
}

#[test]
fn enough_weight_is_enough() -> Result<(), TestError> {
    for (count, expected) in [(3, vec![]), (4, vec![5.0])] {
        assert_eq!(
            severities(&judged(definitions(count))?),
            expected,
            "{count}"
        );
    }
    for (count, expected) in [(2, vec![]), (3, vec![5.0])] {
        assert_eq!(severities(&judged(namespaces(count))?), expected, "{count}");
    }
    Ok(())
}

#[test]
fn weight_decides_for_programs_too() -> Result<(), TestError> {
    for (count, expected) in [(3, vec![]), (4, vec![]), (5, vec![5.0])] {
        let deleted = namespaces(count).map(|request| request.user(ARGO_CD));
        assert_eq!(severities(&judged(deleted)?), expected, "{count}");
    }
    Ok(())
}

#[test]
fn no_deletion_hides_the_others() -> Result<(), TestError> {
    // The light burst is told first, and the heavy one that it grows into is told too.
    let light = (0..5).map(|n| delete("services", "shop", &format!("s{n}")));
    let found = judged(light.chain(namespaces(3)))?;
    assert_eq!(severities(&found), [3.0, 5.0]);
    Ok(())
}

#[test]
fn token_of_a_program_in_a_hand_tool_is_judged_like_a_person() -> Result<(), TestError> {
    let emptied = |agent: &'static str| {
        ["shop", "crm"].into_iter().flat_map(move |namespace| {
            ["deployments", "secrets", "configmaps"].map(|kind| {
                Request::new("deletecollection", kind)
                    .namespace(namespace)
                    .user("system:serviceaccount:ops:janitor")
                    .user_agent(agent)
            })
        })
    };
    assert_eq!(severities(&judged(emptied("janitor/v1"))?), [3.0]);
    assert_eq!(severities(&judged(emptied(CURL))?).last(), Some(&5.0));
    Ok(())
}

/// A change of the record of Helm's release `web`, with which an uninstallation begins.
fn record(agent: &str) -> Request {
    Request::new("patch", "secrets")
        .namespace("shop")
        .name("sh.helm.release.v1.web.v1")
        .user_agent(agent)
}

#[test]
fn only_helm_removes_a_release() -> Result<(), TestError> {
    let removed = || (0..12).map(|n| delete("deployments", "shop", &format!("web-{n}")));
    for (agent, expected) in [("Helm/3.15.4", 3.0), ("kubectl/v1.36.2", 5.0)] {
        let requests = std::iter::once(record(agent)).chain(removed());
        let found = judged(requests)?;
        assert_eq!(severities(&found).last(), Some(&expected), "{agent}");
    }
    // No release contains what the control plane makes in every namespace.
    let wiped = [
        delete("configmaps", "shop", "kube-root-ca.crt"),
        delete("serviceaccounts", "shop", "default"),
    ];
    let requests = std::iter::once(record("Helm/3.15.4"))
        .chain(removed())
        .chain(wiped);
    assert_eq!(severities(&judged(requests)?).last(), Some(&5.0));
    Ok(())
}

#[test]
fn collections_of_any_kind_count() -> Result<(), TestError> {
    let databases = |user: &str, agent: &str| {
        Request::new("deletecollection", "postgresqls")
            .api_group("acid.zalan.do")
            .namespace("shop")
            .user(user)
            .user_agent(agent)
    };
    assert_eq!(severities(&judged([databases("mallory", "")])?), [3.0]);
    assert_eq!(severities(&judged([databases(ARGO_CD, CURL)])?), [3.0]);
    // Kubernetes operators delete the objects of their kinds in this way.
    assert!(judged([databases(ARGO_CD, "operator/v1")])?.is_empty());
    let events = Request::new("deletecollection", "events").namespace("shop");
    assert!(judged([events])?.is_empty());
    Ok(())
}
