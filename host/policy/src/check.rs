//! Finds the requests that a policy keeps from detectors.
//!
//! A policy and a need are compared by examples: for every verb, resource, namespace, name,
//! user, and group that either of them names, and for one of each that neither names, the
//! policy is evaluated as kube-apiserver does it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::evaluate::{Request, Target};
use super::need::meets;
use super::resources::{KNOWN, is_elsewhere, named, safe_level};
use super::{Level, Need, Policy};

/// A user that no policy names.
const ANYONE: &str = "somebody";
/// An object that no policy names.
const ANYTHING: &str = "something";

const VERBS: [&str; 8] = [
    "get",
    "list",
    "watch",
    "create",
    "update",
    "patch",
    "delete",
    "deletecollection",
];

/// Requests that a detector needs and the policy records at too low a level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Blindness {
    /// The name of the detector.
    pub detector: String,
    /// The source of the need: `subscription 2`.
    pub what: String,
    /// The level that the detector needs.
    pub needs: &'static str,
    /// The level that the policy records.
    pub recorded: &'static str,
    /// The rule that decides, from 1; `None` if no rule matches.
    pub rule: Option<usize>,
    /// Whether this holds for all users, not only for those whom the rule names.
    pub for_everybody: bool,
    /// The kinds of request: `create pods`.
    pub requests: Vec<String>,
    /// The consequence for the detector, in words.
    pub because: String,
}

/// Requests with secrets in objects that the policy records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exposure {
    /// The number of the rule, from 1.
    pub rule: usize,
    /// The resource, such as `secrets`.
    pub resource: String,
    /// The level that the policy records.
    pub recorded: &'static str,
}

/// The defects of a policy for a set of detectors.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Needs that the policy does not meet, in the order of the needs.
    pub blind: Vec<Blindness>,
    /// Secrets that the policy writes into the log.
    pub exposes: Vec<Exposure>,
}

/// Checks a policy against needs.
#[must_use]
pub fn check(policy: &Policy, needs: &[Need]) -> Check {
    Check {
        blind: needs
            .iter()
            .flat_map(|need| blindness(policy, need))
            .collect(),
        exposes: exposures(policy),
    }
}

#[derive(Default)]
struct Found {
    for_everybody: bool,
    requests: BTreeSet<String>,
}

fn blindness(policy: &Policy, need: &Need) -> Vec<Blindness> {
    let mut found: BTreeMap<(Option<usize>, Level, bool), Found> = BTreeMap::new();
    let users = users(policy, need);
    each_target(policy, need, &mut |verb, target| {
        for (user, groups) in &users {
            let request = Request {
                user,
                groups: groups.clone(),
                verb,
                target: target.clone(),
            };
            let decision = policy.decide(&request);
            let no_stage = decision.level > Level::None && omits_answers(policy, &decision);
            if decision.level >= need.level && !no_stage {
                continue;
            }
            let key = (
                decision.rule.map(|(number, _)| number),
                decision.level,
                no_stage,
            );
            let found = found.entry(key).or_default();
            found.for_everybody |= *user == ANYONE && groups.len() == 1
                || need.usernames.iter().any(|name| name == user);
            found.requests.insert(described(verb, target));
        }
    });
    found
        .into_iter()
        .map(|((rule, level, no_stage), found)| Blindness {
            detector: need.detector.clone(),
            what: need.what.clone(),
            needs: need.level.as_str(),
            recorded: level.as_str(),
            rule,
            for_everybody: found.for_everybody,
            requests: found.requests.into_iter().collect(),
            because: because(need.level, level, no_stage).to_owned(),
        })
        .collect()
}

fn because(needs: Level, recorded: Level, no_stage: bool) -> &'static str {
    if no_stage {
        return "the stage ResponseComplete is omitted, so the outcome of the request is never recorded";
    }
    match (recorded, needs) {
        (Level::None, _) => "the request is not recorded at all",
        (Level::Metadata, Level::RequestResponse) => {
            "the event contains neither the request object nor the response object"
        }
        (Level::Metadata, _) => "the event does not contain the request object",
        _ => "the event does not contain the response object",
    }
}

