//! The URI of a request.

use super::resource::Request;
use crate::envelope::object::Object;

/// Returns the path, and a query made of the request's options.
pub(super) fn uri(request: &Request<'_>, options: Option<&Object<'_>>) -> String {
    let path = request.path();
    let mut query = form_urlencoded::Serializer::new(String::new());
    let is_connect = matches!(
        request.subresource,
        "exec" | "attach" | "portforward" | "proxy" | "log"
    );
    if let Some(options) = options.filter(|_| is_connect) {
        for (key, value) in options.members() {
            let Ok(key) = std::str::from_utf8(key) else {
                continue;
            };
            if matches!(key, "@type" | "kind" | "apiVersion" | "metadata") {
                continue;
            }
            for value in plain_values(value) {
                query.append_pair(key, &value);
            }
        }
    }
    match query.finish() {
        query if query.is_empty() => path,
        query => format!("{path}?{query}"),
    }
}

/// Returns strings, numbers, and booleans, alone or in a list, as texts.
fn plain_values(value: &[u8]) -> Vec<String> {
    use serde_json::Value;
    let plain = |value: Value| match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    };
    match serde_json::from_slice(value) {
        Ok(Value::Array(values)) => values.into_iter().filter_map(plain).collect(),
        Ok(value) => plain(value).into_iter().collect(),
        Err(_) => Vec::new(),
    }
}
