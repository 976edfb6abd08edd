//! The response status, translated from the status of an RPC.

use super::resource::Request;
use crate::envelope::object::Object;
use crate::envelope::write::Writer;

/// Codes of google.rpc with their HTTP codes
/// (<https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto>) and the
/// reasons of the API server (`meta/v1` `StatusReason`).
const CODES: [(u16, u16, &str); 16] = [
    (1, 499, ""),
    (2, 500, "InternalError"),
    (3, 400, "BadRequest"),
    (4, 504, "Timeout"),
    (5, 404, "NotFound"),
    (6, 409, "AlreadyExists"),
    (7, 403, "Forbidden"),
    (8, 429, "TooManyRequests"),
    (9, 400, "BadRequest"),
    (10, 409, "Conflict"),
    (11, 400, "BadRequest"),
    (12, 501, ""),
    (13, 500, "InternalError"),
    (14, 503, "ServiceUnavailable"),
    (15, 500, "InternalError"),
    (16, 401, "Unauthorized"),
];

/// Writes the `responseStatus` of an event. `answer` is the response's object: if it is a
/// `Status`, it takes precedence over the RPC's status, which has fewer codes. An entry without
/// a status means success, since protocol buffers omit zeros.
///
/// Success has the code of the API server: 201 for a creation, 101 for a stream (`exec`,
/// `attach`, `portforward`), else 200.
pub(super) fn status(
    payload: &Object<'_>,
    request: &Request<'_>,
    answer: Option<&Object<'_>>,
    is_forbidden: bool,
) -> Writer {
    let mut written = Writer::object();
    let own = payload.object("status");
    let rpc = own.as_ref().and_then(|own| own.value::<u16>("code"));
    let rpc = rpc.unwrap_or(if is_forbidden && own.is_none() { 7 } else { 0 });
    let answer = answer.filter(|answer| is_status(answer));
    let (code, reason) = match CODES.iter().find(|(code, ..)| *code == rpc) {
        Some((_, code, reason)) => (*code, *reason),
        None if rpc == 0 => (done(request), ""),
        None => (rpc, ""),
    };
    let exact = answer.and_then(|answer| answer.value::<u16>("code"));
    let code = exact.filter(|code| *code != 0).unwrap_or(code);
    written.raw("code", code.to_string().as_bytes());
    let text = |key, other: &str| match answer.and_then(|answer| answer.text(key)) {
        Some(text) if !text.is_empty() => text.into_owned(),
        _ => other.to_owned(),
    };
    if code >= 400 {
        written.text("status", "Failure");
    }
    written.text("reason", &text("reason", reason));
    let message = own.as_ref().and_then(|own| own.text("message"));
    written.text("message", &text("message", &message.unwrap_or_default()));
    if let Some(details) = answer.and_then(|answer| answer.get("details")) {
        written.raw("details", details);
    }
    written
}

/// Whether the response's object is a `meta/v1` `Status`.
fn is_status(answer: &Object<'_>) -> bool {
    answer.text("kind").as_deref() == Some("Status")
        || answer
            .text("@type")
            .is_some_and(|name| name.ends_with(".Status") || name.ends_with("/Status"))
}

fn done(request: &Request<'_>) -> u16 {
    if request.is_stream() {
        101
    } else if request.verb == "create" {
        201
    } else {
        200
    }
}

#[cfg(test)]
mod tests {
    use super::status;
    use crate::envelope::google::resource::Request;
    use crate::envelope::object::Object;

    fn of(payload: &str, method: &str, answer: Option<&str>, is_forbidden: bool) -> String {
        let request = Request::read(method, "core/v1/namespaces/a/pods/b/exec").unwrap();
        let answer = answer.and_then(|answer| Object::read(answer.as_bytes()));
        let payload = Object::read(payload.as_bytes()).unwrap();
        let written = status(&payload, &request, answer.as_ref(), is_forbidden);
        String::from_utf8(written.finish()).unwrap()
    }

    #[test]
    fn success_has_the_http_code_of_the_request() {
        assert_eq!(
            of("{}", "io.k8s.core.v1.pods.exec.create", None, false),
            r#"{"code":101}"#
        );
        assert_eq!(
            of(r#"{"status":{}}"#, "a.get", None, true),
            r#"{"code":101}"#
        );
    }

    #[test]
    fn refusal_has_its_reason() {
        let denied = r#"{"status":{"code":7,"message":"PERMISSION_DENIED"}}"#;
        assert_eq!(
            of(denied, "a.get", None, false),
            r#"{"code":403,"status":"Failure","reason":"Forbidden","message":"PERMISSION_DENIED"}"#
        );
        let answer = r#"{"@type":"core.k8s.io/v1.Status","code":422,"reason":"Invalid","message":"m","details":{"name":"b"}}"#;
        assert_eq!(
            of(r#"{"status":{"code":3}}"#, "a.get", Some(answer), false),
            r#"{"code":422,"status":"Failure","reason":"Invalid","message":"m","details":{"name":"b"}}"#
        );
        assert_eq!(
            of("{}", "a.get", None, true),
            r#"{"code":403,"status":"Failure","reason":"Forbidden"}"#
        );
    }
}