/// Returns whether the policy omits the event for the response.
fn omits_answers(policy: &Policy, decision: &super::Decision<'_>) -> bool {
    let omitted = |stage: &str| {
        let by_rule = decision
            .rule
            .is_some_and(|(_, rule)| rule.omit_stages.iter().any(|one| one == stage));
        by_rule || policy.omit_stages.iter().any(|one| one == stage)
    };
    omitted("ResponseComplete")
}

/// Returns example users: those that the need names; otherwise any user, and those that the
/// policy names.
fn users<'t>(policy: &'t Policy, need: &'t Need) -> Vec<(&'t str, Vec<&'t str>)> {
    const AUTHENTICATED: &str = "system:authenticated";
    let named: Vec<&str> = need
        .usernames
        .iter()
        .map(String::as_str)
        .filter(|name| !name.ends_with('*'))
        .collect();
    let groups: Vec<&str> = need
        .groups
        .iter()
        .map(String::as_str)
        .filter(|name| !name.ends_with('*'))
        .collect();
    let of = |user: &str| match user {
        "system:anonymous" => "system:unauthenticated",
        _ => AUTHENTICATED,
    };
    if !named.is_empty() {
        return named
            .into_iter()
            .map(|user| (user, groups.iter().copied().chain([of(user)]).collect()))
            .collect();
    }
    if !groups.is_empty() {
        return groups
            .into_iter()
            .map(|group| (ANYONE, vec![group]))
            .collect();
    }
    let mut users = vec![(ANYONE, vec![AUTHENTICATED])];
    for rule in &policy.rules {
        let of_rule = rule
            .users
            .iter()
            .filter(|user| !need.excepts(user))
            .map(|user| (user.as_str(), vec![of(user)]));
        users.extend(of_rule);
        for group in &rule.user_groups {
            if group != AUTHENTICATED && group != "system:unauthenticated" {
                users.push((ANYONE, vec![AUTHENTICATED, group]));
            }
        }
    }
    users.dedup();
    users
}

fn or_default<'t>(texts: &'t [String], default: &[&'t str]) -> Vec<&'t str> {
    let exact: Vec<&str> = texts
        .iter()
        .map(String::as_str)
        .filter(|text| !text.ends_with('*'))
        .collect();
    if exact.is_empty() {
        default.to_vec()
    } else {
        exact
    }
}

fn each_target<'t>(
    policy: &'t Policy,
    need: &'t Need,
    visit: &mut dyn FnMut(&'t str, &Target<'t>),
) {
    let verbs = or_default(&need.verbs, &VERBS);
    for path in &need.paths {
        let path = path.strip_suffix('*').unwrap_or(path);
        for verb in or_default(&need.verbs, &["get"]) {
            visit(verb, &Target::Path(path));
        }
    }
    if need.paths.is_empty() && need.resources.is_empty() && need.api_groups.is_empty() {
        for verb in or_default(&need.verbs, &["get"]) {
            visit(verb, &Target::Path("/something"));
        }
    }
    let in_policy: Vec<&str> = policy
        .rules
        .iter()
        .flat_map(|rule| &rule.namespaces)
        .map(String::as_str)
        .collect();
    for (group, resource, subresource) in objects(policy, need) {
        let is_namespaced = named(resource)
            .find(|known| known.group == group)
            .is_none_or(|known| known.namespaced);
        let mut namespaces = vec![ANYTHING];
        namespaces.extend(&in_policy);
        let namespaces = or_default(&need.namespaces, &namespaces);
        for &verb in &verbs {
            // For an existing Namespace, the API server takes its name as the namespace of the
            // request, since the URL contains it.
            let is_own = group.is_empty() && resource == "namespaces" && verb != "create";
            let namespaces = if is_namespaced || is_own && !need.namespaces.is_empty() {
                namespaces.as_slice()
            } else if need.namespaces.is_empty() {
                &[""]
            } else {
                continue;
            };
            let mut names = vec![ANYTHING];
            if verb != "create" {
                names.extend(resource_names(policy));
            }
            for &namespace in namespaces {
                for name in or_default(&need.names, &names) {
                    let target = Target::Resource {
                        group,
                        resource,
                        subresource,
                        namespace,
                        // The API server takes the name from the URL.
                        name: if verb == "create" { "" } else { name },
                    };
                    visit(verb, &target);
                }
            }
        }
    }
}

