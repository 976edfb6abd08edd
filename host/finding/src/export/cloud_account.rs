//! The account, region, and other identifiers that other products' formats require.

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Cloud, EventFamily, Finding};

/// The account and region for formats that require those of AWS. Values from an envelope of AWS take
/// precedence; AWS cannot file findings under a project of another cloud.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct CloudAccount {
    /// The account under which findings are filed; for AWS, twelve digits. Empty means
    /// `000000000000`.
    pub account: String,
    /// The region. Empty means `us-east-1`, because consumers may parse the region of an ARN.
    pub region: String,
}

impl CloudAccount {
    pub(super) fn account<'f>(&'f self, finding: &'f Finding) -> &'f str {
        first([
            of_aws(finding).map(|cloud| cloud.account.as_str()),
            Some(&self.account),
            Some("000000000000"),
        ])
    }

    pub(super) fn region<'f>(&'f self, finding: &'f Finding) -> &'f str {
        first([
            of_aws(finding).map(|cloud| cloud.region.as_str()),
            Some(&self.region),
            Some("us-east-1"),
        ])
    }

    /// Returns the cluster's ARN as an EKS cluster, which is how consumers look findings up.
    pub(super) fn cluster_arn(&self, finding: &Finding) -> String {
        format!(
            "arn:aws:eks:{}:{}:cluster/{}",
            self.region(finding),
            self.account(finding),
            cluster(finding)
        )
    }

    /// Returns 32 hexadecimal digits that are constant for a cluster.
    pub(super) fn detector_id(finding: &Finding) -> String {
        let hash = Sha256::digest(format!("wardline/{}", cluster(finding)));
        let mut hexadecimal = HEXLOWER.encode(&hash);
        hexadecimal.truncate(32);
        hexadecimal
    }
}

/// Returns the cluster's location if it is in AWS.
fn of_aws(finding: &Finding) -> Option<&Cloud> {
    finding
        .cloud
        .as_ref()
        .filter(|cloud| cloud.provider == "aws")
}

/// Returns the cluster's name, or `unknown`.
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

/// Returns the address that a finding is about: the address on the intel list if the finding is
/// about one, otherwise the address of the API server's peer.
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

/// Returns the name of the field for the ids of a finding's events.
pub(super) fn event_ids(finding: &Finding) -> &'static str {
    match finding.event_family {
        EventFamily::Audit => "auditIds",
        EventFamily::Runtime | EventFamily::Host => "eventIds",
        EventFamily::Signal => "findingIds",
    }
}

/// Returns the value of a detector's attribute.
pub(super) fn attribute<'f>(finding: &'f Finding, key: &str) -> Option<&'f str> {
    finding
        .attributes
        .iter()
        .find(|attribute| attribute.key == key)
        .map(|attribute| attribute.value.as_str())
}

/// Truncates a text to a number of characters, and marks the cut.
pub(super) fn cut(text: &str, characters: usize) -> String {
    if text.chars().count() <= characters {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(characters.saturating_sub(1)).collect();
    short.push('…');
    short
}
