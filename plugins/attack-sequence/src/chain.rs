//! Sequences of steps that belong to one attack.

use std::collections::BTreeSet;

use wardline_sdk::rules::severity::SeverityRule;

use crate::step::Step;
use crate::types::{BY_HAND, LONG, PERSON, PIPELINE, WORKLOAD};

/// Tactics of which an attacker needs more than one. People run commands, forward ports, copy
/// files, and look around all day.
const GRAVE: [&str; 6] = [
    "CredentialAccess",
    "DefenseEvasion",
    "Impact",
    "InitialAccess",
    "Persistence",
    "PrivilegeEscalation",
];

/// Words in the names of service accounts and namespaces of build systems, whose pipelines use the
/// tools of people. They lower a severity, and silence nothing.
const PIPELINES: [&str; 29] = [
    "actions",
    "argo",
    "argocd",
    "azp",
    "bot",
    "build",
    "builder",
    "buildkite",
    "builds",
    "cd",
    "ci",
    "cicd",
    "circleci",
    "deploy",
    "deployer",
    "drone",
    "flux",
    "github",
    "gitlab",
    "jenkins",
    "pipeline",
    "pipelines",
    "release",
    "robot",
    "runner",
    "runners",
    "teamcity",
    "tekton",
    "terraform",
];

/// The identity that made a sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identity {
    /// A workload whose token is used with a tool of people.
    TokenByHand,
    /// The same for a workload that is a build system by its name.
    Pipeline,
    /// A workload with a program of its own.
    Workload,
    /// Any other identity.
    Person,
}

impl Identity {
    /// Returns the kind of an identity by its user name.
    pub fn new(actor: &str, is_by_hand: bool) -> Self {
        match actor.strip_prefix("system:serviceaccount:") {
            None => Self::Person,
            Some(_) if !is_by_hand => Self::Workload,
            Some(account) if is_pipeline(account) => Self::Pipeline,
            Some(_) => Self::TokenByHand,
        }
    }
}

fn is_pipeline(account: &str) -> bool {
    account
        .split([':', '-', '.'])
        .any(|word| PIPELINES.contains(&word))
}

/// The tactics of steps, in the order in which they began.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Tactics(Vec<String>);

impl Tactics {
    fn add(&mut self, tactic: &str) {
        if !tactic.is_empty() && !self.0.iter().any(|known| known == tactic) {
            self.0.push(tactic.to_owned());
        }
    }

    /// The number of tactics besides discovery.
    fn acting(&self) -> usize {
        let acting = self.0.iter().filter(|tactic| *tactic != "Discovery");
        acting.count()
    }

    fn grave(&self) -> usize {
        let grave = self
            .0
            .iter()
            .filter(|tactic| GRAVE.contains(&tactic.as_str()));
        grave.count()
    }
}

/// A sequence of steps that belong to one attack.
#[derive(Debug, Clone, PartialEq)]
pub struct Chain {
    /// The tactics, in the order in which they began.
    pub tactics: Vec<String>,
    /// The finding types.
    types: BTreeSet<String>,
    pub rule: SeverityRule,
}

impl Chain {
    /// Returns the chain that these steps of one identity are, or none if they may be ordinary work.
    pub fn from_steps(identity: Identity, steps: &[String]) -> Option<Self> {
        let (mut all, mut by_hand) = (Tactics::default(), Tactics::default());
        let mut types = BTreeSet::new();
        for step in steps.iter().map(|text| Step::decode(text)) {
            types.insert(step.finding_type.to_owned());
            all.add(step.tactic);
            if step.is_by_hand {
                by_hand.add(step.tactic);
            }
        }
        let is_long = by_hand.acting() >= 3 && by_hand.grave() >= 2;
        let is_mixed = by_hand.acting() >= 2 && all.acting() >= 4 && all.grave() >= 3;
        let is_token = all.0.len() >= 2 && !by_hand.0.is_empty() && types.len() >= 3;
        let rule = match identity {
            Identity::Workload if is_long && by_hand.acting() >= 4 => WORKLOAD,
            Identity::Workload => return None,
            _ if is_long && all.0.len() >= 4 => LONG,
            Identity::Person if is_long || is_mixed => PERSON,
            Identity::TokenByHand if is_token => BY_HAND,
            Identity::Pipeline if is_long => BY_HAND,
            Identity::Pipeline if is_token => PIPELINE,
            _ => return None,
        };
        Some(Self {
            tactics: all.0,
            types,
            rule,
        })
    }

    /// Returns a text that is the same for the same types and severity.
    pub fn signature(&self) -> String {
        let types: Vec<&str> = self.types.iter().map(String::as_str).collect();
        format!("{} {}", self.rule.severity, types.join(" "))
    }
}
