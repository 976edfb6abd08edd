//! The user of a request.

use crate::envelope::object::Object;
use crate::envelope::write::Writer;

/// Writes the `authentication.k8s.io/v1` `UserInfo` of a name, with the groups that Kubernetes
/// itself assigns to such a name. An entry has no other groups.
///
/// - <https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/>
/// - <https://kubernetes.io/docs/reference/access-authn-authz/node/>
/// - <https://kubernetes.io/docs/reference/access-authn-authz/authentication/#anonymous-requests>
pub(super) fn user(name: &str, extra: Writer) -> Writer {
    let mut user = Writer::object();
    user.text("username", name);
    let groups = groups(name);
    user.texts("groups", groups.iter().map(String::as_str));
    user.inner("extra", extra);
    user
}

/// Writes the other fields that an entry has about the user, for the event's `extra`.
pub(super) fn extra(authentication: &Object<'_>) -> Writer {
    let mut extra = Writer::object();
    for key in [
        "principalSubject",
        "serviceAccountKeyName",
        "serviceAccountDelegationInfo",
    ] {
        if let Some(value) = authentication.get(key) {
            let text = authentication.text(key);
            let raw = String::from_utf8_lossy(value);
            extra.texts(key, [text.as_deref().unwrap_or(&raw)]);
        }
    }
    extra
}

fn groups(name: &str) -> Vec<String> {
    const AUTHENTICATED: &str = "system:authenticated";
    let mut groups = Vec::new();
    if name.is_empty() {
        return groups;
    }
    if name == "system:anonymous" {
        groups.push("system:unauthenticated".to_owned());
        return groups;
    }
    if let Some((namespace, _)) = name
        .strip_prefix("system:serviceaccount:")
        .and_then(|account| account.split_once(':'))
    {
        groups.push("system:serviceaccounts".to_owned());
        groups.push(format!("system:serviceaccounts:{namespace}"));
    } else if name.starts_with("system:node:") {
        groups.push("system:nodes".to_owned());
    }
    groups.push(AUTHENTICATED.to_owned());
    groups
}

#[cfg(test)]
mod tests {
    use super::groups;

    #[test]
    fn groups_follow_from_names() {
        for (name, expected) in [
            ("", &[][..]),
            ("system:anonymous", &["system:unauthenticated"]),
            ("a@example.com", &["system:authenticated"]),
            ("system:node:one", &["system:nodes", "system:authenticated"]),
            (
                "system:serviceaccount:shop:web",
                &[
                    "system:serviceaccounts",
                    "system:serviceaccounts:shop",
                    "system:authenticated",
                ],
            ),
            ("system:serviceaccount:", &["system:authenticated"]),
        ] {
            assert_eq!(groups(name), expected, "{name}");
        }
    }
}
