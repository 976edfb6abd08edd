//! Builds the smallest policy that serves all needs.
//!
//! Every request is recorded at the highest level that any detector needs: rules are ordered by
//! level, the highest first, and the first one that matches decides. A condition that a policy
//! cannot express (a prefix of a name, the outcome of a request) makes a rule wider, never
//! narrower.

use std::collections::{BTreeMap, BTreeSet};

use super::resources::{SECRETS, is_elsewhere, named, safe_level};
use super::{GroupResources, Level, Need, Policy, Rule};

type Texts = BTreeSet<String>;

/// The part of a rule by which targets are grouped.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Scope {
    level: std::cmp::Reverse<Level>,
    users: Texts,
    groups: Texts,
    namespaces: Texts,
    names: Texts,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Target {
    /// All requests, including non-resource requests.
    All,
    /// An API group and a resource, or `None` for all resources of the group.
    Resource(String, Option<String>),
    Path(String),
}

/// Verbs, or `None` for all.
type Verbs = Option<Texts>;

/// Returns the smallest policy. Objects that contain secrets and tokens are never recorded,
/// even if needed; [`super::check`] reports which detectors lack them.
#[must_use]
pub fn smallest(needs: &[Need]) -> Policy {
    let mut scopes: BTreeMap<Scope, BTreeMap<Target, Verbs>> = BTreeMap::new();
    for need in needs {
        for target in targets(need) {
            let scope = scope(need, &target);
            let verbs = exact(&need.verbs);
            scopes
                .entry(scope)
                .or_default()
                .entry(target)
                .and_modify(|known| *known = union(known.take(), verbs.clone()))
                .or_insert(verbs);
        }
    }
    let mut atoms: Vec<(Scope, Verbs, Target)> = scopes
        .into_iter()
        .flat_map(|(scope, targets)| {
            targets
                .into_iter()
                .map(move |(target, verbs)| (scope.clone(), verbs, target))
        })
        .collect();
    drop_covered(&mut atoms);
    let mut rules: BTreeMap<(Scope, Verbs), Vec<Target>> = BTreeMap::new();
    for (scope, verbs, target) in atoms {
        rules.entry((scope, verbs)).or_default().push(target);
    }
    let mut rules: Vec<Rule> = rules
        .into_iter()
        .flat_map(|((scope, verbs), targets)| rules_of(&scope, verbs.as_ref(), targets))
        .collect();
    if rules.iter().any(is_wide_with_objects) {
        rules.splice(0..0, without_secrets());
    }
    Policy {
        api_version: "audit.k8s.io/v1".to_owned(),
        kind: "Policy".to_owned(),
        rules,
        omit_stages: vec!["RequestReceived".to_owned()],
        omit_managed_fields: true,
        ..Policy::default()
    }
}

/// Returns the texts, or `None` if they are empty or one of them is a prefix.
fn exact(texts: &[String]) -> Verbs {
    (!texts.is_empty() && !texts.iter().any(|text| text.ends_with('*')))
        .then(|| texts.iter().cloned().collect())
}

fn union(one: Verbs, other: Verbs) -> Verbs {
    Some(one?.into_iter().chain(other?).collect())
}

fn scope(need: &Need, target: &Target) -> Scope {
    let is_resource = matches!(target, Target::Resource(..));
    let level = match target {
        Target::Resource(group, Some(resource)) => {
            let (resource, subresource) = resource.split_once('/').unwrap_or((resource, ""));
            need.level.min(safe_level(group, resource, subresource))
        }
        _ => need.level,
    };
    // The API server takes the name from the URL, which has none for a create.
    let creates = need.verbs.is_empty() || need.verbs.iter().any(|verb| verb == "create");
    Scope {
        level: std::cmp::Reverse(level),
        users: exact(&need.usernames).unwrap_or_default(),
        groups: exact(&need.groups).unwrap_or_default(),
        namespaces: exact(&need.namespaces)
            .filter(|_| is_resource)
            .unwrap_or_default(),
        names: exact(&need.names)
            .filter(|_| is_resource && !creates)
            .unwrap_or_default(),
    }
}

fn targets(need: &Need) -> Vec<Target> {
    if need.resources.is_empty() && need.paths.is_empty() {
        if let (Some(groups), true) = (exact(&need.api_groups), !need.api_groups.is_empty()) {
            return groups
                .into_iter()
                .map(|group| Target::Resource(group, None))
                .collect();
        }
        return vec![Target::All];
    }
    let mut targets: Vec<Target> = need.paths.iter().cloned().map(Target::Path).collect();
    for text in &need.resources {
        let is_pattern = text.ends_with('*') && !text.ends_with("/*");
        let groups: Vec<String> = match exact(&need.api_groups) {
            Some(groups) => groups.into_iter().collect(),
            None if is_pattern => Vec::new(),
            None => {
                let resource = text.split('/').next().unwrap_or_default();
                named(resource)
                    .map(|known| known.group.to_owned())
                    .collect()
            }
        };
        if groups.is_empty() {
            targets.push(Target::All);
        }
        for group in groups {
            if is_pattern {
                targets.push(Target::Resource(group, None));
                continue;
            }
            let resource = text.split('/').next().unwrap_or_default();
            if !is_elsewhere(resource, &group, &need.api_groups) {
                targets.push(Target::Resource(group, Some(text.clone())));
            }
        }
    }
    targets
}

