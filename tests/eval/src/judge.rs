//! The comparison of a case with its findings.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Result, anyhow};
use wardline_finding::catalog::guardduty::ANOMALIES;

use crate::{Case, Class, Finding, Program, cases};

/// A case with its findings.
#[derive(Debug, Clone)]
pub struct Judged {
    /// The case.
    pub case: Case,
    /// Each expected type with the type that was found for it, if any.
    pub expected: Vec<(String, Option<String>)>,
    /// Each extra type with the type that was found for it, if any.
    pub extra: Vec<(String, Option<String>)>,
    /// The types of findings on the attacker's requests, with their highest severities.
    pub on_attack: Vec<(String, f64)>,
    /// All other findings above Low.
    pub beside: Vec<String>,
}

impl Judged {
    /// Whether the findings satisfy the label. A benign case must have no finding above Low.
    /// Any other case needs an expected type; if it has none, an extra type; if it has neither,
    /// any finding.
    #[must_use]
    pub fn is_right(&self) -> bool {
        let any = |list: &[(String, Option<String>)]| list.iter().any(|(_, found)| found.is_some());
        match self.case.class {
            Class::BenignHard => self.beside.is_empty() && self.worst() < 4.0,
            _ if !self.case.expected.is_empty() => any(&self.expected),
            _ if self.case.extra.is_empty() => !self.on_attack.is_empty(),
            _ => any(&self.extra),
        }
    }

    /// The highest severity on the attacker's requests, or 0 if nothing was found.
    #[must_use]
    pub fn worst(&self) -> f64 {
        self.on_attack
            .iter()
            .map(|(_, severity)| *severity)
            .fold(0.0, f64::max)
    }
}

/// Scans all cases of a folder and compares them, in the order of its list.
///
/// # Errors
/// Returns an error if a case cannot be read or the program fails on it.
pub fn judge_folder(program: &Program, folder: &Path) -> Result<Vec<Judged>> {
    let cases = cases(folder)?;
    let next = AtomicUsize::new(0);
    let judged = Mutex::new(Vec::with_capacity(cases.len()));
    let work = || -> Result<()> {
        while let Some((index, case)) = {
            let index = next.fetch_add(1, Ordering::Relaxed);
            cases.get(index).map(|case| (index, case))
        } {
            let findings = program.scan(&folder.join(&case.file))?;
            let one = judge(case.clone(), &findings);
            judged
                .lock()
                .map_err(|_| anyhow!("another thread panicked"))?
                .push((index, one));
        }
        Ok(())
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let started: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        started
            .into_iter()
            .map(|thread| {
                thread
                    .join()
                    .unwrap_or_else(|_| Err(anyhow!("a thread panicked")))
            })
            .collect::<Result<Vec<()>>>()
    })?;
    let mut judged = judged
        .into_inner()
        .map_err(|_| anyhow!("a thread panicked"))?;
    judged.sort_by_key(|(index, _)| *index);
    Ok(judged.into_iter().map(|(_, judged)| judged).collect())
}

/// Compares the findings of a case with its label.
#[must_use]
pub fn judge(case: Case, findings: &[Finding]) -> Judged {
    let is_attack = |finding: &Finding| {
        finding
            .event_ids
            .iter()
            .any(|id| case.attack_audit_ids.contains(id))
    };
    let mut on_attack: Vec<(String, f64)> = Vec::new();
    for finding in findings.iter().filter(|finding| is_attack(finding)) {
        let score = finding.severity.score;
        match on_attack
            .iter_mut()
            .find(|(name, _)| *name == finding.finding_type)
        {
            Some((_, highest)) => *highest = highest.max(score),
            None => on_attack.push((finding.finding_type.clone(), score)),
        }
    }
    on_attack.sort_by(|one, other| one.0.cmp(&other.0));
    let found = |wanted: &String| {
        let found = on_attack
            .iter()
            .map(|(name, _)| name)
            .find(|name| is_right_for(wanted, name) || is_of_list(&case, wanted, name))
            .cloned();
        (wanted.clone(), found)
    };
    Judged {
        expected: case.expected.iter().map(found).collect(),
        extra: case.extra.iter().map(found).collect(),
        beside: findings
            .iter()
            .filter(|finding| finding.is_above_low() && !is_attack(finding))
            .map(|finding| format!("{}: {}", finding.finding_type, finding.title))
            .collect(),
        on_attack,
        case,
    }
}

/// Whether a type satisfies a label: it has the same name, with or without `Kubernetes/`, or it
/// is the fixed condition that stands in for an anomaly type of GuardDuty.
fn is_right_for(wanted: &str, found: &str) -> bool {
    let whole = match wanted.split_once(':') {
        Some((purpose, family)) if !family.contains('/') => {
            format!("{purpose}:Kubernetes/{family}")
        }
        _ => wanted.to_owned(),
    };
    whole == found
        || ANOMALIES
            .iter()
            .any(|(anomaly, here)| *anomaly == whole && here.contains(&found))
}

/// Whether both types report a listed address, in a case with a listed attacker. The tactic may
/// differ from the label's.
fn is_of_list(case: &Case, wanted: &str, found: &str) -> bool {
    let mechanism = |name: &str| {
        ["TorIPCaller", "MaliciousIPCaller.Custom"]
            .into_iter()
            .find(|mechanism| name.ends_with(mechanism))
    };
    !case.address_lists.is_empty()
        && mechanism(wanted).is_some()
        && mechanism(wanted) == mechanism(found)
}
