//! The lists that addresses are looked up in.

use wardline_sdk::rules::tactic::Tactic;

/// A kind of list, as the configuration of the host names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListKind {
    /// What the operator has put together.
    Custom,
    /// What somebody else keeps: a vendor, a community.
    Feed,
    /// Exits of the Tor network.
    Tor,
}

impl ListKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Custom, Self::Feed, Self::Tor];

    /// The kind of list that is asked for.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Custom => "threat",
            Self::Feed => "threat-feed",
            Self::Tor => "tor",
        }
    }

    /// GuardDuty's type.
    pub fn finding_type(self, tactic: Tactic) -> String {
        let family = match self {
            Self::Custom => "MaliciousIPCaller.Custom",
            Self::Feed => "MaliciousIPCaller",
            Self::Tor => "TorIPCaller",
        };
        format!("{}:Kubernetes/{family}", tactic.purpose())
    }

    /// What an address on such a list is, for titles.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Custom => "an address on the operator's threat list",
            Self::Feed => "a known malicious address",
            Self::Tor => "a Tor exit",
        }
    }
}
