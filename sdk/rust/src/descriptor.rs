//! A detector's description of itself.

use std::time::Duration;

use crate::contract::{self, Ordering, SettingValue};
use crate::rules::TrustedUsers;
use crate::rules::severity::SeverityRule;

/// What a detector says of itself: its name, what it wants and what it can raise.
///
/// ```
/// use std::time::Duration;
/// use wardline_sdk::{AuditSubscription, Descriptor, FindingType};
///
/// let descriptor = Descriptor::new("secret-reads", env!("CARGO_PKG_VERSION"))
///     .description("Finds accounts that read many secrets in a short time.")
///     .audit(
///         AuditSubscription::new()
///             .verbs(["get", "list"])
///             .resources(["secrets"])
///             .outcomes(["success"]),
///     )
///     .finding(
///         FindingType::new("Discovery:Kubernetes/SecretEnumeration", 6.0)
///             .title("Many secrets were read")
///             .technique("T1552.007"),
///     )
///     .setting("window", "How long reads are counted together.", Duration::from_secs(300))
///     .setting("limit", "How many secrets are many.", 20);
/// # let _ = descriptor;
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Descriptor(contract::Descriptor);

impl Descriptor {
    /// A descriptor that says no more than name and version.
    ///
    /// The name is of lower-case letters, digits and hyphens, at most 63 of them;
    /// the version is a semantic one, and `env!("CARGO_PKG_VERSION")` fits.
    #[must_use]
    pub fn new(name: &str, version: &str) -> Self {
        Self(contract::Descriptor {
            name: name.to_owned(),
            version: version.to_owned(),
            ..contract::Descriptor::default()
        })
    }

    /// What the detector finds, in one or two sentences.
    #[must_use]
    pub fn description(mut self, text: &str) -> Self {
        self.0.description = text.to_owned();
        self
    }

    /// Asks for audit events. An event that meets any subscription is handed over.
    #[must_use]
    pub fn audit(mut self, subscription: AuditSubscription) -> Self {
        self.0.audit.push(subscription.0);
        self
    }

    /// Leaves the requests of these users out of all subscriptions to audit events that were
    /// added so far ([`AuditSubscription::except_usernames`]).
    #[must_use]
    pub fn except_usernames<'t>(
        mut self,
        names: impl IntoIterator<Item = &'t str, IntoIter: Clone>,
    ) -> Self {
        let names = names.into_iter();
        for subscription in &mut self.0.audit {
            except(subscription, names.clone());
        }
        self
    }

    /// Leaves the control plane's own work out of all subscriptions to audit events that were
    /// added so far ([`AuditSubscription::except_control_plane`]): what a detector without
    /// interest in it should say, since that is cheaper than to turn such events away.
    #[must_use]
    pub fn except_control_plane(self) -> Self {
        let names: Vec<String> = crate::view::control_plane().collect();
        self.except_usernames(names.iter().map(String::as_str))
    }

    /// Asks for runtime events.
    #[must_use]
    pub fn runtime(mut self, subscription: RuntimeSubscription) -> Self {
        self.0.runtime.push(subscription.0);
        self
    }

    /// Asks for findings of other detectors.
    #[must_use]
    pub fn signals(mut self, subscription: SignalSubscription) -> Self {
        self.0.signals.push(subscription.0);
        self
    }

    /// Declares a type of finding. The host refuses findings of any other.
    #[must_use]
    pub fn finding(mut self, finding_type: FindingType) -> Self {
        self.0.finding_types.push(finding_type.0);
        self
    }

    /// Declares a setting: its name (lower-case letters, digits and hyphens), what
    /// it means, and its default, which says of what kind it is.
    #[must_use]
    pub fn setting(
        mut self,
        name: &str,
        description: &str,
        default: impl Into<SettingDefault>,
    ) -> Self {
        self.0.settings.push(contract::Setting {
            name: name.to_owned(),
            description: description.to_owned(),
            default: default.into().0,
        });
        self
    }

    /// Declares the setting `trusted-users`, a list of user names that is empty by default.
    /// [`TrustedUsers::from_settings`] reads it.
    #[must_use]
    pub fn trusted_users(self) -> Self {
        self.setting(
            TrustedUsers::SETTING,
            TrustedUsers::DESCRIPTION,
            [] as [&str; 0],
        )
    }

    /// Says that the detector asks [`crate::inventory`] about objects of these
    /// kinds: `workloads`, `pods`, `service-accounts`, `bindings`.
    #[must_use]
    pub fn remembers<'t>(mut self, kinds: impl IntoIterator<Item = &'t str>) -> Self {
        self.0
            .remembers
            .extend(kinds.into_iter().map(str::to_owned));
        self
    }

    /// Says that all events must come in order from one thread, which opens
    /// [`crate::state::cluster`]. Costs the host its other threads for this
    /// detector: without it events are in order by actor.
    #[must_use]
    pub fn ordered_by_cluster(mut self) -> Self {
        self.0.ordering = Ordering::Cluster;
        self
    }

    /// What else a reader may want: `author`, `homepage`, `license`.
    #[must_use]
    pub fn attribute(mut self, key: &str, value: &str) -> Self {
        self.0.attributes.push(attribute(key, value));
        self
    }

    /// The descriptor as the contract has it.
    #[must_use]
    pub fn into_contract(self) -> contract::Descriptor {
        self.0
    }
}

