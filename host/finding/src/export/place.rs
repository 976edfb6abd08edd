//! Where findings say that they come from.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::Finding;

/// Account and region, for the forms that cannot be without. What an event's envelope says
/// goes before them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Place {
    /// The account that findings are filed under: of AWS twelve digits. Empty means
    /// `000000000000`.
    pub account: String,
    /// The region. Empty means `us-east-1`, since a consumer may split an ARN at it.
    pub region: String,
}

impl Place {
    pub(super) fn account<'f>(&'f self, finding: &'f Finding) -> &'f str {
        first([
            finding.cloud.as_ref().map(|cloud| cloud.account.as_str()),
            Some(&self.account),
            Some("000000000000"),
        ])
    }

    pub(super) fn region<'f>(&'f self, finding: &'f Finding) -> &'f str {
        first([
            finding.cloud.as_ref().map(|cloud| cloud.region.as_str()),
            Some(&self.region),
            Some("us-east-1"),
        ])
    }

    /// The ARN of the cluster: that of EKS, which is where such findings are looked for.
    pub(super) fn cluster_arn(&self, finding: &Finding) -> String {
        format!(
            "arn:aws:eks:{}:{}:cluster/{}",
            self.region(finding),
            self.account(finding),
            cluster(finding)
        )
    }

    /// 32 hexadecimal digits that stay the same for a cluster.
    pub(super) fn detector_id(finding: &Finding) -> String {
        Sha256::digest(format!("wardline/{}", cluster(finding)))
            .iter()
            .take(16)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

/// The cluster's name, or a word for none.
pub(super) fn cluster(finding: &Finding) -> &str {
    first([Some(finding.cluster.as_str()), Some("unknown")])
}

fn first<const N: usize>(texts: [Option<&str>; N]) -> &str {
    texts
        .into_iter()
        .flatten()
        .find(|text| !text.is_empty())
        .unwrap_or_default()
}

/// The address that a finding is about: the one that stands on a list, where that is why it
/// was raised, or else that of the API server's peer.
pub(super) fn address(finding: &Finding) -> Option<&str> {
    attribute(finding, "address").or_else(|| {
        finding
            .actor
            .source_ips
            .last()
            .map(String::as_str)
            .filter(|address| !address.is_empty())
    })
}

/// What a detector adds under a key.
pub(super) fn attribute<'f>(finding: &'f Finding, key: &str) -> Option<&'f str> {
    finding
        .attributes
        .iter()
        .find(|attribute| attribute.key == key)
        .map(|attribute| attribute.value.as_str())
}

/// At most so many characters; a cut is marked.
pub(super) fn cut(text: &str, characters: usize) -> String {
    if text.chars().count() <= characters {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(characters.saturating_sub(1)).collect();
    short.push('…');
    short
}