/// Returns whether a rule may record objects that contain secrets, because it names no
/// resources.
fn is_wide_with_objects(rule: &Rule) -> bool {
    let names_none = |resources: &GroupResources| resources.resources.is_empty();
    rule.level >= Level::Request
        && rule.non_resource_urls.is_empty()
        && (rule.resources.is_empty() || rule.resources.iter().any(names_none))
}

/// Returns the rules that go first if there are such rules.
fn without_secrets() -> Vec<Rule> {
    SECRETS
        .iter()
        .map(|(group, resource, level)| Rule {
            level: *level,
            users: Vec::new(),
            user_groups: Vec::new(),
            verbs: Vec::new(),
            resources: vec![GroupResources {
                group: (*group).to_owned(),
                resources: vec![(*resource).to_owned()],
                resource_names: Vec::new(),
            }],
            namespaces: Vec::new(),
            non_resource_urls: Vec::new(),
            omit_stages: Vec::new(),
            omit_managed_fields: None,
        })
        .collect()
}

/// Removes rules that another one covers at the same or a higher level.
fn drop_covered(atoms: &mut Vec<(Scope, Verbs, Target)>) {
    let mut rules: Vec<Rule> = atoms
        .iter()
        .flat_map(|(scope, verbs, target)| rules_of(scope, verbs.as_ref(), vec![target.clone()]))
        .collect();
    let mut index = 0;
    while let Some(rule) = rules.get(index) {
        let is_covered = rules
            .iter()
            .enumerate()
            .any(|(other, one)| other != index && one.level >= rule.level && covers(one, rule));
        if is_covered {
            rules.remove(index);
            atoms.remove(index);
        } else {
            index += 1;
        }
    }
}

/// Returns one rule for these targets, or two, since a rule is either for resources or for
/// paths.
fn rules_of(scope: &Scope, verbs: Option<&Texts>, targets: Vec<Target>) -> Vec<Rule> {
    let list = |texts: &Texts| texts.iter().cloned().collect::<Vec<_>>();
    let mut rules = Vec::new();
    let rule = Rule {
        level: scope.level.0,
        users: list(&scope.users),
        user_groups: list(&scope.groups),
        verbs: verbs.map(list).unwrap_or_default(),
        resources: Vec::new(),
        namespaces: list(&scope.namespaces),
        non_resource_urls: Vec::new(),
        omit_stages: Vec::new(),
        omit_managed_fields: None,
    };
    let mut paths = Vec::new();
    let mut resources: BTreeMap<String, Option<Vec<String>>> = BTreeMap::new();
    let mut all = false;
    for target in targets {
        match target {
            Target::All => all = true,
            Target::Path(path) => paths.push(path),
            Target::Resource(group, None) => {
                resources.insert(group, None);
            }
            Target::Resource(group, Some(resource)) => {
                if let Some(known) = resources.entry(group).or_insert_with(|| Some(Vec::new())) {
                    known.push(resource);
                }
            }
        }
    }
    if all {
        return vec![rule];
    }
    if !resources.is_empty() {
        rules.push(Rule {
            resources: resources
                .into_iter()
                .map(|(group, resources)| GroupResources {
                    group,
                    resources: resources.unwrap_or_default(),
                    resource_names: list(&scope.names),
                })
                .collect(),
            ..rule.clone()
        });
    }
    if !paths.is_empty() {
        rules.push(Rule {
            non_resource_urls: paths,
            ..rule
        });
    }
    rules
}

/// Returns whether every request that matches `narrow` matches `wide`.
fn covers(wide: &Rule, narrow: &Rule) -> bool {
    let within = |wide: &[String], narrow: &[String]| {
        wide.is_empty()
            || (!narrow.is_empty() && narrow.iter().all(|text| wide.iter().any(|it| it == text)))
    };
    let rest = within(&wide.users, &narrow.users)
        && within(&wide.user_groups, &narrow.user_groups)
        && within(&wide.verbs, &narrow.verbs);
    let is_all = |rule: &Rule| {
        rule.resources.is_empty() && rule.namespaces.is_empty() && rule.non_resource_urls.is_empty()
    };
    if !rest || is_all(wide) {
        return rest;
    }
    if is_all(narrow) || wide.non_resource_urls.is_empty() != narrow.non_resource_urls.is_empty() {
        return false;
    }
    if !narrow.non_resource_urls.is_empty() {
        return within(&wide.non_resource_urls, &narrow.non_resource_urls);
    }
    within(&wide.namespaces, &narrow.namespaces)
        && (wide.resources.is_empty()
            || narrow.resources.iter().all(|one| {
                wide.resources.iter().any(|other| {
                    other.group == one.group
                        && within(&other.resources, &one.resources)
                        && within(&other.resource_names, &one.resource_names)
                })
            }))
}
