//! Evaluates a policy for a request, as kube-apiserver does (kubernetes/kubernetes,
//! `staging/src/k8s.io/apiserver/pkg/audit/policy/checker.go`).

use super::{GroupResources, Level, Policy, Rule};

/// The parts of a request that policies examine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request<'r> {
    /// The user name.
    pub user: &'r str,
    /// The groups of the user.
    pub groups: Vec<&'r str>,
    /// The verb.
    pub verb: &'r str,
    /// The target.
    pub target: Target<'r>,
}

/// The target of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target<'r> {
    /// A resource.
    Resource {
        /// The API group; empty for the core group.
        group: &'r str,
        /// The resource, in the plural.
        resource: &'r str,
        /// The subresource; empty for the resource itself.
        subresource: &'r str,
        /// The namespace; empty for cluster-scoped resources and for lists over all namespaces.
        namespace: &'r str,
        /// The name; empty for lists.
        name: &'r str,
    },
    /// A path.
    Path(&'r str),
}

/// The result of a policy for a request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decision<'p> {
    /// The level at which the request is recorded.
    pub level: Level,
    /// The rule that decided, counted from 1; `None` if no rule matches and nothing is
    /// recorded.
    pub rule: Option<(usize, &'p Rule)>,
}

impl Policy {
    /// Decides the level for a request.
    #[must_use]
    pub fn decide(&self, request: &Request<'_>) -> Decision<'_> {
        self.rules
            .iter()
            .enumerate()
            .find(|(_, rule)| rule.matches(request))
            .map_or(
                Decision {
                    level: Level::None,
                    rule: None,
                },
                |(index, rule)| Decision {
                    level: rule.level,
                    rule: Some((index + 1, rule)),
                },
            )
    }
}

fn has(list: &[String], text: &str) -> bool {
    list.iter().any(|one| one == text)
}

impl Rule {
    fn matches(&self, request: &Request<'_>) -> bool {
        if !self.users.is_empty() && !has(&self.users, request.user) {
            return false;
        }
        if !self.user_groups.is_empty()
            && !request
                .groups
                .iter()
                .any(|group| has(&self.user_groups, group))
        {
            return false;
        }
        if !self.verbs.is_empty() && !has(&self.verbs, request.verb) {
            return false;
        }
        if !self.namespaces.is_empty() || !self.resources.is_empty() {
            return self.matches_resource(&request.target);
        }
        if !self.non_resource_urls.is_empty() {
            return matches!(request.target, Target::Path(path)
                if self.non_resource_urls.iter().any(|pattern| matches_path(pattern, path)));
        }
        true
    }

    fn matches_resource(&self, target: &Target<'_>) -> bool {
        let Target::Resource {
            group,
            resource,
            subresource,
            namespace,
            name,
        } = *target
        else {
            return false;
        };
        if !self.namespaces.is_empty() && !has(&self.namespaces, namespace) {
            return false;
        }
        self.resources.is_empty()
            || self
                .resources
                .iter()
                .any(|resources| resources.matches(group, resource, subresource, name))
    }
}

impl GroupResources {
    fn matches(&self, group: &str, resource: &str, subresource: &str, name: &str) -> bool {
        if self.group != group {
            return false;
        }
        if self.resources.is_empty() {
            return true;
        }
        if !self.resource_names.is_empty() && !has(&self.resource_names, name) {
            return false;
        }
        self.resources.iter().any(|pattern| {
            if pattern == "*" {
                return true;
            }
            match pattern.split_once('/') {
                None => subresource.is_empty() && pattern == resource,
                Some(("*", wanted)) => !subresource.is_empty() && wanted == subresource,
                // The API server compares only the part before `/*`, so that the resource
                // itself matches too.
                Some((wanted, "*")) => wanted == resource,
                Some((wanted, below)) => wanted == resource && below == subresource,
            }
        })
    }
}

fn matches_path(pattern: &str, path: &str) -> bool {
    pattern == "*"
        || match pattern.strip_suffix('*') {
            Some(prefix) => path.starts_with(prefix),
            None => pattern == path,
        }
}
