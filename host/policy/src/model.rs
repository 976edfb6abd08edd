//! A policy as written in its file.

use serde::Deserialize;
use wardline_text::Cause;

/// How much of a request is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
pub enum Level {
    /// Nothing.
    None,
    /// User, verb, object, time, and response code.
    Metadata,
    /// Metadata and the object of the request.
    Request,
    /// Metadata and the objects of request and response.
    RequestResponse,
}

impl Level {
    /// Returns the name used in policies.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Metadata => "Metadata",
            Self::Request => "Request",
            Self::RequestResponse => "RequestResponse",
        }
    }
}

/// A policy. The first rule that matches a request decides.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Policy {
    /// Always `audit.k8s.io/v1`.
    #[serde(default)]
    pub api_version: String,
    /// Always `Policy`.
    #[serde(default)]
    pub kind: String,
    /// Ignored.
    #[serde(default)]
    pub metadata: serde::de::IgnoredAny,
    /// The rules, in the order in which they are tried.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// Stages that are not recorded for any request.
    #[serde(default)]
    pub omit_stages: Vec<String>,
    /// Whether objects are recorded without `managedFields`.
    #[serde(default)]
    pub omit_managed_fields: bool,
}

/// A rule. All non-empty lists must match; one member of each is enough.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rule {
    /// The level for matching requests.
    pub level: Level,
    /// User names.
    #[serde(default)]
    pub users: Vec<String>,
    /// Groups of users.
    #[serde(default)]
    pub user_groups: Vec<String>,
    /// Verbs.
    #[serde(default)]
    pub verbs: Vec<String>,
    /// Resources.
    #[serde(default)]
    pub resources: Vec<GroupResources>,
    /// Namespaces; an empty string stands for cluster-scoped resources.
    #[serde(default)]
    pub namespaces: Vec<String>,
    /// Paths, with or without a trailing `*`.
    #[serde(default, rename = "nonResourceURLs")]
    pub non_resource_urls: Vec<String>,
    /// Stages that are not recorded.
    #[serde(default)]
    pub omit_stages: Vec<String>,
    /// Overrides the policy's own setting.
    #[serde(default)]
    pub omit_managed_fields: Option<bool>,
}

/// Resources of an API group.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GroupResources {
    /// The group; empty for the core group.
    #[serde(default)]
    pub group: String,
    /// `pods`, `pods/log`, `pods/*`, `*/scale`, `*`; empty for all of the group.
    #[serde(default)]
    pub resources: Vec<String>,
    /// Names of objects; empty for all.
    #[serde(default)]
    pub resource_names: Vec<String>,
}

/// A file is not an audit policy.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// The text does not have the form of a policy.
    #[error("not an audit policy")]
    Form(#[source] Cause),
    /// The object is of another kind.
    #[error(
        "the kind is `{kind}` in `{api_version}`, but an audit policy is of kind `Policy` in `audit.k8s.io/v1`"
    )]
    Kind {
        /// The kind in the file.
        kind: String,
        /// The API version in the file.
        api_version: String,
    },
    /// The policy has no rules, and kube-apiserver refuses to start with it.
    #[error("the policy has no rules, and kube-apiserver refuses to load it")]
    Empty,
}

impl Policy {
    /// Parses a policy in YAML or JSON.
    ///
    /// # Errors
    /// Returns [`PolicyError::Form`] if the text cannot be parsed, [`PolicyError::Kind`] if it
    /// is another object, and [`PolicyError::Empty`] if it has no rules.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let policy: Self =
            serde_saphyr::from_str(text).map_err(|error| PolicyError::Form(Cause::new(error)))?;
        if policy.kind != "Policy" || policy.api_version != "audit.k8s.io/v1" {
            return Err(PolicyError::Kind {
                kind: policy.kind,
                api_version: policy.api_version,
            });
        }
        if policy.rules.is_empty() {
            return Err(PolicyError::Empty);
        }
        Ok(policy)
    }
}
