//! Checks a detector's descriptor.

use std::collections::HashSet;

use wardline_contract::Descriptor;
use wardline_route::{SubscriptionError, Subscriptions};
use wardline_text::{Hint, shown};

/// Maximum number of values in all subscriptions together, because the host compares each event
/// with them on its own time.
const MAX_SUBSCRIPTION_VALUES: usize = 4096;

/// The name that findings of the host about itself have in place of a detector's.
const RESERVED_NAME: &str = "host";
/// How the types of these findings begin. A detector that could raise one could drown a true one.
const RESERVED_FAMILY: &str = "Health:Wardline/";

/// The fault in a descriptor.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum DescriptorError {
    /// Two calls of `describe` returned different descriptors.
    #[error("two calls of `describe` returned different descriptors")]
    Changing,
    /// The name is not a DNS label (RFC 1123, section 2.1).
    #[error(
        "the name `{0}` must consist of 1 to 63 lower-case letters, digits, and hyphens, and begin and end with a letter or digit"
    )]
    Name(String),
    /// The version does not follow semantic versioning (semver.org).
    #[error("the version `{0}` is not a semantic version such as 1.4.0")]
    Version(String),
    /// The description is empty.
    #[error("the descriptor has no description")]
    Description,
    /// There are no subscriptions.
    #[error("the descriptor has no subscriptions")]
    Idle,
    /// A subscription names a family for which the detector exports no function.
    #[error("the detector subscribes to {family} events but does not export `{export}`")]
    NoFunction {
        /// The event family.
        family: &'static str,
        /// The missing interface.
        export: &'static str,
    },
    /// The subscriptions have more values than the host compares with every event.
    #[error("the subscriptions have {count} values; the limit is {MAX_SUBSCRIPTION_VALUES}")]
    TooManyValues {
        /// The number of values.
        count: usize,
    },
    /// A subscription is invalid.
    #[error(transparent)]
    Subscription(#[from] SubscriptionError),
    /// There are no finding types.
    #[error("the descriptor declares no finding type")]
    NoFindingTypes,
    /// The name of a finding type does not follow the grammar.
    #[error(
        "the finding type `{0}` does not have the form `Purpose:Resource/Family[.Mechanism][!Artifact]`"
    )]
    FindingType(String),
    /// The name of a finding type is that of a finding of the host about itself.
    #[error("the finding type `{0}` is reserved for the host")]
    ReservedType(String),
    /// The name is that of the host's own findings.
    #[error("the name `{0}` is reserved for findings of the host about itself")]
    ReservedName(String),
    /// A finding type is declared twice.
    #[error("the finding type `{0}` is declared twice")]
    DuplicateType(String),
    /// A severity is out of range.
    #[error("the severity {severity} of `{name}` is outside the range 1.0 to 10.0")]
    Severity {
        /// The finding type.
        name: String,
        /// The declared severity.
        severity: f64,
    },
    /// A finding type has no title.
    #[error("the finding type `{0}` has no title")]
    Title(String),
    /// A technique is not an ATT&CK id (attack.mitre.org).
    #[error("`{technique}` of `{name}` is not an ATT&CK technique id such as T1609 or T1552.007")]
    Technique {
        /// The finding type.
        name: String,
        /// The declared technique.
        technique: String,
    },
    /// The name of a setting is invalid or declared twice.
    #[error(
        "the setting `{0}` is declared twice, or its name does not consist of lower-case letters, digits, and hyphens"
    )]
    Setting(String),
    /// The inventory does not cover an object kind that the detector requests.
    #[error(
        "the inventory does not cover `{0}`; it covers workloads, pods, service-accounts, and bindings"
    )]
    Remembers(String),
}

impl Hint for DescriptorError {
    fn hint(&self) -> Option<String> {
        Some("correct the descriptor that `describe` returns (wit/v0.1/lifecycle.wit)".into())
    }
}

