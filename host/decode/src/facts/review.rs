//! Reviews of access and identity, and requests for tokens. The tokens are never read.

use wardline_event::model::{AccessReview, TokenRequest};

use super::read::{at, flag_if_said, seconds, text, texts};
use crate::json::Json;

/// Reads a review of access. A request has a status too, with a meaningless
/// `allowed: false`, so only that of a response counts.
pub(super) fn access<'v>(body: impl Json<'v>, is_answer: bool) -> AccessReview {
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

/// Reads a TokenReview or a SelfSubjectReview: the user that the response names.
pub(super) fn identity<'v, J: Json<'v>>(body: J, is_answer: bool) -> AccessReview {
    let status = at(body, &["status"]);
    let user = [at(status, &["user"]), at(status, &["userInfo"])]
        .into_iter()
        .find(|user| user.is_object())
        .unwrap_or(J::absent());
    AccessReview {
        username: text(user, "username"),
        groups: texts(user, "groups"),
        allowed: answer(body, "authenticated", is_answer),
        ..AccessReview::default()
    }
}

/// Returns the result of a review. Go omits `authenticated: false`, so a response without
/// it means false if it has an error, and is unknown otherwise.
fn answer<'v>(body: impl Json<'v>, key: &str, is_answer: bool) -> Option<bool> {
    let status = at(body, &["status"]);
    let failed = || at(status, &["error"]).text().is_some().then_some(false);
    is_answer
        .then(|| flag_if_said(status, key).or_else(failed))
        .flatten()
}

pub(super) fn token_request<'v>(body: impl Json<'v>) -> TokenRequest {
    let spec = at(body, &["spec"]);
    let bound = at(spec, &["boundObjectRef"]);
    TokenRequest {
        audiences: texts(spec, "audiences"),
        expiration: seconds(spec, "expirationSeconds"),
        bound_kind: text(bound, "kind"),
        bound_name: text(bound, "name"),
    }
}
