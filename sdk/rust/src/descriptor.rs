//! Descriptors: a detector's name, subscriptions, finding types, and settings.

use std::time::Duration;

use crate::contract::{self, Ordering, SettingValue};
use crate::rules::TrustedUsers;
use crate::rules::severity::SeverityRule;

/// A detector's description of itself: its name, subscriptions, finding types, and settings.
///
/// ```
/// use std::time::Duration;
/// use wardline_sdk::{AuditSubscription, Descriptor, FindingType};
///
/// let descriptor = Descriptor::new("secret-reads", env!("CARGO_PKG_VERSION"))
///     .description("Reports accounts that read many secrets in a short time.")
///     .audit(
///         AuditSubscription::new()
///             .verbs(["get", "list"])
///             .resources(["secrets"])
///             .outcomes(["success"]),
///     )
///     .finding(
///         FindingType::new("Discovery:Kubernetes/SecretEnumeration", 6.0)
///             .title("Many secrets were read by one account")
///             .technique("T1552.007"),
///     )
///     .setting("window", "Period over which reads are counted.", Duration::from_secs(300))
///     .setting("limit", "Minimum number of secrets that is reported.", 20);
/// # let _ = descriptor;
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Descriptor(contract::Descriptor);

impl Descriptor {
    /// Returns a descriptor with a name and a version.
    ///
    /// The name consists of at most 63 lower-case letters, digits, and hyphens. The version is a
    /// semantic version, such as `env!("CARGO_PKG_VERSION")`.
    #[must_use]
    pub fn new(name: &str, version: &str) -> Self {
        Self(contract::Descriptor {
            name: name.to_owned(),
            version: version.to_owned(),
            ..contract::Descriptor::default()
        })
    }

    /// Sets the description: what the detector reports, in one or two sentences.
    #[must_use]
    pub fn description(mut self, text: &str) -> Self {
        self.0.description = text.to_owned();
        self
    }

    /// Adds a subscription to audit events. The detector receives the events that match any of
    /// its subscriptions.
    #[must_use]
    pub fn audit(mut self, subscription: AuditSubscription) -> Self {
        self.0.audit.push(subscription.0);
        self
    }

    /// Excludes the requests of these users from all subscriptions to audit events that were added
    /// so far ([`AuditSubscription::except_usernames`]).
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

    /// Excludes the control plane's own requests from all subscriptions to audit events that were
    /// added so far ([`AuditSubscription::except_control_plane`]). This is cheaper than receiving
    /// such events and ignoring them.
    #[must_use]
    pub fn except_control_plane(self) -> Self {
        let names: Vec<String> = crate::view::control_plane().collect();
        self.except_usernames(names.iter().map(String::as_str))
    }

    /// Adds a subscription to runtime events.
    #[must_use]
    pub fn runtime(mut self, subscription: RuntimeSubscription) -> Self {
        self.0.runtime.push(subscription.0);
        self
    }

    /// Adds a subscription to findings of other detectors.
    #[must_use]
    pub fn signals(mut self, subscription: SignalSubscription) -> Self {
        self.0.signals.push(subscription.0);
        self
    }

    /// Declares a finding type. The host refuses findings of undeclared types.
    #[must_use]
    pub fn finding(mut self, finding_type: FindingType) -> Self {
        self.0.finding_types.push(finding_type.0);
        self
    }

    /// Declares a setting: its name (lower-case letters, digits, and hyphens), its description, and
    /// its default, which determines the kind of value.
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

    /// Declares the kinds of object that the detector queries in [`crate::inventory`]: `workloads`,
    /// `pods`, `service-accounts`, `bindings`.
    #[must_use]
    pub fn remembers<'t>(mut self, kinds: impl IntoIterator<Item = &'t str>) -> Self {
        self.0
            .remembers
            .extend(kinds.into_iter().map(str::to_owned));
        self
    }

    /// Requires all events in order on one thread, which allows [`crate::state::cluster`]. The host
    /// then runs the detector on one thread only; by default, only the events of each actor are in
    /// order.
    #[must_use]
    pub fn ordered_by_cluster(mut self) -> Self {
        self.0.ordering = Ordering::Cluster;
        self
    }

    /// Adds an attribute, such as `author`, `homepage`, or `license`.
    #[must_use]
    pub fn attribute(mut self, key: &str, value: &str) -> Self {
        self.0.attributes.push(attribute(key, value));
        self
    }

    /// Converts the descriptor to the contract's type.
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

