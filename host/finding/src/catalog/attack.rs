//! MITRE ATT&CK for Enterprise (<https://attack.mitre.org>, version 17): the tactics, and links to
//! techniques.

/// A tactic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tactic {
    /// The id, such as `TA0006`.
    pub id: &'static str,
    /// The name, such as `Credential Access`.
    pub name: &'static str,
    /// The purpose with which finding types begin, such as `CredentialAccess`.
    purpose: &'static str,
}

const fn tactic(id: &'static str, name: &'static str, purpose: &'static str) -> Tactic {
    Tactic { id, name, purpose }
}

impl Tactic {
    /// All tactics, in the order of the matrix.
    pub const ALL: [Self; 14] = [
        tactic("TA0043", "Reconnaissance", "Recon"),
        tactic("TA0042", "Resource Development", "ResourceDevelopment"),
        tactic("TA0001", "Initial Access", "InitialAccess"),
        tactic("TA0002", "Execution", "Execution"),
        tactic("TA0003", "Persistence", "Persistence"),
        tactic("TA0004", "Privilege Escalation", "PrivilegeEscalation"),
        tactic("TA0005", "Defense Evasion", "DefenseEvasion"),
        tactic("TA0006", "Credential Access", "CredentialAccess"),
        tactic("TA0007", "Discovery", "Discovery"),
        tactic("TA0008", "Lateral Movement", "LateralMovement"),
        tactic("TA0009", "Collection", "Collection"),
        tactic("TA0011", "Command and Control", "CommandAndControl"),
        tactic("TA0010", "Exfiltration", "Exfiltration"),
        tactic("TA0040", "Impact", "Impact"),
    ];

    /// Returns the tactic with an id.
    #[must_use]
    pub fn of_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tactic| tactic.id == id)
    }

    /// Returns the tactic of a finding type's purpose, or `None` for a purpose that is not a
    /// tactic, such as `Policy`.
    #[must_use]
    pub fn of_purpose(purpose: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|tactic| tactic.purpose == purpose)
    }
}

/// Returns the URL of a technique.
#[must_use]
pub fn technique_url(id: &str) -> String {
    format!(
        "https://attack.mitre.org/techniques/{}/",
        id.replace('.', "/")
    )
}

#[cfg(test)]
mod tests {
    use super::{Tactic, technique_url};

    #[test]
    fn finds_tactics_by_id_and_by_purpose() {
        for tactic in Tactic::ALL {
            assert_eq!(Tactic::of_id(tactic.id), Some(tactic));
            assert_eq!(Tactic::of_purpose(tactic.purpose), Some(tactic));
        }
        assert_eq!(Tactic::of_purpose("Policy"), None);
    }

    #[test]
    fn links_a_subtechnique_to_its_page() {
        assert_eq!(
            technique_url("T1552.007"),
            "https://attack.mitre.org/techniques/T1552/007/"
        );
    }
}
