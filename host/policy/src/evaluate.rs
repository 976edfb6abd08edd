//! What a policy records of a request, as kube-apiserver decides it
//! (kubernetes/kubernetes, `staging/src/k8s.io/apiserver/pkg/audit/policy/checker.go`).

use super::{GroupResources, Level, Policy, Rule};

/// A request, as far as policies look at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request<'r> {
    /// Who asks.
    pub user: &'r str,
    /// Groups of the user.
    pub groups: Vec<&'r str>,
    /// What for.
    pub verb: &'r str,
    /// On what.
    pub target: Target<'r>,
}

/// What a request is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target<'r> {
    /// A resource.
    Resource {
        /// Empty for the core group.
        group: &'r str,
        /// In the plural.
        resource: &'r str,
        /// Empty for the resource itself.
        subresource: &'r str,
        /// Empty for what belongs to the cluster, and for lists over all namespaces.
        namespace: &'r str,
        /// Empty for lists.
        name: &'r str,
    },
    /// A path.
    Path(&'r str),
}

/// What a policy says of a request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decision<'p> {
    /// What is recorded.
    pub level: Level,
    /// The rule that decided, counted from 1; none if no rule matches, which records
    /// nothing.
    pub rule: Option<(usize, &'p Rule)>,
}

impl Policy {
    /// What is recorded of a request.
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
                // The resource itself too: the API server compares what stands before `/*`.
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