/// The default of a setting, which converts from a text, an integer, a number, a boolean, a list
/// of texts, or a duration.
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

/// Converts to nanoseconds, capped at the contract's maximum (584 years).
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

/// A condition on audit events. All fields that are set must match; a field matches if any of its
/// texts does. A text matches exactly, or as a prefix if it ends in `*`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AuditSubscription(contract::AuditSubscription);

impl AuditSubscription {
    /// Returns a subscription that matches every answered request once.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    text_conditions! {
        /// Verbs: `get`, `create`, and so on.
        verbs,
        /// API groups; the empty text is the core group.
        api_groups,
        /// Resources: `pods`, `pods/exec`, `pods/*` for a resource and its subresources, `*` for
        /// every resource request.
        resources,
        /// Namespaces of the resource.
        namespaces,
        /// Names of the resource.
        names,
        /// Paths of non-resource requests: `/api*`. If both `resources` and `paths` are set, either
        /// may match.
        paths,
        /// User names of the authenticated or the impersonated user.
        usernames,
        /// Groups of the authenticated or the impersonated user.
        groups,
        /// Outcomes: `success` (code below 400), `denied` (401, 403), `failure`, `unknown` (no
        /// code).
        outcomes,
    }

    /// Declares the lowest audit level (`audit.k8s.io/v1` `Level`) at which the detector can judge
    /// these events; the default is `metadata`. This is not a condition: events of a lower level
    /// match too, and `wardline audit-policy` reports a policy that logs too little.
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

    /// Kinds of source address. This version knows one, `public`: any of `sourceIPs` is an address
    /// of the internet ([`crate::rules::address::is_public`]).
    #[must_use]
    pub fn addresses<'t>(mut self, kinds: impl IntoIterator<Item = &'t str>) -> Self {
        let kinds = kinds.into_iter().map(|kind| attribute("addresses", kind));
        self.0.attributes.extend(kinds);
        self
    }

    /// Only impersonated requests.
    #[must_use]
    pub fn impersonated(mut self) -> Self {
        self.0.attributes.push(attribute("impersonated", "true"));
        self
    }

    /// Excludes the requests of these users, unless they impersonate another user. The name of a
    /// service account or a kubelet counts only together with the group that the API server assigns
    /// to it, since a certificate may carry such a name without the group.
    #[must_use]
    pub fn except_usernames<'t>(mut self, names: impl IntoIterator<Item = &'t str>) -> Self {
        except(&mut self.0, names);
        self
    }

    /// Excludes the control plane's own requests: those of users for which
    /// [`crate::view::User::is_control_plane`] is true, unless they impersonate another user.
    #[must_use]
    pub fn except_control_plane(self) -> Self {
        let names: Vec<String> = crate::view::control_plane().collect();
        self.except_usernames(names.iter().map(String::as_str))
    }

    /// Only clients whose user agent contains one of these texts, ignoring case. Clients choose
    /// their user agents, so use this only for those that give themselves away.
    #[must_use]
    pub fn user_agents<'t>(mut self, parts: impl IntoIterator<Item = &'t str>) -> Self {
        let parts = parts.into_iter();
        self.0
            .attributes
            .extend(parts.map(|part| attribute("user-agents", part)));
        self
    }

    /// Stages. By default, each request matches once, at its answer (the first stage with a
    /// response status).
    #[must_use]
    pub fn stages(mut self, stages: impl IntoIterator<Item = contract::Stage>) -> Self {
        self.0.stages.extend(stages);
        self
    }
}

/// A condition on runtime events, with the rules of [`AuditSubscription`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RuntimeSubscription(contract::RuntimeSubscription);

