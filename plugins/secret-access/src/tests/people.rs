//! Reads of people, told once for each namespace.

use wardline_sdk::testing::{Request, TestError, judge, severities, types_and_severities};

use super::{CURL, KUBECTL, OPERATOR, PERSON, SCRIPT, VALUE, WEB, WIDE, get, list};
use crate::SecretAccess;

#[test]
fn reads_of_a_person_are_told_once_for_each_namespace() -> Result<(), TestError> {
    let found = judge::<SecretAccess>([
        get("shop", "db"),
        get("shop", "cache"),
        // A list reads more than one secret.
        list("shop"),
        get("shop", "db"),
        list("shop"),
        get("crm", "db"),
    ])?;
    assert!(found.iter().all(|finding| finding.finding_type == PERSON));
    assert_eq!(severities(&found), [1.0, 2.0, 1.0]);
    assert_eq!(found[0].title, "Secret db of namespace shop read by alice");
    assert_eq!(
        found[1].title,
        "All secrets of namespace shop read by alice"
    );
    Ok(())
}

#[test]
fn other_readers_have_types_of_their_own() -> Result<(), TestError> {
    let found = |request: Request| judge::<SecretAccess>([request]);
    for (request, expected) in [
        (get("shop", "db").user(WEB).user_agent("web/1"), None),
        (get("shop", "db").user(WEB).user_agent(KUBECTL), None),
        (
            get("shop", "db").user(OPERATOR).user_agent("controller/v1"),
            None,
        ),
        (get("shop", "db").code(404), None),
        (get("shop", "db").user_agent(CURL), Some((SCRIPT, 3.0))),
        (list("").user_agent(KUBECTL), Some((WIDE, 3.0))),
        (get("kube-system", "etcd-certs"), Some((VALUE, 5.0))),
    ] {
        let shown = format!("{request:?}");
        assert_eq!(
            types_and_severities(&found(request)?),
            Vec::from_iter(expected),
            "{shown}"
        );
    }
    Ok(())
}
