//! The groups that Kubernetes assigns to every user of a kind.

use wardline_event::model::User;

/// Returns the groups of a name, those that its owner was given aside.
///
/// - <https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/>
/// - <https://kubernetes.io/docs/reference/access-authn-authz/node/>
/// - <https://kubernetes.io/docs/reference/access-authn-authz/authentication/#anonymous-requests>
pub(super) fn groups(name: &str) -> Vec<String> {
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

/// Adds the groups of a user who has none. kube-apiserver gives every user at least one, so that an
/// empty list was lost on the way; a list without `system:serviceaccounts` is kept, since it unmasks
/// a user who has the name of a service account and is none.
pub(super) fn complete(user: &mut User) {
    if user.groups.is_empty() {
        user.groups = groups(&user.username);
    }
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
