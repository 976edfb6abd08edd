use std::sync::Arc;

use proptest::prelude::*;
use wardline_contract::AuditSubscription;
use wardline_decode::{Demand, DemandFilter, Head};
use wardline_event::model::{Attribute, AuditEvent, ObjectReference, Response, Stage, User};

use super::AuditIndex;
use crate::audit::AuditCondition;

const TEXTS: [&str; 8] = ["a", "ab", "abc", "b", "b*", "a*", "*", ""];

fn texts() -> impl Strategy<Value = Vec<String>> {
    let text = prop::sample::select(TEXTS.to_vec()).prop_map(str::to_owned);
    prop_oneof![3 => Just(Vec::new()), 2 => prop::collection::vec(text, 1..3)]
}

fn resources() -> impl Strategy<Value = Vec<String>> {
    let text = prop::sample::select(vec!["a", "a/b", "a/*", "*", "ab*", "b"]);
    prop_oneof![
        Just(Vec::new()),
        prop::collection::vec(text.prop_map(str::to_owned), 1..3)
    ]
}

prop_compose! {
    fn subscription()(
        verbs in texts(),
        resources in resources(),
        namespaces in texts(),
        names in texts(),
        paths in texts(),
        usernames in texts(),
        groups in texts(),
        stages in prop::collection::vec(prop::sample::select(STAGES.to_vec()), 0..2),
        outcomes in prop::sample::subsequence(vec!["success", "denied", "failure", "unknown"], 0..3),
        attributes in prop::sample::subsequence(FURTHER.to_vec(), 0..4),
    ) -> AuditSubscription {
        AuditSubscription {
            stages, verbs, api_groups: Vec::new(), resources, namespaces, names, paths,
            usernames, groups,
            outcomes: outcomes.into_iter().map(str::to_owned).collect(),
            attributes: attributes.into_iter().map(|(key, value)| Attribute {
                key: key.to_owned(),
                value: value.to_owned(),
            }).collect(),
        }
    }
}

const FURTHER: [(&str, &str); 6] = [
    ("level", "request"),
    ("addresses", "public"),
    ("impersonated", "true"),
    ("except-usernames", "ab*"),
    ("except-usernames", "c"),
    ("user-agents", "B"),
];

/// Public addresses, other addresses, and no address.
const ADDRESSES: [&str; 5] = ["10.0.0.1", "203.0.113.9", "::1", "2001:db8::1", ""];

const STAGES: [Stage; 4] = [
    Stage::RequestReceived,
    Stage::ResponseStarted,
    Stage::ResponseComplete,
    Stage::Panic,
];

fn value() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "ab", "abc", "b", "c", ""]).prop_map(str::to_owned)
}

fn user() -> impl Strategy<Value = User> {
    (value(), prop::collection::vec(value(), 0..3)).prop_map(|(username, groups)| User {
        username,
        groups,
        ..User::default()
    })
}

fn object() -> impl Strategy<Value = ObjectReference> {
    (value(), value(), value(), value()).prop_map(|(resource, subresource, namespace, name)| {
        ObjectReference {
            resource,
            subresource,
            namespace,
            name,
            ..ObjectReference::default()
        }
    })
}

prop_compose! {
    fn answered()(
        stage in prop::sample::select(STAGES.to_vec()),
        verb in value(),
        request_uri in value(),
        user in user(),
        impersonated_user in prop::option::of(user()),
        object in prop::option::of(object()),
        code in prop::option::of(prop::sample::select(vec![0_u16, 200, 403, 404, 500])),
        first_answer in any::<bool>(),
        user_agent in value(),
        source_ips in prop::collection::vec(prop::sample::select(ADDRESSES.to_vec()), 0..3),
    ) -> (AuditEvent, bool) {
        let response = code.map(|code| Response { code, ..Response::default() });
        let event = AuditEvent {
            stage, verb, request_uri, user, impersonated_user, object, response, user_agent,
            source_ips: source_ips.into_iter().map(str::to_owned).collect(),
            ..AuditEvent::default()
        };
        // The request itself is not an answer.
        (event, first_answer && stage != Stage::RequestReceived)
    }
}

/// Parses the subscriptions of each detector, and builds their index.
fn index(detectors: &[Vec<AuditSubscription>]) -> (Vec<(usize, Arc<AuditCondition>)>, AuditIndex) {
    let parse = |one: &AuditSubscription| Arc::new(AuditCondition::new(0, one).unwrap());
    let conditions: Vec<_> = detectors
        .iter()
        .enumerate()
        .flat_map(|(number, of)| of.iter().map(move |one| (number, parse(one))))
        .collect();
    (conditions.clone(), AuditIndex::new(conditions))
}

proptest! {
    #[test]
    fn index_agrees_with_each_subscription(
        detectors in prop::collection::vec(prop::collection::vec(subscription(), 0..4), 0..40),
        events in prop::collection::vec(answered(), 1..8),
    ) {
        let (conditions, index) = index(&detectors);
        for (event, first_answer) in events {
            let mut expected: Vec<usize> = conditions
                .iter()
                .filter(|(_, condition)| condition.matches(&event, first_answer))
                .map(|(number, _)| *number)
                .collect();
            expected.dedup();
            let mut found = Vec::new();
            index.each(&event, first_answer, |number| found.push(number));
            prop_assert_eq!(&found, &expected);
            // An event that matches is never refused by its head.
            if !expected.is_empty() {
                let head = Head::of(&event);
                prop_assert!(index.may_match(head.verb, head.object.as_ref(), &head.source_ips));
                prop_assert_eq!(index.demand(&head), Demand::Full);
            }
        }
    }
}

#[test]
fn refuses_events_without_subscriptions() {
    let event = AuditEvent {
        verb: "get".into(),
        ..AuditEvent::default()
    };
    assert_eq!(index(&[]).1.demand(&Head::of(&event)), Demand::None);
}

#[test]
fn refuses_events_from_private_addresses_by_their_head() {
    let public = AuditSubscription {
        attributes: vec![Attribute {
            key: "addresses".to_owned(),
            value: "public".to_owned(),
        }],
        ..nothing_said()
    };
    let (_, index) = index(&[vec![public]]);
    for (addresses, expected) in [
        (&["10.0.0.1"][..], Demand::None),
        (&[], Demand::None),
        (&["203.0.113.9", "10.0.0.1"], Demand::Full),
    ] {
        let event = AuditEvent {
            stage: Stage::ResponseComplete,
            verb: "get".into(),
            source_ips: addresses.iter().map(ToString::to_string).collect(),
            ..AuditEvent::default()
        };
        let head = Head::of(&event);
        let may_match = index.may_match(head.verb, None, &head.source_ips);
        assert_eq!(may_match, expected == Demand::Full, "{addresses:?}");
        assert_eq!(index.demand(&head), expected, "{addresses:?}");
    }
}

fn nothing_said() -> AuditSubscription {
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
