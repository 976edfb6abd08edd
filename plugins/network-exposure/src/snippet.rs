//! Ingresses that inject configuration into their controller.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::outcome;
use wardline_sdk::rules::severity::LOW;
use wardline_sdk::state;
use wardline_sdk::view::Attribute;

use crate::object::{KEEP, path};
use crate::types::INGRESS_SNIPPET;
use crate::types::traffic::{CODE, DRY_RUN, INJECTED, OTHER_SNIPPETS, REJECTED};

/// Prefixes of the annotations of ingress-nginx and of NGINX Inc.'s controller.
const PREFIXES: [&str; 2] = ["nginx.ingress.kubernetes.io/", "nginx.org/"];

/// Annotations whose value becomes configuration unchanged.
const SNIPPETS: [&str; 9] = [
    "configuration-snippet",
    "server-snippet",
    "auth-snippet",
    "stream-snippet",
    "modsecurity-snippet",
    "location-snippets",
    "server-snippets",
    "http-snippets",
    "main-snippets",
];

/// Annotations whose value becomes part of one directive and must not end it: CVE-2025-1097
/// (`auth-tls-match-cn`), CVE-2025-1098 (`mirror-*`), CVE-2025-24514 (`auth-url`),
/// CVE-2023-5044 (`permanent-redirect`), CVE-2024-7646 (any of them, with a carriage return).
const VALUES: [&str; 17] = [
    "auth-url",
    "auth-signin",
    "auth-signin-redirect-param",
    "auth-method",
    "auth-request-redirect",
    "auth-tls-match-cn",
    "auth-tls-error-page",
    "mirror-target",
    "mirror-host",
    "permanent-redirect",
    "temporal-redirect",
    "rewrite-target",
    "app-root",
    "upstream-vhost",
    "x-forwarded-prefix",
    "proxy-ssl-name",
    "server-alias",
];
/// Annotations of [`VALUES`] that may be regular expressions with braces.
const PATTERNS: [&str; 3] = ["auth-tls-match-cn", "rewrite-target", "server-alias"];

/// Words of directives that run code or read files of the controller, whose service account
/// reads the secrets of all namespaces (CVE-2021-25742).
const DANGEROUS: [&str; 15] = [
    "_by_lua",
    "os.execute",
    "io.popen",
    "io.open",
    "load_module",
    "ssl_engine",
    "js_import",
    "perl",
    "serviceaccount",
    "/etc/",
    "/proc/",
    "/dev/",
    "autoindex",
    "alias /",
    "root /",
];

/// Judges the annotations and paths in a request.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let parts = SnippetPart::all(event);
    let worst = worst(&parts);
    raise(event, "snippet", parts, worst, findings)
}

/// Judges a request that was denied, failed, or was a dry run. The controller's admission
/// webhook writes each object into a configuration and lets NGINX test it, which loads the
/// library that `ssl_engine` names (CVE-2025-1974); the object need not be stored for that.
pub fn judge_attempt(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let mut parts = SnippetPart::all(event);
    parts.retain(|part| part.severity >= INJECTED.severity);
    let severity = if event.succeeded() { DRY_RUN } else { REJECTED };
    raise(event, "snippet/tried", parts, severity.into(), findings)
}

fn worst(parts: &[SnippetPart]) -> f64 {
    parts.iter().map(|part| part.severity).fold(0.0, f64::max)
}

fn raise(
    event: AuditEvent<'_>,
    key: &str,
    parts: Vec<SnippetPart>,
    severity: f64,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let now: Vec<&str> = parts.iter().map(|part| part.value.as_str()).collect();
    let known = state::cluster(event).key(format!("{key} {}", path(event)));
    if parts.is_empty() || !known.replace_text(&now.join("\n"), KEEP)? {
        return Ok(());
    }
    let user = event.actor().username();
    let suffix = outcome::suffix(event);
    let content = if severity > LOW {
        "code or directives"
    } else {
        "a snippet"
    };
    let raised = Finding::new(INGRESS_SNIPPET).on(event).evidence_if_any(
        event,
        parts.into_iter().map(|part| (part.field, part.value)),
    );
    findings.raise(raised.map(|finding| {
        finding
            .field(&event, AuditField::Username)
            .field(&event, AuditField::RequestUri)
            .field(&event, AuditField::Code)
            .severity(severity)
            .dedup_key(path(event))
            .title(format!(
                "Injection of {content} with ingress {} by {user}{suffix}",
                path(event)
            ))
    }));
    Ok(())
}