fn attribute(key: &str, value: &str) -> contract::Attribute {
    contract::Attribute {
        key: key.to_owned(),
        value: value.to_owned(),
    }
}

/// The default of a setting: made from a text, a whole number, a number, a truth,
/// a list of texts or a length of time.
#[derive(Debug, Clone, PartialEq)]
pub struct SettingDefault(SettingValue);

impl SettingDefault {
    #[cfg(all(feature = "testing", not(target_arch = "wasm32")))]
    pub(crate) fn into_contract(self) -> SettingValue {
        self.0
    }
}

macro_rules! defaults {
    ($($kind:ty: $value:ident => $result:expr;)*) => {$(
        impl From<$kind> for SettingDefault {
            fn from($value: $kind) -> Self {
                Self($result)
            }
        }
    )*};
}

defaults! {
    &str: value => SettingValue::Text(value.to_owned());
    i64: value => SettingValue::Integer(value);
    i32: value => SettingValue::Integer(i64::from(value));
    f64: value => SettingValue::Decimal(value);
    bool: value => SettingValue::Boolean(value);
    &[&str]: value => SettingValue::Texts(value.iter().map(|&text| text.to_owned()).collect());
    Duration: value => SettingValue::Duration(nanoseconds(value));
}

impl<const N: usize> From<[&str; N]> for SettingDefault {
    fn from(value: [&str; N]) -> Self {
        value.as_slice().into()
    }
}

/// Nanoseconds, at most what the contract can say (584 years).
pub(crate) fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

fn except<'t>(
    subscription: &mut contract::AuditSubscription,
    names: impl IntoIterator<Item = &'t str>,
) {
    let names = names.into_iter();
    subscription
        .attributes
        .extend(names.map(|name| attribute("except-usernames", name)));
}

macro_rules! text_conditions {
    ($($(#[$doc:meta])* $name:ident,)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name<'t>(mut self, texts: impl IntoIterator<Item = &'t str>) -> Self {
            self.0.$name.extend(texts.into_iter().map(str::to_owned));
            self
        }
    )*};
}

/// A condition over audit events. All that is said must hold; of the texts of one
/// call one match is enough; what is not said holds always. Text matches exactly,
/// or as a prefix where it ends in `*`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AuditSubscription(contract::AuditSubscription);

