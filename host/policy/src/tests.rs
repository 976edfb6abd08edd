use proptest::prelude::*;

use super::{Level, Need, Policy, PolicyError, Request, Target, check, render, smallest};

fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(|&text| text.to_owned()).collect()
}

fn need(level: Level, verbs: &[&str], groups: &[&str], resources: &[&str]) -> Need {
    Need {
        detector: "test".to_owned(),
        what: "subscription 1".to_owned(),
        level,
        verbs: texts(verbs),
        api_groups: texts(groups),
        resources: texts(resources),
        namespaces: Vec::new(),
        names: Vec::new(),
        paths: Vec::new(),
        usernames: Vec::new(),
        groups: Vec::new(),
        except_usernames: Vec::new(),
    }
}

fn policy(rules: &str) -> Policy {
    Policy::parse(&format!(
        "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n{rules}"
    ))
    .unwrap()
}

fn get<'r>(user: &'r str, resource: &'r str, subresource: &'r str) -> Request<'r> {
    Request {
        user,
        groups: vec!["system:authenticated"],
        verb: "get",
        target: Target::Resource {
            group: "",
            resource,
            subresource,
            namespace: "shop",
            name: "one",
        },
    }
}

#[test]
fn first_matching_rule_decides() {
    let policy = policy(
        "- {level: None, users: ['system:kube-proxy'], verbs: [watch]}\n\
         - {level: Metadata, resources: [{group: '', resources: ['pods/log', 'secrets']}]}\n\
         - {level: Request, resources: [{group: '', resources: ['*/status']}]}\n\
         - {level: RequestResponse, resources: [{group: '', resources: ['pods/*'], resourceNames: [one]}]}\n\
         - {level: None, nonResourceURLs: ['/healthz*', '/version']}\n\
         - {level: Metadata, namespaces: ['']}\n",
    );
    let level = |request: &Request<'_>| policy.decide(request).level;
    assert_eq!(level(&get("alice", "pods", "log")), Level::Metadata);
    assert_eq!(level(&get("alice", "services", "status")), Level::Request);
    // `pods/*` includes the pods themselves, as in the API server.
    assert_eq!(level(&get("alice", "pods", "")), Level::RequestResponse);
    assert_eq!(level(&get("alice", "services", "")), Level::None);
    let path = |path| Request {
        target: Target::Path(path),
        ..get("alice", "", "")
    };
    assert_eq!(
        policy
            .decide(&path("/healthz/ready"))
            .rule
            .map(|(number, _)| number),
        Some(5)
    );
    // If no rule matches, nothing is recorded.
    assert_eq!(policy.decide(&path("/api")).rule, None);
}

#[test]
fn parses_a_policy_or_gives_the_reason() {
    for (text, expected) in [
        (
            "",
            "the kind is `` in ``, but an audit policy is of kind `Policy`",
        ),
        ("rules: 3", "not an audit policy"),
        (
            "apiVersion: v1\nkind: Pod\n",
            "the kind is `Pod` in `v1`, but an audit policy is of kind `Policy`",
        ),
        (
            "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: []\n",
            "the policy has no rules",
        ),
        (
            "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Everything}]\n",
            "not an audit policy",
        ),
        (
            "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: None, verb: [get]}]\n",
            "not an audit policy",
        ),
    ] {
        let error: PolicyError = Policy::parse(text).expect_err(text);
        assert!(error.to_string().starts_with(expected), "{error}");
    }
}

#[test]
fn objects_are_recorded_where_they_are_needed_and_nowhere_else() {
    let needs = [
        need(Level::Request, &["create"], &["apps"], &["deployments"]),
        need(
            Level::Metadata,
            &["create", "delete"],
            &["apps"],
            &["deployments"],
        ),
        need(Level::Metadata, &["get"], &[""], &["pods/exec"]),
        need(Level::Request, &["create"], &[""], &["secrets"]),
    ];
    insta::assert_snapshot!(render(&smallest(&needs), "Two lines\nof comment."));
}

