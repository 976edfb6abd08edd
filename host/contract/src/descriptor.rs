//! Descriptors of detectors.

use wardline_event::model::{Attribute, Stage};
#[cfg(feature = "component")]
use wasmtime::component::{ComponentType, Lift, Lower};

/// The description that a detector gives of itself. The host asks a separate instance for it when a
/// file is loaded. The answer must always be the same, and the host asks twice to verify that.
#[derive(Debug, Clone, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(
    feature = "component",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct Descriptor {
    /// Lower-case letters, digits, and hyphens, at most 63 of them (the form of a DNS label,
    /// RFC 1123).
    pub name: String,
    /// A semantic version (semver.org), such as `1.4.0`.
    pub version: String,
    /// The activity that the detector finds, in one or two sentences.
    pub description: String,
    /// Subscriptions to audit events: the detector receives an event that matches any of them. If
    /// empty, it receives no audit events.
    pub audit: Vec<AuditSubscription>,
    /// Subscriptions to runtime events.
    pub runtime: Vec<RuntimeSubscription>,
    /// Subscriptions to findings of other detectors.
    pub signals: Vec<SignalSubscription>,
    /// The finding types that the detector may return; the host refuses any other.
    #[cfg_attr(feature = "component", component(name = "finding-types"))]
    pub finding_types: Vec<FindingType>,
    /// The settings that an operator may give.
    pub settings: Vec<Setting>,
    /// The kinds of object that the detector queries `inventory` for: `workloads`, `pods`,
    /// `service-accounts`, and `bindings`.
    pub remembers: Vec<String>,
    /// Which events must arrive in order, and therefore how far state is shared.
    pub ordering: Ordering,
    /// Further information for readers: `author`, `homepage`, `license`.
    pub attributes: Vec<Attribute>,
}

/// How a detector's events are divided among the host's threads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(
    feature = "component",
    derive(ComponentType, Lift, Lower),
    component(enum)
)]
#[repr(u8)]
pub enum Ordering {
    /// The events of one actor arrive in order; those of different actors may be judged at the same
    /// time. State is available per actor only.
    #[cfg_attr(feature = "component", component(name = "actor"))]
    #[default]
    Actor,
    /// All events arrive in order, from one thread. State is available per actor and for the whole
    /// cluster.
    #[cfg_attr(feature = "component", component(name = "cluster"))]
    Cluster,
}

/// A condition on audit events. All fields must match. One matching value is enough within a field,
/// and an empty field always matches. Text matches exactly, or as a prefix if it ends in `*`.
#[derive(Debug, Clone, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(
    feature = "component",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct AuditSubscription {
    /// Stages; if empty, each request once, at its first stage with an answer.
    pub stages: Vec<Stage>,
    /// Verbs.
    pub verbs: Vec<String>,
    /// API groups.
    #[cfg_attr(feature = "component", component(name = "api-groups"))]
    pub api_groups: Vec<String>,
    /// `pods`, `pods/exec` for a subresource, or `pods/*` for the resource and all its
    /// subresources. `*` alone matches every request for a resource.
    pub resources: Vec<String>,
    /// Namespaces.
    pub namespaces: Vec<String>,
    /// Names of objects.
    pub names: Vec<String>,
    /// Paths of requests that are not for a resource, such as `/api*`. If both `resources` and
    /// `paths` are given, either may match.
    pub paths: Vec<String>,
    /// Names of the user who made the request, or of the impersonated user.
    pub usernames: Vec<String>,
    /// Groups of users.
    pub groups: Vec<String>,
    /// Outcomes of the request: `success` (a code below 400), `denied` (401 or 403), `failure` (any
    /// other code), or `unknown` (no code). If empty, all.
    pub outcomes: Vec<String>,
    /// Conditions that later versions add; a host refuses those that it does not know.
    pub attributes: Vec<Attribute>,
}

/// A condition on runtime events, evaluated like [`AuditSubscription`].
#[derive(Debug, Clone, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(
    feature = "component",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct RuntimeSubscription {
    /// Names of actions, which are listed at `runtime-types.runtime-event.action`.
    pub actions: Vec<String>,
    /// Paths of the executable.
    pub executables: Vec<String>,
    /// Paths of the file that is accessed.
    pub paths: Vec<String>,
    /// Remote ports.
    pub ports: Vec<u16>,
    /// Domain names that are queried; a leading `*.` matches every subdomain.
    pub domains: Vec<String>,
    /// Namespaces.
    pub namespaces: Vec<String>,
    /// `container`, `host`, or both; if empty, both.
    pub places: Vec<String>,
    /// Conditions that later versions add.
    pub attributes: Vec<Attribute>,
}

/// A condition on findings of other detectors, evaluated like [`AuditSubscription`].
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
    /// The lowest severity; 0 means all.
    #[cfg_attr(feature = "component", component(name = "minimum-severity"))]
    pub minimum_severity: f64,
    /// Conditions that later versions add.
    pub attributes: Vec<Attribute>,
}

/// One type of finding that a detector can return.
#[derive(Debug, Clone, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(
    feature = "component",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct FindingType {
    /// `Purpose:Resource/Family`, with `.Mechanism` and `!Artifact` if there are any, such as
    /// `Execution:Kubernetes/ExecInKubeSystemPod`.
    pub name: String,
    /// From 1.0 to 10.0.
    pub severity: f64,
    /// The title, on one line.
    pub title: String,
    /// The observation, and why it matters.
    pub description: String,
    /// ATT&CK technique ids, such as `T1609`.
    pub techniques: Vec<String>,
    /// The steps of a responder, in their order.
    pub remediation: String,
    /// Legitimate activity that causes it, and how to recognize that.
    #[cfg_attr(feature = "component", component(name = "false-positives"))]
    pub false_positives: String,
    /// Sources of the rule: URLs, or CVE or KEP numbers.
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
    /// Lower-case letters, digits, and hyphens.
    pub name: String,
    /// The effect of the setting.
    pub description: String,
    /// The type of the value, and the value if the operator gives none.
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