/// The event families for which a detector exports a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExportedFamilies {
    /// `audit` or `audit-packed`.
    pub audit: bool,
    /// `runtime` or `runtime-packed`.
    pub runtime: bool,
    /// `signals`.
    pub signals: bool,
}

/// Checks a descriptor for consistency, and against what the detector exports. Returns its
/// subscriptions, ready to be matched with events.
///
/// # Errors
/// Returns the first [`DescriptorError`] that applies, except [`DescriptorError::Changing`].
pub fn check_descriptor(
    descriptor: &Descriptor,
    exports: ExportedFamilies,
) -> Result<Subscriptions, DescriptorError> {
    check_identity(descriptor)?;
    if descriptor.audit.is_empty() && descriptor.runtime.is_empty() && descriptor.signals.is_empty()
    {
        return Err(DescriptorError::Idle);
    }
    let count = values(descriptor);
    if count > MAX_SUBSCRIPTION_VALUES {
        return Err(DescriptorError::TooManyValues { count });
    }
    for (wanted, there, family, export) in [
        (
            !descriptor.audit.is_empty(),
            exports.audit,
            "audit",
            "audit",
        ),
        (
            !descriptor.runtime.is_empty(),
            exports.runtime,
            "runtime",
            "runtime",
        ),
        (
            !descriptor.signals.is_empty(),
            exports.signals,
            "signal",
            "signals",
        ),
    ] {
        if wanted && !there {
            return Err(DescriptorError::NoFunction { family, export });
        }
    }
    check_finding_types(descriptor)?;
    let mut names = HashSet::new();
    for setting in &descriptor.settings {
        if !is_label(&setting.name) || !names.insert(setting.name.as_str()) {
            return Err(DescriptorError::Setting(shown(&setting.name, 64)));
        }
    }
    for kind in &descriptor.remembers {
        if !["workloads", "pods", "service-accounts", "bindings"].contains(&kind.as_str()) {
            return Err(DescriptorError::Remembers(shown(kind, 64)));
        }
    }
    Ok(Subscriptions::new(descriptor)?)
}

/// Counts the values of all subscriptions; an empty subscription counts as one.
fn values(descriptor: &Descriptor) -> usize {
    let audit = descriptor.audit.iter().map(|one| {
        one.stages.len()
            + one.verbs.len()
            + one.api_groups.len()
            + one.resources.len()
            + one.namespaces.len()
            + one.names.len()
            + one.paths.len()
            + one.usernames.len()
            + one.groups.len()
            + one.outcomes.len()
    });
    let runtime = descriptor.runtime.iter().map(|one| {
        one.actions.len()
            + one.executables.len()
            + one.paths.len()
            + one.ports.len()
            + one.domains.len()
            + one.namespaces.len()
            + one.places.len()
    });
    let signals = descriptor.signals.iter().map(|one| one.finding_types.len());
    audit
        .chain(runtime)
        .chain(signals)
        .map(|count| count.max(1))
        .sum()
}

fn check_identity(descriptor: &Descriptor) -> Result<(), DescriptorError> {
    if !is_label(&descriptor.name) {
        return Err(DescriptorError::Name(shown(&descriptor.name, 128)));
    }
    if descriptor.name == RESERVED_NAME {
        return Err(DescriptorError::ReservedName(descriptor.name.clone()));
    }
    if semver::Version::parse(&descriptor.version).is_err() {
        return Err(DescriptorError::Version(shown(&descriptor.version, 64)));
    }
    if descriptor.description.trim().is_empty() {
        return Err(DescriptorError::Description);
    }
    Ok(())
}