#[test]
fn who_is_blinded_is_told_why() {
    let policy = policy(
        "- {level: None, users: [robot]}\n\
         - {level: Metadata, resources: [{group: apps}]}\n\
         - {level: Request, omitStages: [ResponseComplete], resources: [{group: batch}]}\n",
    );
    let needs = [
        need(Level::Request, &["create"], &["apps"], &["deployments"]),
        need(Level::Metadata, &["create"], &["apps"], &["deployments"]),
        need(Level::Metadata, &["create"], &["batch"], &["jobs"]),
        need(Level::Metadata, &["get"], &[""], &["pods/exec"]),
    ];
    insta::assert_json_snapshot!(check(&policy, &needs));
}

#[test]
fn policy_may_omit_excepted_users() {
    let policy = policy(
        "- {level: None, users: ['system:kube-scheduler']}\n\
         - {level: Metadata}\n",
    );
    let mut need = need(Level::Metadata, &["create"], &[""], &["pods"]);
    assert_eq!(check(&policy, std::slice::from_ref(&need)).blind.len(), 1);
    for (excepted, blind) in [
        ("system:kube-scheduler", 0),
        ("system:*", 0),
        ("system:kube", 1),
    ] {
        need.except_usernames = texts(&[excepted]);
        let check = check(&policy, std::slice::from_ref(&need));
        assert_eq!(check.blind.len(), blind, "{excepted}");
    }
}

#[test]
fn reports_secrets_in_the_log() {
    let all = policy("- {level: RequestResponse}\n");
    let exposed: Vec<String> = check(&all, &[])
        .exposes
        .into_iter()
        .map(|exposure| exposure.resource)
        .collect();
    assert_eq!(
        exposed,
        ["secrets", "serviceaccounts/token", "tokenreviews"]
    );
}

fn some_of(choices: &'static [&'static str]) -> impl Strategy<Value = Vec<String>> {
    proptest::sample::subsequence(choices, 0..=choices.len()).prop_map(|list| texts(&list))
}

fn any_need() -> impl Strategy<Value = Need> {
    (
        prop_oneof![
            Just(Level::Metadata),
            Just(Level::Request),
            Just(Level::RequestResponse)
        ],
        some_of(&["get", "create", "patch", "delete"]),
        some_of(&["", "apps", "batch", "example.com"]),
        some_of(&[
            "pods",
            "pods/exec",
            "pods/*",
            "deployments",
            "*",
            "job*",
            "widgets",
        ]),
        some_of(&["kube-system", "shop", "team-*"]),
        some_of(&["one", "two*"]),
        some_of(&["system:anonymous", "alice", "system:node:*"]),
        some_of(&["system:masters"]),
        some_of(&["/api", "/logs*"]),
    )
        .prop_map(
            |(level, verbs, api_groups, resources, namespaces, names, usernames, groups, paths)| {
                Need {
                    detector: "test".to_owned(),
                    what: "subscription 1".to_owned(),
                    level,
                    verbs,
                    api_groups,
                    resources,
                    namespaces,
                    names,
                    paths,
                    usernames,
                    groups,
                    except_usernames: Vec::new(),
                }
            },
        )
}

proptest! {
    /// The builder, and the check that evaluates the policy like the API server, agree.
    #[test]
    fn smallest_policy_meets_all_needs(needs in proptest::collection::vec(any_need(), 1..5)) {
        let policy = smallest(&needs);
        let blind = check(&policy, &needs)
            .blind
            .into_iter()
            // Objects with secrets are recorded at a lower level on purpose.
            .find(|blind| blind.recorded == "None" || !blind.requests.iter().all(|request| {
                ["secrets", "serviceaccounts/token", "tokenreviews"]
                    .iter()
                    .any(|secret| request.contains(secret))
            }))
            .map(|blind| (blind.rule, blind.recorded, blind.requests.into_iter().next()));
        prop_assert_eq!(blind, None);
    }

    #[test]
    fn rendered_policy_parses_to_the_same(needs in proptest::collection::vec(any_need(), 1..5)) {
        let policy = smallest(&needs);
        let text = render(&policy, "A comment.");
        prop_assert_eq!(Policy::parse(&text).unwrap(), policy);
    }

    #[test]
    fn renders_any_text(text in ".{0,200}") {
        let _ = Policy::parse(&text);
    }
}