impl RuntimeSubscription {
    /// Returns a subscription that matches every runtime event.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    text_conditions! {
        /// Actions: `exec`, `connect`, and so on; see [`crate::RuntimeEvent::action`].
        actions,
        /// Paths of the acting executable.
        executables,
        /// Paths of the file that is acted on.
        paths,
        /// Queried domain names; a leading `*.` matches every name below.
        domains,
        /// Namespaces of the pod.
        namespaces,
        /// `container`, `host`, or both.
        places,
    }

    /// Remote ports.
    #[must_use]
    pub fn ports(mut self, ports: impl IntoIterator<Item = u16>) -> Self {
        self.0.ports.extend(ports);
        self
    }
}

/// A condition on the findings of other detectors, with the rules of [`AuditSubscription`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SignalSubscription(contract::SignalSubscription);

impl SignalSubscription {
    /// Returns a subscription that matches every finding.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    text_conditions! {
        /// Finding types: `CredentialAccess:*`.
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
    /// Returns a type with this name, `Purpose:Resource/Family` with an optional `.Mechanism` and
    /// `!Artifact`, and this severity, from 1.0 to 10.0 (Low is below 4, Medium below 7, High below
    /// 9, Critical from 9 on).
    #[must_use]
    pub fn new(name: &str, severity: f64) -> Self {
        Self(contract::FindingType {
            name: name.to_owned(),
            severity,
            ..contract::FindingType::default()
        })
    }

    /// Sets the title of findings that do not set their own: at most 70 characters that name the
    /// object and what happened to it.
    #[must_use]
    pub fn title(mut self, text: &str) -> Self {
        self.0.title = text.to_owned();
        self
    }

    /// Sets the description: what was observed and why an attacker does it, in two to four
    /// sentences.
    #[must_use]
    pub fn description(mut self, text: &str) -> Self {
        self.0.description = text.to_owned();
        self
    }

    /// Adds an ATT&CK technique by its id: `T1609`.
    #[must_use]
    pub fn technique(mut self, id: &str) -> Self {
        self.0.techniques.push(id.to_owned());
        self
    }

    /// Sets the remediation: imperatives, in the order in which a responder follows them.
    #[must_use]
    pub fn remediation(mut self, text: &str) -> Self {
        self.0.remediation = text.to_owned();
        self
    }

    /// Sets the false positives: legitimate activity that raises the finding, and how to recognize
    /// it.
    #[must_use]
    pub fn false_positives(mut self, text: &str) -> Self {
        self.0.false_positives = text.to_owned();
        self
    }

    /// Adds a source of the rule: a URL, a CVE number, or a KEP number.
    #[must_use]
    pub fn reference(mut self, text: &str) -> Self {
        self.0.references.push(text.to_owned());
        self
    }

    /// Adds a rule by which a finding has another severity than its type:
    /// `3.0 if the request was denied`.
    #[must_use]
    pub fn severity_rule(self, text: &str) -> Self {
        self.attribute("severity-rule", text)
    }

    /// Adds the rules that findings of this type pass to [`crate::Finding::severity`], highest
    /// first. Each is rendered as in [`FindingType::severity_rule`].
    #[must_use]
    pub fn severity_rules(self, rules: impl IntoIterator<Item = SeverityRule>) -> Self {
        rules.into_iter().fold(self, |finding_type, rule| {
            finding_type.severity_rule(&rule.to_string())
        })
    }

    /// Describes how an operator tunes the rule. Names settings in backticks.
    #[must_use]
    pub fn tuning(self, text: &str) -> Self {
        self.attribute("tuning", text)
    }

    /// Describes the deduplication key in words: what the rule passes to
    /// [`crate::Finding::dedup_key`], or `actor and resource`.
    #[must_use]
    pub fn aggregated_by(self, text: &str) -> Self {
        self.attribute("aggregation-key", text)
    }

    /// Adds an attribute. Known keys are `severity-rule`, `tuning`, `aggregation-key`, and `tactic`
    /// (an ATT&CK id such as TA0006, if the type's name does not begin with the tactic).
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
    fn contains_everything_that_was_set() {
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
    fn default_determines_the_kind_of_a_setting() {
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
    fn duration_is_capped_at_the_maximum_of_the_contract() {
        assert_eq!(nanoseconds(Duration::MAX), u64::MAX);
        assert_eq!(nanoseconds(Duration::from_nanos(3)), 3);
    }
}