impl AuditSubscription {
    /// Every request that was answered, once.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    text_conditions! {
        /// The verb: `get`, `create`, ...
        verbs,
        /// The API group; an empty text is the core group.
        api_groups,
        /// The resource: `pods`, `pods/exec`, `pods/*` for a resource with its
        /// subresources, `*` for all requests that are for a resource.
        resources,
        /// The namespace of the resource.
        namespaces,
        /// The name of the resource.
        names,
        /// The path, for requests that are for no resource: `/api*`. Where both
        /// `resources` and `paths` are given, either may match.
        paths,
        /// The user name, of who asked or whose rights were used.
        usernames,
        /// A group of either.
        groups,
        /// What the request came to: `success`, `denied`, `failure`, `unknown`.
        outcomes,
    }

    /// The least level of the audit policy at which the detector can judge such events
    /// (`audit.k8s.io/v1` `Level`); without, `metadata`. No condition: events of a lower
    /// level come all the same, and `wardline audit-policy` says what is missing.
    #[must_use]
    pub fn needs_level(mut self, level: contract::Level) -> Self {
        let text = match level {
            contract::Level::Metadata => "metadata",
            contract::Level::Request => "request",
            contract::Level::RequestResponse => "request-response",
        };
        self.0.attributes.push(attribute("level", text));
        self
    }

    /// Where the request came from. The one kind of address that this version knows is
    /// `public`: one of `sourceIPs`, wherever it stands, is of the internet
    /// ([`crate::rules::address::is_public`]).
    #[must_use]
    pub fn addresses<'t>(mut self, kinds: impl IntoIterator<Item = &'t str>) -> Self {
        let kinds = kinds.into_iter().map(|kind| attribute("addresses", kind));
        self.0.attributes.extend(kinds);
        self
    }

    /// Only requests that were made in the name of somebody else.
    #[must_use]
    pub fn impersonated(mut self) -> Self {
        self.0.attributes.push(attribute("impersonated", "true"));
        self
    }

    /// Not the requests of these users, unless they were made in the name of somebody else.
    /// The name of a service account or of a kubelet counts only with the group that the API
    /// server puts it in, since a certificate may have such a name without.
    #[must_use]
    pub fn except_usernames<'t>(mut self, names: impl IntoIterator<Item = &'t str>) -> Self {
        except(&mut self.0, names);
        self
    }

    /// Not what the control plane does at its own work: the requests of users of whom
    /// [`crate::view::User::is_control_plane`] is true, unless they were made in the name of
    /// somebody else.
    #[must_use]
    pub fn except_control_plane(self) -> Self {
        let names: Vec<String> = crate::view::control_plane().collect();
        self.except_usernames(names.iter().map(String::as_str))
    }

    /// Only clients whose user agent has one of these texts in it, whatever the case. A
    /// client chooses its user agent, so ask in this way for what gives itself away.
    #[must_use]
    pub fn user_agents<'t>(mut self, parts: impl IntoIterator<Item = &'t str>) -> Self {
        let parts = parts.into_iter();
        self.0
            .attributes
            .extend(parts.map(|part| attribute("user-agents", part)));
        self
    }

    /// The stages. Without, each request comes once, at its first stage with an
    /// answer.
    #[must_use]
    pub fn stages(mut self, stages: impl IntoIterator<Item = contract::Stage>) -> Self {
        self.0.stages.extend(stages);
        self
    }
}

/// A condition over runtime events; read like [`AuditSubscription`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RuntimeSubscription(contract::RuntimeSubscription);

impl RuntimeSubscription {
    /// Every runtime event.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    text_conditions! {
        /// The action: `exec`, `connect`, ...; see [`crate::RuntimeEvent::action`].
        actions,
        /// The path of the executable that acts.
        executables,
        /// The path of the file that is acted on.
        paths,
        /// The domain name that is asked for; a leading `*.` matches every name
        /// below.
        domains,
        /// The namespace of the pod.
        namespaces,
        /// `container`, `host`, or both.
        places,
    }

    /// The remote port.
    #[must_use]
    pub fn ports(mut self, ports: impl IntoIterator<Item = u16>) -> Self {
        self.0.ports.extend(ports);
        self
    }
}

/// A condition over the findings of other detectors; read like
/// [`AuditSubscription`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SignalSubscription(contract::SignalSubscription);

impl SignalSubscription {
    /// Every finding.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    text_conditions! {
        /// The finding type: `CredentialAccess:*`.
        finding_types,
    }

    /// Only findings at least this severe.
    #[must_use]
    pub fn minimum_severity(mut self, severity: f64) -> Self {
        self.0.minimum_severity = severity;
        self
    }
}

/// One kind of finding that a detector can raise.
#[derive(Debug, Clone, PartialEq)]
pub struct FindingType(contract::FindingType);

impl FindingType {
    /// A type of this name, `Purpose:Resource/Family` with `.Mechanism` and
    /// `!Artifact` where there are any, and of this severity, from 1.0 to 10.0
    /// (Low is below 4, Medium below 7, High below 9, Critical from 9 on).
    #[must_use]
    pub fn new(name: &str, severity: f64) -> Self {
        Self(contract::FindingType {
            name: name.to_owned(),
            severity,
            ..contract::FindingType::default()
        })
    }

    /// One line that says what happened, for findings that have none of their own.
    #[must_use]
    pub fn title(mut self, text: &str) -> Self {
        self.0.title = text.to_owned();
        self
    }

    /// What happened and why it matters, in a sentence or two.
    #[must_use]
    pub fn description(mut self, text: &str) -> Self {
        self.0.description = text.to_owned();
        self
    }

