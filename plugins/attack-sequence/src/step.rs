//! Findings that may be steps of an attack.

use wardline_sdk::prelude::*;

/// The finding types that may be steps. This detector's own are not among them, nor are `Policy`
/// and `Health`, which tell nothing about what an identity is after.
pub const SUBSCRIBED: [&str; 13] = [
    "Collection:*",
    "CredentialAccess:*",
    "DefenseEvasion:*",
    "Discovery:*",
    "Execution:*",
    "Exfiltration:*",
    "Impact:*",
    "InitialAccess:*",
    "LateralMovement:*",
    "Persistence:*",
    "PrivilegeEscalation:*",
    "Recon:*",
    "UnauthorizedAccess:*",
];

/// The tactics whose findings are about requests that somebody makes by hand. Findings of the other
/// tactics are mostly about objects that installations apply as well.
const BY_HAND: [&str; 6] = [
    "Collection",
    "CredentialAccess",
    "Discovery",
    "InitialAccess",
    "LateralMovement",
    "Recon",
];

/// The families of the other tactics that are about such requests too.
const FAMILIES: [&str; 21] = [
    "BootstrapToken",
    "ClientCertificateIssued",
    "DryRunProbe",
    "EphemeralContainer",
    "EventsDeleted",
    "ExecByServiceAccount",
    "ExecInKubeSystemPod",
    "ExecInPod",
    "ExecInPrivilegedPod",
    "Impersonation",
    "InteractiveShell",
    "KubectlCp",
    "LongLivedToken",
    "MassDeletion",
    "NodeDebugPod",
    "NodesProxy",
    "PodSecurityDenied",
    "PrivilegedServiceAccountPod",
    "RBACChangeThenUse",
    "RBACDenied",
    "SelfGrant",
];

/// A family that says how a credential is used and not what for.
const TOOL: &str = "UnusualUserAgent";

/// The place of a credential, which is the beginning of an attack with it.
const ELSEWHERE: &str = "UnauthorizedAccess:Kubernetes/TokenUsedOutsideCluster";

/// Administrators of public endpoints raise it every day.
const EVERYDAY: &str = "SystemPrincipalFromPublicAddress";

/// A severity from which a finding of any kind counts: above Low.
const ALWAYS: f64 = 4.0;

/// A finding that may be a step of an attack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step<'a> {
    /// The tactic, as finding types write it. Empty for [`TOOL`].
    pub tactic: &'a str,
    /// Whether installations do not raise the finding as well.
    pub is_by_hand: bool,
    /// The finding type.
    pub finding_type: &'a str,
    /// Whether the finding shows that a workload's token is used with a tool of people.
    pub shows_hand_tool: bool,
}

impl<'a> Step<'a> {
    /// Returns the step that a finding may be, or none.
    pub fn from_signal(signal: Signal<'a>) -> Option<Self> {
        let finding_type = signal.finding_type();
        let (purpose, family) = parts(finding_type)?;
        let is_severe = signal.severity() >= ALWAYS;
        if family == EVERYDAY {
            return None;
        }
        Some(Self {
            is_by_hand: BY_HAND.contains(&purpose)
                || FAMILIES.contains(&family)
                || finding_type == ELSEWHERE
                || is_severe,
            tactic: match family {
                TOOL if !is_severe => "",
                _ => tactic(purpose),
            },
            finding_type,
            shows_hand_tool: family == TOOL || (finding_type == ELSEWHERE && is_severe),
        })
    }

    /// Returns a text from which [`Self::decode`] reads the step.
    pub fn encode(&self) -> String {
        let marks = [(self.is_by_hand, 'h'), (self.shows_hand_tool, 't')];
        let marks: String = marks
            .into_iter()
            .filter_map(|(is_set, mark)| is_set.then_some(mark))
            .collect();
        format!("{}\u{1f}{marks}\u{1f}{}", self.tactic, self.finding_type)
    }

    /// Returns the step of a text of [`Self::encode`].
    pub fn decode(text: &'a str) -> Self {
        let mut parts = text.splitn(3, '\u{1f}');
        let mut part = || parts.next().unwrap_or_default();
        let (tactic, marks, finding_type) = (part(), part(), part());
        Self {
            tactic,
            is_by_hand: marks.contains('h'),
            finding_type,
            shows_hand_tool: marks.contains('t'),
        }
    }
}

/// Returns the purpose and the family of a finding type: `Discovery` and `Enumeration`.
fn parts(finding_type: &str) -> Option<(&str, &str)> {
    let (purpose, rest) = finding_type.split_once(':')?;
    let (_, family) = rest.split_once('/')?;
    Some((purpose, family))
}

/// Returns the ATT&CK tactic of a purpose.
fn tactic(purpose: &str) -> &str {
    match purpose {
        "Recon" => "Discovery",
        "UnauthorizedAccess" => "InitialAccess",
        purpose => purpose,
    }
}
