//! Reviews of access and identity, and requests for tokens. Tokens themselves are never
//! read.

use serde_json::Value;

use super::read::{at, flag_if_said, seconds, text, texts};
use crate::model::{AccessReview, TokenRequest};

/// A review of access. A request carries a status as well, with `allowed: false`, which
/// says nothing: only an answer is one.
pub(super) fn access(body: &Value, is_answer: bool) -> AccessReview {
    let spec = at(body, &["spec"]);
    let resource = at(spec, &["resourceAttributes"]);
    let path = at(spec, &["nonResourceAttributes"]);
    // A SelfSubjectRulesReview has its namespace in the spec itself.
    let namespace = [resource, spec].map(|place| text(place, "namespace"));
    let verb = [resource, path].map(|place| text(place, "verb"));
    AccessReview {
        username: text(spec, "user"),
        groups: texts(spec, "groups"),
        namespace: namespace
            .into_iter()
            .find(|text| !text.is_empty())
            .unwrap_or_default(),
        verb: verb
            .into_iter()
            .find(|text| !text.is_empty())
            .unwrap_or_default(),
        api_group: text(resource, "group"),
        resource: text(resource, "resource"),
        subresource: text(resource, "subresource"),
        name: text(resource, "name"),
        path: text(path, "path"),
        allowed: answer(body, "allowed", is_answer),
    }
}

/// A TokenReview or a SelfSubjectReview: whom the answer names.
pub(super) fn identity(body: &Value, is_answer: bool) -> AccessReview {
    let status = at(body, &["status"]);
    let user = [at(status, &["user"]), at(status, &["userInfo"])]
        .into_iter()
        .find(|user| user.is_object())
        .unwrap_or(&Value::Null);
    AccessReview {
        username: text(user, "username"),
        groups: texts(user, "groups"),
        allowed: answer(body, "authenticated", is_answer),
        ..AccessReview::default()
    }
}

/// Go leaves `authenticated: false` out, so that an answer without it is a refusal where
/// it says an error, and else says nothing.
fn answer(body: &Value, key: &str, is_answer: bool) -> Option<bool> {
    let status = at(body, &["status"]);
    let failed = || at(status, &["error"]).is_string().then_some(false);
    is_answer
        .then(|| flag_if_said(status, key).or_else(failed))
        .flatten()
}

pub(super) fn token_request(body: &Value) -> TokenRequest {
    let spec = at(body, &["spec"]);
    let bound = at(spec, &["boundObjectRef"]);
    TokenRequest {
        audiences: texts(spec, "audiences"),
        expiration: seconds(spec, "expirationSeconds"),
        bound_kind: text(bound, "kind"),
        bound_name: text(bound, "name"),
    }
}
