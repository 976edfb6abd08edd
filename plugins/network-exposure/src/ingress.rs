//! Ingresses that expose consoles or have no TLS.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::Requester;
use wardline_sdk::state;
use wardline_sdk::view::{IngressFacts, ObjectFacts};

use crate::backend::Backend;
use crate::object::{KEEP, facts_body, path};
use crate::types::exposure::{EXPOSED_BY_SERVICE_ACCOUNT, LIMITED, WITH_TLS};
use crate::types::{self, INGRESS_WITHOUT_TLS};

/// Annotations that configure TLS outside `spec.tls`.
const TLS: [&str; 8] = [
    "alb.ingress.kubernetes.io/certificate-arn",
    "networking.gke.io/managed-certificates",
    "networking.gke.io/v1beta1.FrontendConfig",
    "ingress.gcp.kubernetes.io/pre-shared-cert",
    "appgw.ingress.kubernetes.io/appgw-ssl-certificate",
    "traefik.ingress.kubernetes.io/router.tls",
    "nginx.ingress.kubernetes.io/ssl-passthrough",
    "route.openshift.io/termination",
];
/// Annotations that require a login or restrict source addresses.
const LOGIN: [&str; 6] = [
    "nginx.ingress.kubernetes.io/auth-url",
    "nginx.ingress.kubernetes.io/auth-type",
    "nginx.ingress.kubernetes.io/auth-tls-secret",
    "nginx.ingress.kubernetes.io/whitelist-source-range",
    "traefik.ingress.kubernetes.io/router.middlewares",
    "alb.ingress.kubernetes.io/auth-type",
];
const ALB_SCHEME: &str = "alb.ingress.kubernetes.io/scheme";
/// Path of ACME challenges, which are requested without TLS (RFC 8555, section 8.3).
const ACME_PATH: &str = "/.well-known/acme-challenge";

/// Judges an ingress that was created or changed.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let (Some(requested), Facts::Ingress(whole)) = (event.requested(), event.facts()) else {
        return Ok(());
    };
    let Facts::Ingress(named) = requested.facts() else {
        return Ok(());
    };
    let object = event.object_facts().unwrap_or(requested);
    if is_acme(whole) {
        return Ok(());
    }
    let is_internal = is_internal(whole, object);
    let has_tls = whole.has_tls() || TLS.iter().any(|key| object.annotations().has(key));
    let known = state::cluster(event).key(format!("ingress {}", path(event)));
    // A patch that names no rule is reported only if it removed the TLS.
    let had_tls = known
        .get_text()?
        .is_some_and(|known| known.ends_with("with TLS"));
    if requested.partial() && named.rules().is_empty() && (has_tls || !had_tls) {
        return Ok(());
    }
    let backend = Backend::from_services(
        event,
        &format!(
            "{}.spec.rules[].http.paths[].backend.service.name",
            facts_body(event)
        ),
        whole.rules().map(|rule| rule.service()),
    );
    let name = backend.as_ref().map_or("", |backend| backend.software.name);
    let place = if is_internal { "internal " } else { "" };
    let now = format!(
        "{name} {place}{}",
        if has_tls { "with TLS" } else { "plain" }
    );
    if !known.replace_text(&now, KEEP)? {
        return Ok(());
    }
    if let Some(backend) = backend {
        findings.raise(exposed(
            event,
            whole,
            object,
            has_tls,
            is_internal,
            &backend,
        ));
    }
    if !has_tls && !is_internal {
        findings.raise(plain(event, whole));
    }
    Ok(())
}

fn exposed(
    event: AuditEvent<'_>,
    ingress: IngressFacts<'_>,
    object: ObjectFacts<'_>,
    has_tls: bool,
    is_internal: bool,
    backend: &Backend,
) -> Finding {
    let kind = backend.software.kind;
    let finding_type = types::exposed(kind);
    let has_login = LOGIN.iter().any(|key| object.annotations().has(key));
    let is_guardduty = finding_type != types::SERVICE_EXPOSED;
    let severity = if has_login || is_internal {
        LIMITED.severity
    } else if is_guardduty {
        kind.severity()
    } else if has_tls {
        WITH_TLS.severity
    } else if Requester::is_program(event) {
        EXPOSED_BY_SERVICE_ACCOUNT.severity
    } else {
        kind.severity()
    };
    let hosts = hosts(ingress);
    let finding = Finding::new(finding_type)
        .on(event)
        .evidence(
            event,
            format!("{}.spec.rules[].host", facts_body(event)),
            &hosts,
        )
        .evidence(event, format!("{}.spec.tls", facts_body(event)), has_tls)
        .field(&event, AuditField::Username)
        .field(&event, AuditField::Namespace)
        .field(&event, AuditField::Name)
        .severity(severity)
        .attribute("software", backend.software.name)
        .dedup_key(path(event))
        .title(format!(
            "Exposure of {} (ingress {} for {hosts}) by {}",
            backend.software.name,
            path(event),
            event.actor().username()
        ));
    backend.add_to(finding, event)
}

fn plain(event: AuditEvent<'_>, ingress: IngressFacts<'_>) -> Finding {
    let hosts = hosts(ingress);
    Finding::new(INGRESS_WITHOUT_TLS)
        .on(event)
        .evidence(event, format!("{}.spec.tls", facts_body(event)), "")
        .evidence(
            event,
            format!("{}.spec.rules[].host", facts_body(event)),
            &hosts,
        )
        .field(&event, AuditField::Username)
        .field(&event, AuditField::Namespace)
        .field(&event, AuditField::Name)
        .dedup_key(format!(
            "{} {}",
            event.actor().username(),
            event.namespace()
        ))
        .title(format!(
            "Ingress {} was published without TLS for {hosts} by {}",
            path(event),
            event.actor().username()
        ))
}

fn hosts(ingress: IngressFacts<'_>) -> String {
    let mut hosts: Vec<&str> = ingress
        .rules()
        .map(|rule| match rule.host() {
            "" => "every host",
            host => host,
        })
        .collect();
    hosts.dedup();
    hosts.join(", ")
}

/// Returns whether the ingress is internal, by the scheme of Amazon's load balancers, which
/// are internal by default, or by the name of its class.
fn is_internal(ingress: IngressFacts<'_>, object: ObjectFacts<'_>) -> bool {
    let class = ingress.class();
    match object.annotations().get(ALB_SCHEME) {
        Some(scheme) => scheme == "internal",
        None => {
            class == "alb"
                || class == "tailscale"
                || ["internal", "private"]
                    .iter()
                    .any(|word| class.contains(word))
        }
    }
}

/// Returns whether the ingress serves ACME challenges and nothing else, as those of cert-manager.
fn is_acme(ingress: IngressFacts<'_>) -> bool {
    let mut rules = ingress.rules().peekable();
    rules.peek().is_some() && rules.all(|rule| rule.path().starts_with(ACME_PATH))
}