fn check_finding_types(descriptor: &Descriptor) -> Result<(), DescriptorError> {
    if descriptor.finding_types.is_empty() {
        return Err(DescriptorError::NoFindingTypes);
    }
    let mut names = HashSet::new();
    for known in &descriptor.finding_types {
        let name = shown(&known.name, 256);
        if !is_finding_type(&known.name) {
            return Err(DescriptorError::FindingType(name));
        }
        if known.name.starts_with(RESERVED_FAMILY) {
            return Err(DescriptorError::ReservedType(name));
        }
        if !names.insert(known.name.as_str()) {
            return Err(DescriptorError::DuplicateType(name));
        }
        if !(1.0..=10.0).contains(&known.severity) {
            return Err(DescriptorError::Severity {
                name,
                severity: known.severity,
            });
        }
        if known.title.trim().is_empty() {
            return Err(DescriptorError::Title(name));
        }
        for technique in &known.techniques {
            if !is_technique(technique) {
                return Err(DescriptorError::Technique {
                    name,
                    technique: shown(technique, 64),
                });
            }
        }
    }
    Ok(())
}

fn is_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

/// Checks a finding type against GuardDuty's grammar
/// (docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-format.html).
fn is_finding_type(text: &str) -> bool {
    let word = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'&' | b'-'))
    };
    let Some((purpose, rest)) = text.split_once(':') else {
        return false;
    };
    let Some((resource, rest)) = rest.split_once('/') else {
        return false;
    };
    let (family, artifact) = match rest.split_once('!') {
        Some((family, artifact)) => (family, Some(artifact)),
        None => (rest, None),
    };
    text.len() <= 128
        && word(purpose)
        && word(resource)
        && family.split('.').all(word)
        && artifact.is_none_or(|artifact| artifact.split('.').all(word))
}

fn is_technique(text: &str) -> bool {
    let digits =
        |part: &str, count| part.len() == count && part.bytes().all(|b| b.is_ascii_digit());
    text.strip_prefix('T')
        .is_some_and(|rest| match rest.split_once('.') {
            Some((technique, sub)) => digits(technique, 4) && digits(sub, 3),
            None => digits(rest, 4),
        })
}

#[cfg(test)]
mod tests {
    use wardline_contract::{Descriptor, FindingType};

    use super::{
        DescriptorError, check_finding_types, check_identity, is_finding_type, is_label,
        is_technique,
    };

    #[test]
    fn names_of_the_host_are_reserved() {
        let mut descriptor = Descriptor {
            name: "host".to_owned(),
            version: "1.0.0".to_owned(),
            description: "a test".to_owned(),
            finding_types: vec![FindingType {
                name: "Health:Wardline/NotJudged".to_owned(),
                severity: 5.0,
                title: "A test".to_owned(),
                ..FindingType::default()
            }],
            ..Descriptor::default()
        };
        assert!(matches!(
            check_identity(&descriptor),
            Err(DescriptorError::ReservedName(_))
        ));
        descriptor.name = "other".to_owned();
        assert_eq!(check_identity(&descriptor), Ok(()));
        assert!(matches!(
            check_finding_types(&descriptor),
            Err(DescriptorError::ReservedType(_))
        ));
    }

    #[test]
    fn finding_types_follow_the_grammar_of_guardduty() {
        for good in [
            "Execution:Kubernetes/ExecInKubeSystemPod",
            "CredentialAccess:Kubernetes/MaliciousIPCaller.Custom",
            "Backdoor:Runtime/C&CActivity.B!DNS",
        ] {
            assert!(is_finding_type(good), "{good}");
        }
        for bad in [
            "",
            "Execution",
            "Execution:Kubernetes",
            "A:B/",
            "A:B/C..D",
            "A:B/C d",
            ":B/C",
        ] {
            assert!(!is_finding_type(bad), "{bad}");
        }
    }

    #[test]
    fn names_are_dns_labels() {
        assert!(is_label("exec-in-kube-system"));
        for bad in ["", "-a", "a-", "A", "a.b", &"a".repeat(64)] {
            assert!(!is_label(bad), "{bad}");
        }
    }

    #[test]
    fn techniques_are_attack_ids() {
        assert!(is_technique("T1609") && is_technique("T1552.007"));
        for bad in ["1609", "T16", "T1552.7", "TA0002", "T1552."] {
            assert!(!is_technique(bad), "{bad}");
        }
    }
}