/// An annotation or path that becomes configuration.
struct SnippetPart {
    /// The field of the event, as evidence names it.
    field: String,
    value: String,
    severity: f64,
}

impl SnippetPart {
    fn all(event: AuditEvent<'_>) -> Vec<Self> {
        let Some(requested) = event.requested() else {
            return Vec::new();
        };
        let mut parts: Vec<Self> = requested
            .annotations()
            .filter_map(Self::from_annotation)
            .collect();
        if let Facts::Ingress(ingress) = requested.facts() {
            let paths = ingress.rules();
            parts.extend(paths.filter_map(|rule| Self::from_path(rule.path())));
        }
        parts
    }

    fn from_annotation(annotation: Attribute<'_>) -> Option<Self> {
        let name = PREFIXES
            .iter()
            .find_map(|prefix| annotation.key().strip_prefix(prefix))?;
        let value = annotation.value();
        let severity = if SNIPPETS.contains(&name) {
            snippet_severity(value)
        } else if VALUES.contains(&name) && is_injection(name, value) {
            INJECTED.severity
        } else {
            return None;
        };
        Some(Self {
            field: format!("requestObject.metadata.annotations[{}]", annotation.key()),
            value: value.to_owned(),
            severity,
        })
    }

    /// Returns a path that ends its `location` block (CVE-2021-25745, CVE-2021-25748).
    fn from_path(path: &str) -> Option<Self> {
        let breaks_out = path.contains(['\n', '\r', ';'])
            || DANGEROUS.iter().take(8).any(|word| path.contains(word));
        breaks_out.then(|| Self {
            field: "requestObject.spec.rules[].http.paths[].path".to_owned(),
            value: path.to_owned(),
            severity: INJECTED.severity,
        })
    }
}

fn snippet_severity(value: &str) -> f64 {
    let text = value.to_ascii_lowercase();
    if DANGEROUS.iter().any(|word| text.contains(word)) {
        CODE.severity
    } else {
        OTHER_SNIPPETS.severity
    }
}

fn is_injection(name: &str, value: &str) -> bool {
    // A block scalar in YAML ends with a line break.
    let value = value.trim();
    value.contains(['\n', '\r', ';', '"'])
        || (!PATTERNS.contains(&name) && value.contains(['{', '}']))
}

#[cfg(test)]
mod tests {
    use super::{is_injection, snippet_severity};

    #[test]
    fn recognizes_values_that_end_their_directive() {
        for (name, value, expected) in [
            (
                "auth-url",
                "https://auth.example.com/oauth2/auth?rd=$escaped_request_uri",
                false,
            ),
            (
                "auth-url",
                "http://example.com/#;}}}\nssl_engine /tmp/x.so;",
                true,
            ),
            ("auth-tls-match-cn", "CN=(a|b){1,2}", false),
            ("auth-tls-match-cn", "CN=a #(\n){}\n }}ssl_engine x;", true),
            (
                "mirror-target",
                "https://mirror.example.com$request_uri\n",
                false,
            ),
            (
                "permanent-redirect",
                "https://example.com/;} location / {}",
                true,
            ),
            ("rewrite-target", "/$2", false),
            ("auth-signin", "https://a.example.com/start\rx", true),
        ] {
            assert_eq!(is_injection(name, value), expected, "{name}: {value:?}");
        }
    }

    #[test]
    fn snippets_that_set_headers_are_low() {
        assert!(snippet_severity("more_set_headers \"X-Frame-Options: DENY\";") < 4.0);
        assert!(snippet_severity("content_by_lua_block { os.execute('id') }") >= 7.0);
        assert!(snippet_severity("alias /var/run/secrets/kubernetes.io/serviceaccount/;") >= 7.0);
    }
}