fn resource_names(policy: &Policy) -> impl Iterator<Item = &str> {
    policy
        .rules
        .iter()
        .flat_map(|rule| &rule.resources)
        .flat_map(|resources| &resources.resource_names)
        .map(String::as_str)
}

/// Returns group, resource, and subresource of the objects that a need may mean.
fn objects<'t>(policy: &'t Policy, need: &'t Need) -> BTreeSet<(&'t str, &'t str, &'t str)> {
    let mut objects = BTreeSet::new();
    if need.resources.is_empty() && !need.paths.is_empty() {
        return objects;
    }
    let is_group = |group: &str| {
        need.api_groups.is_empty() || need.api_groups.iter().any(|wanted| meets(wanted, group))
    };
    let resources: Vec<&'t str> = if need.resources.is_empty() {
        vec!["*"]
    } else {
        need.resources.iter().map(String::as_str).collect()
    };
    // The policy may treat the resources that it names differently.
    let named_by_policy = policy.rules.iter().flat_map(|rule| {
        rule.resources.iter().flat_map(|resources| {
            resources.resources.iter().filter_map(|resource| {
                let (resource, below) = resource.split_once('/').unwrap_or((resource, ""));
                let is_one = resource != "*" && below != "*";
                is_one.then_some((resources.group.as_str(), resource, below))
            })
        })
    });
    let known = KNOWN.iter().flat_map(|known| {
        std::iter::once((known.group, known.resource, "")).chain(
            known
                .subresources
                .iter()
                .map(|below| (known.group, known.resource, *below)),
        )
    });
    let candidates: BTreeSet<(&str, &str, &str)> = known.chain(named_by_policy).collect();
    for text in resources {
        let before = objects.len();
        for &(group, resource, below) in &candidates {
            let meets = match text.split_once('/') {
                _ if text == "*" => true,
                None => below.is_empty() && meets(text, resource),
                Some((wanted, "*")) => resource == wanted,
                Some((wanted, wanted_below)) => resource == wanted && below == wanted_below,
            };
            if meets && is_group(group) && !is_elsewhere(resource, group, &need.api_groups) {
                objects.insert((group, resource, below));
            }
        }
        // An unknown resource is assumed to be in the groups that the need names.
        if objects.len() == before && !text.contains('*') {
            let (resource, below) = text.split_once('/').unwrap_or((text, ""));
            for group in or_default(&need.api_groups, &[""]) {
                objects.insert((group, resource, below));
            }
        }
    }
    objects
}

fn described(verb: &str, target: &Target<'_>) -> String {
    match target {
        Target::Path(path) => format!("{verb} {path}"),
        Target::Resource {
            group,
            resource,
            subresource,
            ..
        } => {
            let mut text = format!("{verb} {resource}");
            if !subresource.is_empty() {
                text.push_str(&format!("/{subresource}"));
            }
            if !group.is_empty() {
                text.push_str(&format!(".{group}"));
            }
            text
        }
    }
}

fn exposures(policy: &Policy) -> Vec<Exposure> {
    let mut exposures = Vec::new();
    for known in KNOWN {
        for below in std::iter::once("").chain(known.subresources.iter().copied()) {
            let safe = safe_level(known.group, known.resource, below);
            let decision = policy.decide(&Request {
                user: ANYONE,
                groups: vec!["system:authenticated"],
                verb: "create",
                target: Target::Resource {
                    group: known.group,
                    resource: known.resource,
                    subresource: below,
                    namespace: ANYTHING,
                    name: "",
                },
            });
            if let (Some((rule, _)), true) = (decision.rule, decision.level > safe) {
                let resource = if below.is_empty() {
                    known.resource.to_owned()
                } else {
                    format!("{}/{below}", known.resource)
                };
                exposures.push(Exposure {
                    rule,
                    resource,
                    recorded: decision.level.as_str(),
                });
            }
        }
    }
    exposures
}
