//! What a detector says of itself.

use wardline_event::model::{Attribute, Stage};
#[cfg(feature = "component")]
use wasmtime::component::{ComponentType, Lift, Lower};

/// What a detector says of itself. Asked for once when a file is loaded, of
/// an instance that sees nothing else; the answer must not depend on
/// anything, and the host asks twice to see that.
#[derive(Debug, Clone, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(
    feature = "component",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct Descriptor {
    /// Lower-case letters, digits and hyphens, at most 63 of them (the form
    /// of a DNS label, RFC 1123).
    pub name: String,
    /// A semantic version (semver.org), such as `1.4.0`.
    pub version: String,
    /// One or two sentences: what it finds.
    pub description: String,
    /// Which audit events it wants; an event that matches any of them is
    /// handed over. None means no audit events.
    pub audit: Vec<AuditSubscription>,
    /// Which runtime events it wants.
    pub runtime: Vec<RuntimeSubscription>,
    /// Which findings of other detectors it wants.
    pub signals: Vec<SignalSubscription>,
    /// The finding types that it can raise; any other is refused.
    #[cfg_attr(feature = "component", component(name = "finding-types"))]
    pub finding_types: Vec<FindingType>,
    /// The settings that an operator may give it.
    pub settings: Vec<Setting>,
    /// The kinds of object that it asks `inventory` about, of `workloads`,
    /// `pods`, `service-accounts` and `bindings`.
    pub remembers: Vec<String>,
    /// Whose events must reach it in order, and so how far its state is
    /// shared.
    pub ordering: Ordering,
    /// What else a reader may want: `author`, `homepage`, `license`.
    pub attributes: Vec<Attribute>,
}

/// How events are divided over the host's threads for a detector.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(
    feature = "component",
    derive(ComponentType, Lift, Lower),
    component(enum)
)]
#[repr(u8)]
pub enum Ordering {
    /// The events of one actor come in order; those of two actors may be
    /// judged at the same time. `state` is then open per actor only.
    #[cfg_attr(feature = "component", component(name = "actor"))]
    #[default]
    Actor,
    /// All events come in order, from one thread. `state` is then open per
    /// actor and for the whole cluster.
    #[cfg_attr(feature = "component", component(name = "cluster"))]
    Cluster,
}

/// A condition over audit events. All fields must hold; inside a field one
/// match is enough; an empty field holds always. Text matches exactly, or
/// as a prefix where it ends in `*`.
#[derive(Debug, Clone, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(
    feature = "component",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct AuditSubscription {
    /// Empty means each request once, at its first stage with an answer.
    pub stages: Vec<Stage>,
    /// Verbs.
    pub verbs: Vec<String>,
    /// API groups.
    #[cfg_attr(feature = "component", component(name = "api-groups"))]
    pub api_groups: Vec<String>,
    /// `pods`, or `pods/exec` for a subresource, or `pods/*` for the
    /// resource and all its subresources. `*` alone is every request for
    /// a resource.
    pub resources: Vec<String>,
    /// Namespaces.
    pub namespaces: Vec<String>,
    /// Names of objects.
    pub names: Vec<String>,
    /// Paths of requests that are for no resource, such as `/api*`. Where both
    /// `resources` and `paths` are given, either may match.
    pub paths: Vec<String>,
    /// User names: who asked, or whose rights were used.
    pub usernames: Vec<String>,
    /// Groups of users.
    pub groups: Vec<String>,
    /// What the request came to: any of `success` (a code below 400),
    /// `denied` (401, 403), `failure` (any other code), `unknown` (no
    /// code). Empty means all.
    pub outcomes: Vec<String>,
    /// Conditions that later versions add; a host refuses those that it
    /// does not know.
    pub attributes: Vec<Attribute>,
}

/// A condition over runtime events; read like `audit-subscription`.
#[derive(Debug, Clone, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(
    feature = "component",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct RuntimeSubscription {
    /// Names of actions, listed at `runtime-types.runtime-event.action`.
    pub actions: Vec<String>,
    /// Paths of the executable that acts.
    pub executables: Vec<String>,
    /// Paths of the file that is acted on.
    pub paths: Vec<String>,
    /// Remote ports.
    pub ports: Vec<u16>,
    /// Domain names that are asked for; a leading `*.` matches every name below.
    pub domains: Vec<String>,
    /// Namespaces.
    pub namespaces: Vec<String>,
    /// `container`, `host`, or both; empty means both.
    pub places: Vec<String>,
    /// Conditions that later versions add.
    pub attributes: Vec<Attribute>,
}

/// A condition over the findings of other detectors; read like
/// `audit-subscription`.
#[derive(Debug, Clone, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(
    feature = "component",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct SignalSubscription {
    /// Finding types.
    #[cfg_attr(feature = "component", component(name = "finding-types"))]
    pub finding_types: Vec<String>,
    /// Only findings at least this severe; 0 means all.
    #[cfg_attr(feature = "component", component(name = "minimum-severity"))]
    pub minimum_severity: f64,
    /// Conditions that later versions add.
    pub attributes: Vec<Attribute>,
}

/// One kind of finding that a detector can raise.
#[derive(Debug, Clone, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(
    feature = "component",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct FindingType {
    /// `Purpose:Resource/Family`, with `.Mechanism` and `!Artifact` where
    /// there are any: `Execution:Kubernetes/ExecInKubeSystemPod`.
    pub name: String,
    /// From 1.0 to 10.0.
    pub severity: f64,
    /// One line.
    pub title: String,
    /// What it is.
    pub description: String,
    /// ATT&CK technique ids, such as `T1609`.
    pub techniques: Vec<String>,
    /// What to do about it.
    pub remediation: String,
    /// What else raises it, and how to tell.
    #[cfg_attr(feature = "component", component(name = "false-positives"))]
    pub false_positives: String,
    /// Where the rule comes from: URLs, CVE or KEP numbers.
    pub references: Vec<String>,
    /// Conditions that later versions add.
    pub attributes: Vec<Attribute>,
}

/// One setting that an operator may give.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(
    feature = "component",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct Setting {
    /// Lower-case letters, digits and hyphens.
    pub name: String,
    /// What it is.
    pub description: String,
    /// The kind of value, and the value it has if the operator gives none.
    pub default: SettingValue,
}

/// The value of a setting.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(
    feature = "component",
    derive(ComponentType, Lift, Lower),
    component(variant)
)]
pub enum SettingValue {
    /// One text.
    #[cfg_attr(feature = "component", component(name = "text"))]
    Text(String),
    /// A whole number.
    #[cfg_attr(feature = "component", component(name = "integer"))]
    Integer(i64),
    /// A number.
    #[cfg_attr(feature = "component", component(name = "decimal"))]
    Decimal(f64),
    /// Yes or no.
    #[cfg_attr(feature = "component", component(name = "boolean"))]
    Boolean(bool),
    /// A list of texts.
    #[cfg_attr(feature = "component", component(name = "texts"))]
    Texts(Vec<String>),
    /// Nanoseconds; an operator writes `90s`, `5m`, `2h`.
    #[cfg_attr(feature = "component", component(name = "duration"))]
    Duration(u64),
}
