//! Kinds of intel lists in which addresses are looked up.

use wardline_sdk::rules::tactic::Tactic;

/// A kind of intel list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListKind {
    /// A threat list of the operator's own.
    Custom,
    /// A threat feed from a vendor or a community.
    Feed,
    /// A list of Tor exit nodes.
    Tor,
}

impl ListKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Custom, Self::Feed, Self::Tor];

    /// Returns the kind's name in the host's configuration.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Custom => "threat",
            Self::Feed => "threat-feed",
            Self::Tor => "tor",
        }
    }

    /// Returns GuardDuty's finding type for a tactic.
    pub fn finding_type(self, tactic: Tactic) -> String {
        let family = match self {
            Self::Custom => "MaliciousIPCaller.Custom",
            Self::Feed => "MaliciousIPCaller",
            Self::Tor => "TorIPCaller",
        };
        format!("{}:Kubernetes/{family}", tactic.purpose())
    }

    /// Describes an address on such a list, for titles.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Custom => "an address on a custom threat list",
            Self::Feed => "a known malicious address",
            Self::Tor => "a Tor exit node",
        }
    }
}