    /// An ATT&CK technique, by its id: `T1609`.
    #[must_use]
    pub fn technique(mut self, id: &str) -> Self {
        self.0.techniques.push(id.to_owned());
        self
    }

    /// What to do about it.
    #[must_use]
    pub fn remediation(mut self, text: &str) -> Self {
        self.0.remediation = text.to_owned();
        self
    }

    /// What else raises it, and how to tell.
    #[must_use]
    pub fn false_positives(mut self, text: &str) -> Self {
        self.0.false_positives = text.to_owned();
        self
    }

    /// Where the rule comes from: a URL, a CVE or KEP number.
    #[must_use]
    pub fn reference(mut self, text: &str) -> Self {
        self.0.references.push(text.to_owned());
        self
    }

    /// One rule by which the severity of a finding differs from the type's own:
    /// `3.0 if the request was refused`.
    #[must_use]
    pub fn severity_rule(self, text: &str) -> Self {
        self.attribute("severity-rule", text)
    }

    /// Documents the rules by which findings of this type have another severity, highest first.
    /// Each reads like [`FindingType::severity_rule`].
    #[must_use]
    pub fn severity_rules(self, rules: impl IntoIterator<Item = SeverityRule>) -> Self {
        rules.into_iter().fold(self, |finding_type, rule| {
            finding_type.severity_rule(&rule.to_string())
        })
    }

    /// How an operator makes it quieter or sharper.
    #[must_use]
    pub fn tuning(self, text: &str) -> Self {
        self.attribute("tuning", text)
    }

    /// What makes two findings of this type the same thing again, in words: what the
    /// rule gives as [`crate::Finding::dedup_key`], or `actor and resource`.
    #[must_use]
    pub fn aggregated_by(self, text: &str) -> Self {
        self.attribute("aggregation-key", text)
    }

    /// What else a reader may want. Keys that readers know: `severity-rule`, `tuning`,
    /// `aggregation-key`, `tactic` (an ATT&CK id such as TA0006, where the type's name
    /// does not begin with it).
    #[must_use]
    pub fn attribute(mut self, key: &str, value: &str) -> Self {
        self.0.attributes.push(attribute(key, value));
        self
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{AuditSubscription, Descriptor, FindingType, nanoseconds};
    use crate::contract::{Ordering, SettingValue, Stage};

    #[test]
    fn says_all_that_it_was_told() {
        let descriptor = Descriptor::new("name", "1.2.3")
            .description("What it finds.")
            .audit(
                AuditSubscription::new()
                    .verbs(["get"])
                    .verbs(["list"])
                    .stages([Stage::Panic]),
            )
            .finding(
                FindingType::new("A:B/C", 4.0)
                    .technique("T1")
                    .technique("T2"),
            )
            .remembers(["pods"])
            .ordered_by_cluster()
            .attribute("author", "me")
            .into_contract();
        let subscription = descriptor.audit.first().unwrap();
        assert_eq!(subscription.verbs, ["get", "list"]);
        assert_eq!(subscription.stages, [Stage::Panic]);
        assert_eq!(
            descriptor.finding_types.first().unwrap().techniques,
            ["T1", "T2"]
        );
        assert_eq!(descriptor.ordering, Ordering::Cluster);
        assert_eq!(descriptor.remembers, ["pods"]);
        assert_eq!(descriptor.attributes.len(), 1);
    }

    #[test]
    fn defaults_say_of_what_kind_a_setting_is() {
        let kinds: Vec<SettingValue> = Descriptor::new("name", "1.0.0")
            .setting("a", "", "x")
            .setting("b", "", 1)
            .setting("c", "", 1.0)
            .setting("d", "", false)
            .setting("e", "", ["x", "y"])
            .setting("f", "", Duration::from_millis(1))
            .into_contract()
            .settings
            .into_iter()
            .map(|setting| setting.default)
            .collect();
        assert_eq!(
            kinds,
            [
                SettingValue::Text("x".to_owned()),
                SettingValue::Integer(1),
                SettingValue::Decimal(1.0),
                SettingValue::Boolean(false),
                SettingValue::Texts(vec!["x".to_owned(), "y".to_owned()]),
                SettingValue::Duration(1_000_000),
            ]
        );
    }

    #[test]
    fn a_length_of_time_is_at_most_what_the_contract_can_say() {
        assert_eq!(nanoseconds(Duration::MAX), u64::MAX);
        assert_eq!(nanoseconds(Duration::from_nanos(3)), 3);
    }
}
