//! Accounts that read, or try to read, many secrets.
//!
//! One secret is what a normal request reads. Who does not know what there is, lists
//! namespaces one after the other, guesses names, or takes everything at once
//! (ATT&CK T1552.007).

mod request;

use std::time::Duration;

use request::{Answer, SecretRequest};
use wardline_sdk::prelude::*;
use wardline_sdk::state;

const ENUMERATION: &str = "CredentialAccess:Kubernetes/SecretEnumeration";

/// Service accounts read many secrets when an operator starts; once is worth a line.
const LOW: f64 = 3.0;

/// How long a secret that a service account has read is known as one of its own.
const KNOWN: Duration = Duration::from_secs(30 * 24 * 3600);

/// The detector.
pub struct SecretEnumeration {
    window: Duration,
    reads: u32,
    denials: u32,
}

impl Detector for SecretEnumeration {
    fn describe() -> Descriptor {
        Descriptor::new("secret-enumeration", env!("CARGO_PKG_VERSION"))
            .description("Finds accounts that read, or try to read, many secrets in a short time.")
            .audit(
                AuditSubscription::new()
                    .verbs(["get", "list", "watch"])
                    .api_groups([""])
                    .resources(["secrets"])
                    .outcomes(["success", "denied"]),
            )
            .setting(
                "window",
                "How long requests are counted together.",
                Duration::from_secs(600),
            )
            .setting(
                "reads",
                "How many different secrets or namespaces are many, when they are read.",
                20,
            )
            .setting(
                "denials",
                "How many are many, when they are refused.",
                5,
            )
            .finding(
                FindingType::new(ENUMERATION, 5.0)
                    .title("Many secrets were read or asked for")
                    .description(
                        "One account went through secrets one after the other, or took those of the whole \
                         cluster. Secrets hold the credentials of everything that runs here.",
                    )
                    .technique("T1552.007")
                    .remediation(
                        "Ask the owner of the account whether this was intended. If not, revoke its \
                         credentials (delete the pod that a token is bound to, or the certificate's \
                         bindings), rotate every secret in the evidence that was read, and give the account \
                         `get` by `resourceNames` instead of `list`.",
                    )
                    .false_positives(
                        "Backup, secret synchronisation and GitOps operators when they start: they are \
                         rated Low, and what they have read once is theirs for 30 days. Administrators who \
                         list the secrets of all namespaces.",
                    )
                    .reference("https://attack.mitre.org/techniques/T1552/007/")
                    .reference("https://kubernetes.io/docs/concepts/security/rbac-good-practices/#listing-secrets"),
            )
    }

    fn configure(settings: &Settings) -> Result<Self, String> {
        let count = |name| {
            u32::try_from(settings.integer(name)?)
                .ok()
                .filter(|count| (2..=1000).contains(count))
                .ok_or_else(|| format!("`{name}` must be from 2 to 1000"))
        };
        Ok(Self {
            window: settings.duration("window")?,
            reads: count("reads")?,
            denials: count("denials")?,
        })
    }

    fn on_audit_event(
        &mut self,
        event: AuditEvent<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        let user = event.user();
        // Kubelets read the secrets of their pods, each by name; what the Node
        // authorizer refuses them are those of pods that just left.
        if user.is_control_plane() || user.node().is_some() {
            return Ok(());
        }
        let Some(request) = SecretRequest::of(event) else {
            return Ok(());
        };
        if request.answer == Answer::Given && request.takes_all() {
            if user.service_account().is_none() {
                raise_all(event, findings);
            }
            return Ok(());
        }
        self.count(event, &request, findings)
    }
}

impl SecretEnumeration {
    fn count(
        &self,
        event: AuditEvent<'_>,
        request: &SecretRequest,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        let is_service_account = event.user().service_account().is_some();
        let (key, least) = match request.answer {
            Answer::Given => ("reads", self.reads),
            Answer::Denied => ("denials", self.denials),
        };
        let given = request.answer == Answer::Given;
        if given
            && is_service_account
            && !state::actor(event)
                .key("known")
                .first_seen(&request.target, KNOWN)?
        {
            return Ok(());
        }
        let window = state::actor(event)
            .key(key)
            .window(self.window, least.saturating_mul(10));
        let seen = window.observe(&request.target)?;
        if seen.distinct() < least {
            return Ok(());
        }
        window.clear()?;
        let mut finding = Finding::new(ENUMERATION)
            .on(event)
            .events(seen.events().iter().copied())
            .field(&event, AuditField::Username)
            .field(&event, AuditField::UserAgent)
            .field(&event, AuditField::Code)
            .evidence(event, "objectRef.namespace/name", seen.members().join(", "))
            .attribute("distinct", seen.distinct())
            .dedup_key(format!("{}/{key}", event.user().username()))
            .title(format!(
                "{} {} {} different secrets or namespaces of secrets",
                event.user().username(),
                if given { "read" } else { "was refused" },
                seen.distinct()
            ));
        if given && is_service_account {
            finding = finding.severity(LOW);
        }
        findings.raise(finding);
        Ok(())
    }
}

fn raise_all(event: AuditEvent<'_>, findings: &mut Findings) {
    findings.raise(
        Finding::new(ENUMERATION)
            .on(event)
            .field(&event, AuditField::Username)
            .field(&event, AuditField::Verb)
            .field(&event, AuditField::RequestUri)
            .field(&event, AuditField::Code)
            .dedup_key(format!("{}/all", event.user().username()))
            .title(format!(
                "{} read the secrets of all namespaces",
                event.user().username()
            )),
    );
}

wardline_sdk::detector!(SecretEnumeration);
