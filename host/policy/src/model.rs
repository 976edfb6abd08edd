//! A policy as its file says it.

use serde::Deserialize;

/// How much of a request is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
pub enum Level {
    /// Nothing.
    None,
    /// Who did what, when, and what it came to.
    Metadata,
    /// With the object of the request.
    Request,
    /// With the object of the answer too.
    RequestResponse,
}

impl Level {
    /// As a policy writes it.
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
    /// `audit.k8s.io/v1`.
    #[serde(default)]
    pub api_version: String,
    /// `Policy`.
    #[serde(default)]
    pub kind: String,
    /// Not read.
    #[serde(default)]
    pub metadata: serde::de::IgnoredAny,
    /// In the order in which they are tried.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// Stages that are recorded for no request.
    #[serde(default)]
    pub omit_stages: Vec<String>,
    /// Whether objects are recorded without `managedFields`.
    #[serde(default)]
    pub omit_managed_fields: bool,
}

/// A rule. All that it names must hold; of each list one member is enough.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rule {
    /// What is recorded of what matches.
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
    /// Namespaces; an empty text is what belongs to the cluster.
    #[serde(default)]
    pub namespaces: Vec<String>,
    /// Paths, with a `*` at the end or not.
    #[serde(default, rename = "nonResourceURLs")]
    pub non_resource_urls: Vec<String>,
    /// Stages that are not recorded.
    #[serde(default)]
    pub omit_stages: Vec<String>,
    /// Instead of the policy's own.
    #[serde(default)]
    pub omit_managed_fields: Option<bool>,
}

/// Resources of an API group.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GroupResources {
    /// Empty for the core group.
    #[serde(default)]
    pub group: String,
    /// `pods`, `pods/log`, `pods/*`, `*/scale`, `*`; none means all of the group.
    #[serde(default)]
    pub resources: Vec<String>,
    /// Names of objects; none means all.
    #[serde(default)]
    pub resource_names: Vec<String>,
}

/// A file that is no policy.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// It cannot be read as one.
    #[error("it is no audit policy: {0}")]
    Form(String),
    /// It is an object of another kind.
    #[error(
        "it is of kind `{kind}` in `{api_version}`; an audit policy is of kind `Policy` in `audit.k8s.io/v1`"
    )]
    Kind {
        /// What it says.
        kind: String,
        /// What it says.
        api_version: String,
    },
    /// kube-apiserver does not start with it.
    #[error("it has no rules, and kube-apiserver refuses such a policy")]
    Empty,
}

impl Policy {
    /// Reads a policy from YAML or JSON.
    ///
    /// # Errors
    /// Where the text is none.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let policy: Self =
            serde_saphyr::from_str(text).map_err(|error| PolicyError::Form(error.to_string()))?;
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
