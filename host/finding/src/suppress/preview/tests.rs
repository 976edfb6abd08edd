use jiff::Timestamp;

use super::preview;
use crate::suppress::parse;
use crate::{Finding, Severity, example};

fn line(number: u64, namespace: &str, score: f64) -> String {
    let mut finding = Finding {
        id: number.to_string(),
        title: format!("finding {number}"),
        severity: Severity::new(score),
        ..example::occurrence()
    };
    namespace.clone_into(&mut finding.resource.namespace);
    if namespace == "other" {
        finding.finding_type = "Impact:Kubernetes/Other".into();
    }
    serde_json::to_string(&finding).unwrap()
}

#[test]
fn a_preview_says_what_would_be_hidden_and_what_not() {
    let rules = parse::rules(
        "rules.toml",
        r#"
        [[rule]]
        name = "shop"
        owner = "o"
        reason = "r"
        expires = 2020-01-01
        all = [{ field = "resource.namespace", equals = "shop" }]

        [[rule]]
        name = "low"
        owner = "o"
        reason = "r"
        all = [{ field = "severity.score", less-than = 4 }]

        [[rule]]
        name = "nothing"
        owner = "o"
        reason = "r"
        expires = 2030-01-01
        all = [{ field = "resource.namespace", equals = "nowhere" }]
        "#,
    )
    .unwrap();
    let text = [
        line(1, "shop", 5.0),
        line(2, "shop", 2.0),
        line(3, "bank", 8.0),
        "half a fin".to_owned(),
        "{\"kind\":\"Event\"}".to_owned(),
        String::new(),
        line(4, "other", 8.0),
        line(5, "bank", 2.0),
    ]
    .join("\n");
    let now: Timestamp = "2026-11-25T10:00:00Z".parse().unwrap();
    let preview = preview(&rules, &mut text.as_bytes(), 1, now).unwrap();
    insta::assert_json_snapshot!(preview);
}
