use wardline_contract::AuditSubscription;
use wardline_event::model::{AuditEvent, ObjectReference, Response, Stage, User};

use super::AuditCondition;
use crate::SubscriptionError;

fn subscription() -> AuditSubscription {
    AuditSubscription {
        stages: vec![],
        verbs: vec![],
        api_groups: vec![],
        resources: vec![],
        namespaces: vec![],
        names: vec![],
        paths: vec![],
        usernames: vec![],
        groups: vec![],
        outcomes: vec![],
        attributes: vec![],
    }
}

/// An event, and whether it is the first answer to its request.
type Answered = (AuditEvent, bool);

fn at(event: AuditEvent, first_answer: bool) -> Answered {
    (event, first_answer)
}

fn exec() -> AuditEvent {
    AuditEvent {
        stage: Stage::ResponseStarted,
        verb: "create".into(),
        user: User {
            username: "alice".into(),
            groups: vec!["developers".into()],
            ..User::default()
        },
        object: Some(ObjectReference {
            resource: "pods".into(),
            subresource: "exec".into(),
            namespace: "kube-system".into(),
            name: "coredns".into(),
            ..ObjectReference::default()
        }),
        response: Some(Response {
            code: 101,
            ..Response::default()
        }),
        ..AuditEvent::default()
    }
}

fn path(uri: &str) -> AuditEvent {
    AuditEvent {
        verb: "get".into(),
        request_uri: uri.into(),
        ..AuditEvent::default()
    }
}

fn matches(subscription: &AuditSubscription, answered: &Answered) -> bool {
    AuditCondition::new(0, subscription)
        .expect("a valid subscription")
        .matches(&answered.0, answered.1)
}

