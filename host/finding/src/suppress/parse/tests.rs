use insta::assert_snapshot;
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::rules;
use crate::example;
use crate::suppress::{Rule, RuleState};

const HEAD: &str = "[[rule]]\nname = \"r\"\nowner = \"o\"\nreason = \"because\"\n";

fn rule(conditions: &str) -> Rule {
    let text = format!("{HEAD}{conditions}");
    rules("rules.toml", &text)
        .unwrap_or_else(|error| panic!("{error}\n{text}"))
        .pop()
        .unwrap()
}

fn error(text: &str) -> String {
    rules("rules.toml", text)
        .map(|rules| rules.len())
        .expect_err(text)
        .to_string()
}

fn finding() -> Value {
    serde_json::to_value(example::full()).unwrap()
}

#[test]
fn conditions_match_as_documented() {
    let cases = [
        (
            r#"field = "type", equals = "Execution:Kubernetes/ExecInKubeSystemPod""#,
            true,
        ),
        (
            r#"field = "type", equals = "execution:kubernetes/execinkubesystempod""#,
            false,
        ),
        (
            r#"field = "type", equals = "execution:kubernetes/execinkubesystempod", ignore-case = true"#,
            true,
        ),
        (r#"field = "type", wildcard = "Execution:*""#, true),
        (r#"field = "type", wildcard = "Execution:*Pod""#, true),
        (r#"field = "type", wildcard = "execution:*""#, false),
        (
            r#"field = "type", wildcard = "execution:*", ignore-case = true"#,
            true,
        ),
        (r#"field = "type", wildcard = "Execution""#, false),
        (
            r#"field = "type", wildcard = ["Impact:*", "Exec?tion:*"]"#,
            true,
        ),
        (r#"field = "resource.name", wildcard = "core.ns""#, false),
        (r#"field = "resource.name", regex = "core(dns|fs)""#, true),
        (r#"field = "resource.name", regex = "core""#, false),
        (r#"field = "resource.name", regex = "a|coredns""#, true),
        (r#"field = "resource.name", regex = "(?i)CORE.*""#, true),
        (r#"field = "actor.groups[]", equals = "sre""#, true),
        (r#"field = "actor.groups[]", equals = "dev""#, false),
        (r#"field = "actor.groups[]", not-equals = "dev""#, true),
        (r#"field = "actor.groups[]", not-equals = "sre""#, false),
        (r#"field = "actor.groups[]", in = ["dev", "sre"]"#, true),
        (
            r#"field = "actor.groups[]", not-in = ["dev", "sre"]"#,
            false,
        ),
        (r#"field = "actor.groups[]", not-in = ["dev", "ops"]"#, true),
        (r#"field = "actor.peer_ip", cidr = "10.0.0.0/8""#, false),
        (
            r#"field = "actor.peer_ip", cidr = ["192.168.0.0/16", "2001:db8::/32"]"#,
            true,
        ),
        (r#"field = "actor.peer_ip", cidr = "2001:db8::7""#, true),
        (r#"field = "actor.username", cidr = "0.0.0.0/0""#, false),
        (r#"field = "severity.score", equals = 5"#, true),
        (r#"field = "severity.score", in = [4.0, 5.0]"#, true),
        (r#"field = "severity.score", not-equals = 5.0"#, false),
        (r#"field = "severity.score", greater-than = 5"#, false),
        (r#"field = "severity.score", at-least = 5"#, true),
        (r#"field = "severity.score", less-than = 5.1"#, true),
        (r#"field = "severity.score", at-most = 4.9"#, false),
        (r#"field = "request.response_code", equals = 101"#, true),
        (r#"field = "count", less-than = 10"#, true),
        (
            r#"field = "attributes[key=image].value", wildcard = "registry.example/*""#,
            true,
        ),
        (
            r#"field = "attributes[key=process].value", wildcard = "registry.example/*""#,
            false,
        ),
        (
            r#"field = "evidence[field=requestURI?command].value", equals = "sh""#,
            true,
        ),
        (
            r#"field = "actor.extra[key=authentication.kubernetes.io/pod-name].value", equals = "runner-1""#,
            true,
        ),
        (r#"field = "actor.impersonated", exists = true"#, true),
        (r#"field = "actor.impersonated", exists = false"#, false),
        (
            r#"field = "attributes[key=none].value", exists = false"#,
            true,
        ),
    ];
    for (condition, expected) in cases {
        let rule = rule(&format!("all = [{{ {condition} }}]\n"));
        assert_eq!(rule.holds(&finding()), expected, "{condition}");
    }
}

#[test]
fn empty_text_equals_a_missing_field() {
    let mut finding = finding();
    finding["resource"]["namespace"] = json!("");
    finding["request"]
        .as_object_mut()
        .unwrap()
        .remove("response_code");
    for field in ["resource.namespace", "request.response_code"] {
        let gone = rule(&format!(
            "all = [{{ field = \"{field}\", exists = false }}]"
        ));
        assert!(gone.holds(&finding), "{field}");
    }
    let other = rule("all = [{ field = \"resource.namespace\", not-equals = \"shop\" }]");
    assert!(other.holds(&finding));
}

#[test]
fn addresses_are_compared_by_value() {
    let mut finding = finding();
    finding["actor"]["peer_ip"] = json!("::ffff:10.1.2.3");
    let rule = rule("all = [{ field = \"actor.peer_ip\", cidr = \"10.0.0.0/8\" }]");
    assert!(rule.holds(&finding));
    finding["actor"]["peer_ip"] = json!("not an address");
    assert!(!rule.holds(&finding));
}

/// Any client adds addresses with a header, so that a rule may only narrow by them.
#[test]
fn claimed_addresses_count_beside_the_peer() {
    let claimed = r#"{ field = "actor.source_ips[]", cidr = "10.0.0.0/8" }"#;
    let peer = r#"{ field = "actor.peer_ip", cidr = "2001:db8::/32" }"#;
    assert!(rule(&format!("all = [{claimed}, {peer}]")).holds(&finding()));
    assert!(!rule(&format!("not = {claimed}")).holds(&finding()));
}

#[test]
fn groups_combine_with_and_or_and_not() {
    let yes = r#"{ field = "cluster", equals = "production" }"#;
    let no = r#"{ field = "cluster", equals = "staging" }"#;
    let cases = [
        (format!("all = [{yes}, {yes}]"), true),
        (format!("all = [{yes}, {no}]"), false),
        (format!("any = [{no}, {yes}]"), true),
        (format!("any = [{no}, {no}]"), false),
        (format!("not = [{no}, {no}]"), true),
        (format!("not = [{no}, {yes}]"), false),
        (format!("not = {no}"), true),
        (format!("all = [{yes}]\nnot = {yes}"), false),
        (
            format!("all = [{yes}]\nany = [{no}, {yes}]\nnot = {no}"),
            true,
        ),
        (
            format!("all = [{{ any = [{no}, {{ not = {no} }}] }}]"),
            true,
        ),
        (
            format!("any = [{{ all = [{yes}, {no}] }}, {{ all = [{yes}], not = {yes} }}]"),
            false,
        ),
    ];
    for (groups, expected) in cases {
        assert_eq!(rule(&groups).holds(&finding()), expected, "{groups}");
    }
    let long = rule(
        "[[rule.all]]\nfield = \"cluster\"\nequals = \"production\"\n[[rule.all]]\nany = [{ field = \"count\", equals = 1 }]\n[[rule.not]]\nfield = \"count\"\nequals = 2\n",
    );
    assert!(long.holds(&finding()));
}

#[test]
fn documented_rule_is_valid() {
    let document = include_str!("../../../../../FINDINGS.md");
    let example = document
        .split("```toml\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next())
        .unwrap();
    let rule = rules("FINDINGS.md", example).unwrap().pop().unwrap();
    let now: Timestamp = "2026-11-25T10:00:00Z".parse().unwrap();
    assert_eq!(rule.warnings(now), [""; 0]);
    let mut finding = finding();
    assert!(!rule.holds(&finding));
    finding["type"] = json!("CredentialAccess:Kubernetes/SecretEnumeration");
    finding["actor"]["username"] = json!("system:serviceaccount:backup:runner");
    assert!(rule.holds(&finding));
    finding["severity"]["score"] = json!(7.0);
    assert!(!rule.holds(&finding));
}

#[test]
fn rules_expire_at_the_given_time() {
    let at = |text: &str| -> Option<Timestamp> { Some(text.parse().unwrap()) };
    let condition = "\nall = [{ field = \"count\", equals = 1 }]";
    for expires in [
        "2027-01-31",
        "\"2027-01-31\"",
        "2027-01-31T00:00:00Z",
        "2027-01-31T01:00:00+01:00",
    ] {
        let rule = rule(&format!("expires = {expires}{condition}"));
        assert!(rule.is_in_force(at("2027-01-30T23:59:59Z")), "{expires}");
        assert!(!rule.is_in_force(at("2027-01-31T00:00:00Z")), "{expires}");
        assert!(!rule.is_in_force(None), "{expires}");
        assert_eq!(
            rule.state(at("2027-02-01T00:00:00Z").unwrap()),
            RuleState::Expired
        );
    }
    assert!(rule(condition).is_in_force(None));
    let off = rule(&format!("enabled = false{condition}"));
    assert!(!off.is_in_force(at("2026-01-01T00:00:00Z")));
}

#[test]
fn owners_are_warned() {
    let now: Timestamp = "2026-11-25T10:00:00Z".parse().unwrap();
    let warnings = |text: &str| rule(text).warnings(now).join("; ");
    assert_snapshot!(
        [
            "all = [{ field = \"type\", wildcard = \"Execution:*\" }]",
            "expires = 2026-11-25\nall = [{ field = \"type\", wildcard = \"Execution:*\" }]",
            "expires = 2027-11-25\nnot = { field = \"type\", wildcard = \"Execution:*\" }",
            "expires = 2027-11-25\nall = [{ field = \"title\", exists = true }]",
            "expires = 2027-11-25\nall = [{ field = \"type\", wildcard = \"Execution:*\" }]",
        ]
        .map(|text| format!("{text}\n  {}\n", warnings(text)))
        .join("\n")
    );
}

/// A condition on the peer counts only if it must hold together with that on the claim.
#[test]
fn no_way_to_hold_rests_on_claimed_addresses() {
    let claimed = r#"{ field = "actor.source_ips[]", cidr = "10.0.0.0/8" }"#;
    let unclaimed = r#"{ field = "actor.source_ips[]", not-in = ["10.0.0.1"] }"#;
    let peer = r#"{ field = "actor.peer_ip", cidr = "10.0.0.0/8" }"#;
    let not_peer = r#"{ field = "actor.peer_ip", not-in = ["10.0.0.1"] }"#;
    let user = r#"{ field = "actor.username", equals = "alice" }"#;
    for (conditions, is_accepted) in [
        (format!("all = [{claimed}, {peer}]"), true),
        (format!("all = [{claimed}, {{ any = [{peer}] }}]"), true),
        (format!("not = {claimed}"), true),
        (format!("all = [{unclaimed}, {user}]"), true),
        (format!("any = [{peer}, {user}]"), true),
        (format!("all = [{claimed}, {user}]"), false),
        (format!("any = [{claimed}, {peer}]"), false),
        (format!("all = [{claimed}, {not_peer}]"), false),
        (
            format!("all = [{claimed}, {{ any = [{peer}, {user}] }}]"),
            false,
        ),
        (format!("not = {unclaimed}"), false),
        (format!("not = [{{ not = {claimed} }}]"), false),
        (format!("not = [{{ any = [{unclaimed}, {user}] }}]"), false),
        (format!("not = [{unclaimed}, {not_peer}]"), true),
    ] {
        let text = format!("{HEAD}{conditions}\n");
        let is_parsed = rules("rules.toml", &text).is_ok();
        assert_eq!(is_parsed, is_accepted, "{conditions}");
    }
}

#[test]
fn errors_say_what_and_where() {
    let with = |conditions: &str| format!("{HEAD}{conditions}\n");
    let deep = format!(
        "all = [{}{{ field = \"count\", equals = 1 }}{}]",
        "{ all = [".repeat(9),
        "] }".repeat(9)
    );
    let texts = [
        "[[rule]\n".to_owned(),
        "rules = 1\n".to_owned(),
        "[rule]\nname = \"r\"\n".to_owned(),
        "[[rule]]\nowner = \"o\"\n".to_owned(),
        "[[rule]]\nname = \"r\"\nall = [{ field = \"count\", equals = 1 }]\n".to_owned(),
        "[[rule]]\nname = \"r\"\nowner = \" \"\nall = [{ field = \"count\", equals = 1 }]\n"
            .to_owned(),
        "[[rule]]\nname = \"a rule\"\nowner = \"o\"\nreason = \"x\"\n".to_owned(),
        with(""),
        with("when = 1"),
        with("expire = 2027-01-31"),
        with("expires = \"soon\"\nall = [{ field = \"count\", equals = 1 }]"),
        with("expires = 2027-01-31T10:00:00\nall = [{ field = \"count\", equals = 1 }]"),
        with("enabled = \"yes\"\nall = [{ field = \"count\", equals = 1 }]"),
        with("all = []"),
        with("all = { field = \"count\", equals = 1 }"),
        with("all = [1]"),
        with("all = [{ equals = 1 }]"),
        with("all = [{ field = \"count\" }]"),
        with("all = [{ field = \"count\", equals = 1, at-most = 2 }]"),
        with("all = [{ field = \"count\", equal = 1 }]"),
        with("all = [{ field = \"count\", all = [{ field = \"count\", equals = 1 }] }]"),
        with("all = [{ field = \"actor.source_ips\", cidr = \"10.0.0.0/8\" }]"),
        with("all = [{ field = \"resource.namspace\", equals = \"shop\" }]"),
        with("all = [{ field = \"attributes[name=image].value\", equals = \"x\" }]"),
        with("all = [{ field = \"attributes[image].value\", equals = \"x\" }]"),
        with("all = [{ field = \"status\", equals = \"active\" }]"),
        with("all = [{ field = \"severity.score\", equals = \"7.0\" }]"),
        with("all = [{ field = \"severity.score\", wildcard = \"7*\" }]"),
        with("all = [{ field = \"type\", at-least = 7 }]"),
        with("all = [{ field = \"type\", equals = 7 }]"),
        with("all = [{ field = \"type\", equals = [\"a\"] }]"),
        with("all = [{ field = \"type\", in = \"a\" }]"),
        with("all = [{ field = \"type\", in = [] }]"),
        with("all = [{ field = \"type\", wildcard = \"**\" }]"),
        with("all = [{ field = \"type\", regex = \".*\" }]"),
        with("all = [{ field = \"type\", regex = \"a)|(b\" }]"),
        with("all = [{ field = \"type\", regex = \"(((a{100}){100}){100})\" }]"),
        with("all = [{ field = \"actor.source_ips[]\", cidr = \"10.0.0.0/8\" }]"),
        with("any = [{ field = \"actor.source_ips[]\", equals = \"10.0.0.1\" }]"),
        with("all = [{ field = \"actor.source_ips[]\", cidr = \"10.0.0.300\" }]"),
        with("all = [{ field = \"actor.source_ips[]\", cidr = \"10.1.0.0/8\" }]"),
        with("all = [{ field = \"type\", exists = 1 }]"),
        with(&deep),
        format!(
            "{}{}",
            with("all = [{ field = \"count\", equals = 1 }]"),
            with("all = [{ field = \"count\", equals = 1 }]")
        ),
    ];
    assert_snapshot!(texts.map(|text| error(&text)).join("\n"));
}

/// Reference implementation of `*` and `?`.
fn is_like(pattern: &[char], text: &[char]) -> bool {
    match (pattern, text) {
        ([], []) => true,
        (['*', rest @ ..], _) => {
            is_like(rest, text) || (!text.is_empty() && is_like(pattern, &text[1..]))
        }
        (['?', rest @ ..], [_, behind @ ..]) => is_like(rest, behind),
        ([one, rest @ ..], [other, behind @ ..]) => one == other && is_like(rest, behind),
        _ => false,
    }
}

proptest! {
    #[test]
    fn wildcards_match_the_reference_implementation(
        pattern in "[ab.*?(é]{0,6}[ab.]",
        text in "[ab.(é]{1,8}",
    ) {
        let rule = rule(&format!("all = [{{ field = \"title\", wildcard = \"{pattern}\" }}]"));
        let characters = |text: &str| text.chars().collect::<Vec<_>>();
        prop_assert_eq!(
            rule.holds(&json!({ "title": text })),
            is_like(&characters(&pattern), &characters(&text))
        );
    }

    #[test]
    fn any_text_gives_rules_or_an_error(
        text in "(\\[\\[rule(\\.(all|not))?\\]\\]\n)?((name|owner|reason|field|equals|regex|cidr|in) = (\"[a-z.*\\[\\]()]{0,9}\"|[0-9]{1,3}|\\[\"a\"\\])\n){0,6}.{0,10}",
    ) {
        let _ = rules("rules.toml", &text);
    }

    #[test]
    fn any_condition_gives_a_rule_or_an_error(
        field in "[a-z_.\\[\\]=]{0,24}|type|count|actor.groups\\[\\]",
        operator in "equals|in|wildcard|regex|cidr|at-least|exists|[a-z-]{1,8}",
        operand in "\"[ -!#-\\[\\]-~]{0,12}\"|-?[0-9]{1,6}|true|\\[\\]|\\[\"x\", 1\\]|\\{ a = 1 \\}",
    ) {
        let text = format!("{HEAD}all = [{{ field = \"{field}\", {operator} = {operand} }}]\n");
        if let Ok(rules) = rules("rules.toml", &text) {
            // Must not panic on any finding.
            let _ = rules[0].holds(&finding());
            let _ = rules[0].holds(&json!(null));
        }
    }
}
