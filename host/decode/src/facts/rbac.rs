//! Roles, bindings, and service accounts.

use wardline_event::model::{BindingFacts, RoleFacts, RoleRule, ServiceAccountFacts, Subject};

use super::read::{at, flag_if_said, members, objects, text, texts, texts_of};
use crate::json::Json;

pub(super) fn role<'v>(body: impl Json<'v>) -> RoleFacts {
    RoleFacts {
        rules: objects(body, "rules").map(rule).collect(),
        aggregates: objects(at(body, &["aggregationRule"]), "clusterRoleSelectors")
            .flat_map(|selector| members(at(selector, &["matchLabels"])))
            .filter_map(|(key, value)| Some(format!("{key}={}", value.text()?)))
            .collect(),
    }
}

fn rule<'v>(item: impl Json<'v>) -> RoleRule {
    RoleRule {
        verbs: texts(item, "verbs"),
        api_groups: texts(item, "apiGroups"),
        resources: texts(item, "resources"),
        resource_names: texts(item, "resourceNames"),
        paths: texts(item, "nonResourceURLs"),
    }
}

pub(super) fn binding<'v>(kind: &str, body: impl Json<'v>) -> BindingFacts {
    let metadata = at(body, &["metadata"]);
    let role = at(body, &["roleRef"]);
    BindingFacts {
        kind: kind.to_owned(),
        namespace: text(metadata, "namespace"),
        name: text(metadata, "name"),
        role_kind: text(role, "kind"),
        role_name: text(role, "name"),
        subjects: objects(body, "subjects").map(subject).collect(),
    }
}

fn subject<'v>(item: impl Json<'v>) -> Subject {
    Subject {
        kind: text(item, "kind"),
        namespace: text(item, "namespace"),
        name: text(item, "name"),
    }
}

pub(super) fn service_account<'v>(body: impl Json<'v>) -> ServiceAccountFacts {
    let metadata = at(body, &["metadata"]);
    ServiceAccountFacts {
        namespace: text(metadata, "namespace"),
        name: text(metadata, "name"),
        secrets: texts_of(body, "secrets", "name"),
        image_pull_secrets: texts_of(body, "imagePullSecrets", "name"),
        automount_token: flag_if_said(body, "automountServiceAccountToken"),
    }
}