fn texts(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

#[test]
fn without_stages_each_request_matches_once() {
    let all = subscription();
    assert!(matches(&all, &at(exec(), true)));
    assert!(!matches(&all, &at(exec(), false)));
    let started = AuditSubscription {
        stages: vec![Stage::ResponseStarted],
        ..subscription()
    };
    assert!(matches(&started, &at(exec(), false)));
}

#[test]
fn matches_resources_and_subresources() {
    for (pattern, expected) in [
        ("pods", false),
        ("pods/exec", true),
        ("pods/*", true),
        ("pods/log", false),
        ("*", true),
        ("po*", false),
        ("po*/exec", true),
    ] {
        let wanted = AuditSubscription {
            resources: texts(&[pattern]),
            ..subscription()
        };
        assert_eq!(matches(&wanted, &at(exec(), true)), expected, "{pattern}");
        assert!(!matches(&wanted, &at(path("/version"), true)), "{pattern}");
    }
}

#[test]
fn paths_match_only_non_resource_requests() {
    let version = AuditSubscription {
        paths: texts(&["/version"]),
        ..subscription()
    };
    assert!(matches(&version, &at(path("/version?timeout=32s"), true)));
    assert!(!matches(&version, &at(exec(), true)));
    let either = AuditSubscription {
        paths: texts(&["/version"]),
        resources: texts(&["pods/exec"]),
        ..subscription()
    };
    assert!(matches(&either, &at(path("/version"), true)));
    assert!(matches(&either, &at(exec(), true)));
    let namespaced = AuditSubscription {
        namespaces: texts(&["kube-system"]),
        ..subscription()
    };
    assert!(!matches(&namespaced, &at(path("/version"), true)));
}

#[test]
fn matches_outcomes() {
    let mut event = exec();
    for (code, expected) in [
        (Some(101), "success"),
        (Some(201), "success"),
        (Some(401), "denied"),
        (Some(403), "denied"),
        (Some(404), "failure"),
        (Some(500), "failure"),
        (None, "unknown"),
    ] {
        event.response = code.map(|code| Response {
            code,
            ..Response::default()
        });
        for outcome in ["success", "denied", "failure", "unknown"] {
            let wanted = AuditSubscription {
                outcomes: texts(&[outcome]),
                ..subscription()
            };
            // An answer whose status was cut off may be a success.
            let is_lost = code.is_none() && outcome == "success";
            assert_eq!(
                matches(&wanted, &at(event.clone(), true)),
                outcome == expected || is_lost,
                "{code:?} {outcome}"
            );
        }
    }
}

#[test]
fn both_authenticated_and_impersonated_user_count() {
    let mut event = exec();
    event.impersonated_user = Some(User {
        username: "system:admin".into(),
        groups: vec!["system:masters".into()],
        ..User::default()
    });
    for (usernames, groups, expected) in [
        (texts(&["alice"]), vec![], true),
        (texts(&["system:*"]), vec![], true),
        (texts(&["bob"]), vec![], false),
        (vec![], texts(&["system:masters"]), true),
        (vec![], texts(&["developers"]), true),
        (texts(&["alice"]), texts(&["nobody"]), false),
    ] {
        let wanted = AuditSubscription {
            usernames,
            groups,
            ..subscription()
        };
        assert_eq!(
            matches(&wanted, &at(event.clone(), true)),
            expected,
            "{wanted:?}"
        );
    }
}

#[test]
fn refuses_unsupported_conditions() {
    let wanted = AuditSubscription {
        outcomes: texts(&["ok"]),
        ..subscription()
    };
    assert_eq!(
        AuditCondition::new(3, &wanted).expect_err("refused"),
        SubscriptionError::Outcome {
            index: 3,
            outcome: "ok".into()
        }
    );
    let wanted = AuditSubscription {
        attributes: vec![wardline_event::model::Attribute {
            key: "decision".into(),
            value: "allow".into(),
        }],
        ..subscription()
    };
    assert_eq!(
        AuditCondition::new(0, &wanted)
            .expect_err("refused")
            .to_string(),
        "audit subscription 0: this host does not support the condition `decision`"
    );
    for (key, value, is_known) in [
        ("level", "request-response", true),
        ("level", "all", false),
        ("addresses", "public", true),
        ("addresses", "private", false),
        ("impersonated", "true", true),
        ("impersonated", "false", false),
        ("except-usernames", "system:*", true),
        ("except-usernames", "", false),
        ("user-agents", "curl/", true),
        ("user-agents", "", false),
    ] {
        let condition = AuditCondition::new(0, &with(key, value));
        assert_eq!(condition.is_ok(), is_known, "{key}={value}");
    }
}

fn with(key: &str, value: &str) -> AuditSubscription {
    AuditSubscription {
        attributes: vec![wardline_event::model::Attribute {
            key: key.into(),
            value: value.into(),
        }],
        ..subscription()
    }
}

#[test]
fn one_public_address_at_any_position_is_enough() {
    let wanted = with("addresses", "public");
    for (addresses, expected) in [
        (&["203.0.113.66"][..], true),
        (&["10.0.8.23", "203.0.113.66"], true),
        (&["2001:db8::1", "127.0.0.1"], true),
        (&["10.0.8.23"], false),
        (&["nonsense"], false),
        (&[], false),
    ] {
        let event = AuditEvent {
            source_ips: texts(addresses),
            ..exec()
        };
        assert_eq!(
            matches(&wanted, &at(event, true)),
            expected,
            "{addresses:?}"
        );
    }
}

#[test]
fn matches_impersonation() {
    let wanted = with("impersonated", "true");
    assert!(!matches(&wanted, &at(exec(), true)));
    let event = AuditEvent {
        impersonated_user: Some(User::default()),
        ..exec()
    };
    assert!(matches(&wanted, &at(event, true)));
}

#[test]
fn excepted_names_must_be_genuine() {
    let robot = "system:serviceaccount:kube-system:job-controller";
    for (excepted, username, groups, is_impersonating, expected) in [
        ("bob", "bob", &[][..], false, false),
        ("bob", "bobby", &[], false, true),
        ("bob*", "bobby", &[], false, false),
        // The user acts as somebody else.
        ("bob", "bob", &[], true, true),
        (robot, robot, &["system:serviceaccounts"], false, false),
        (robot, robot, &["system:authenticated"], false, true),
        ("system:*", robot, &["system:authenticated"], false, true),
        (
            "system:node:*",
            "system:node:a",
            &["system:nodes"],
            false,
            false,
        ),
        ("system:node:*", "system:node:a", &[], false, true),
    ] {
        let user = User {
            username: username.to_owned(),
            groups: texts(groups),
            ..User::default()
        };
        let event = AuditEvent {
            user,
            impersonated_user: is_impersonating.then(User::default),
            ..exec()
        };
        assert_eq!(
            matches(&with("except-usernames", excepted), &at(event, true)),
            expected,
            "{excepted} {username} {groups:?} {is_impersonating}"
        );
    }
}

#[test]
fn matches_parts_of_user_agents() {
    let mut wanted = with("user-agents", "curl/");
    wanted
        .attributes
        .extend(with("user-agents", "powershell").attributes);
    for (user_agent, expected) in [
        ("curl/8.5.0", true),
        ("Mozilla/5.0 (Windows NT) WindowsPowerShell/5.1", true),
        ("kubectl/v1.36", false),
        ("", false),
    ] {
        let event = AuditEvent {
            user_agent: user_agent.to_owned(),
            ..exec()
        };
        assert_eq!(matches(&wanted, &at(event, true)), expected, "{user_agent}");
    }
}
