//! Cuts a finding to its maximum size.

use wardline_contract::Finding;
use wardline_event::model::Attribute;

use super::claim::size;

/// The longest title, in bytes, of a finding that is too large.
const TITLE_BYTES: usize = 512;
/// The longest of the other texts, in bytes, of a finding that is too large.
const TEXT_BYTES: usize = 4096;
/// The most items in each list of a finding.
const ITEMS: usize = 1000;
/// The key of the attribute that says what was left out.
const CUT: &str = "cut";
/// The size of that attribute, in bytes.
const CUT_BYTES: usize = 256;

/// Cuts a finding that has more than `limit` bytes: first its long texts, then its last attributes, evidence,
/// and events. An attribute says what was left out. The first event and its first evidence stay.
pub(crate) fn to_size(finding: &mut Finding, limit: usize) {
    let many = finding
        .evidence
        .len()
        .max(finding.attributes.len())
        .max(finding.events.len());
    if many <= ITEMS && size(finding) <= limit {
        return;
    }
    // Lists of millions of empty items take longer to check than to drop.
    let left_out = |items: usize| items.saturating_sub(ITEMS);
    let mut attributes = left_out(finding.attributes.len());
    let mut evidence = left_out(finding.evidence.len());
    let mut events = left_out(finding.events.len());
    finding.attributes.truncate(ITEMS);
    finding.evidence.truncate(ITEMS);
    finding.events.truncate(ITEMS);
    let mut shortened = 0;
    let mut shorten = |text: &mut String, bytes: usize| {
        if text.len() > bytes {
            let mut end = bytes;
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            text.truncate(end);
            text.push('…');
            shortened += 1;
        }
    };
    // A small limit must still leave room for all texts.
    let bytes = TEXT_BYTES.min(limit / 8).max(16);
    shorten(&mut finding.title, TITLE_BYTES.min(bytes));
    shorten(&mut finding.description, bytes);
    for evidence in &mut finding.evidence {
        shorten(&mut evidence.field, bytes);
        shorten(&mut evidence.value, bytes);
    }
    for attribute in &mut finding.attributes {
        shorten(&mut attribute.key, bytes);
        shorten(&mut attribute.value, bytes);
    }
    cut_key(&mut finding.dedup_key, bytes);
    let limit = limit.saturating_sub(CUT_BYTES);
    attributes += drop_last(finding, limit, |finding| &mut finding.attributes, 0);
    evidence += drop_last(finding, limit, |finding| &mut finding.evidence, 1);
    events += drop_last(finding, limit, |finding| &mut finding.events, 1);
    // Evidence must cite an event of the finding.
    let cited = finding.events.clone();
    finding
        .evidence
        .retain(|evidence| cited.contains(&evidence.event));
    finding.attributes.push(Attribute {
        key: CUT.to_owned(),
        value: format!(
            "{shortened} texts were shortened; {evidence} items of evidence, {attributes} attributes, and {events} events were left out"
        ),
    });
}

/// Shortens a key so that different keys stay different: its end is replaced with a hash of the whole.
fn cut_key(key: &mut String, bytes: usize) {
    if key.len() <= bytes {
        return;
    }
    // FNV-1a, 64 bits: the key only tells the findings of one type apart.
    let hash = key.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mut end = bytes.saturating_sub(17);
    while !key.is_char_boundary(end) {
        end -= 1;
    }
    key.truncate(end);
    key.push_str(&format!("…{hash:016x}"));
}

/// Removes the last items of a list, all but `least`, until the finding has at most `limit` bytes.
/// Returns how many were removed.
fn drop_last<T>(
    finding: &mut Finding,
    limit: usize,
    list: impl Fn(&mut Finding) -> &mut Vec<T>,
    least: usize,
) -> usize {
    let all = list(finding).len();
    // Halving measures the finding a few times instead of once for each item.
    while size(finding) > limit && list(finding).len() > least {
        let keep = (list(finding).len() / 2).max(least);
        list(finding).truncate(keep);
    }
    all - list(finding).len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert, proptest};
    use wardline_contract::Finding;
    use wardline_event::model::{Attribute, Evidence};

    use super::{size, to_size};

    fn finding(evidence: usize, length: usize) -> Finding {
        Finding {
            finding_type: "Execution:Kubernetes/ExecInPod".to_owned(),
            title: "t".repeat(length),
            description: "d".repeat(length),
            dedup_key: "k".repeat(length),
            events: (0..evidence as u64).collect(),
            evidence: (0..evidence)
                .map(|number| Evidence {
                    event: number as u64,
                    field: "f".repeat(length),
                    value: "é".repeat(length),
                })
                .collect(),
            attributes: vec![Attribute::default(); evidence],
            ..Finding::default()
        }
    }

    #[test]
    fn small_finding_stays_as_it_is() {
        let mut small = finding(3, 10);
        let before = small.clone();
        to_size(&mut small, 1 << 16);
        assert_eq!(small, before);
    }

    #[test]
    fn long_keys_stay_different() {
        let mut one = finding(1, 100_000);
        let mut other = one.clone();
        other.dedup_key.push('x');
        to_size(&mut one, 1 << 16);
        to_size(&mut other, 1 << 16);
        assert_ne!(one.dedup_key, other.dedup_key);
    }

    proptest! {
        /// However large a finding is, it is kept, cites its first event, and has the size that is
        /// allowed.
        #[test]
        fn large_finding_is_cut_and_says_so(
            evidence in 1_usize..2000,
            length in 0_usize..20_000,
            limit in 4096_usize..1 << 17,
            seed in any::<bool>(),
        ) {
            let mut large = finding(evidence, if seed { length } else { length / 100 });
            let is_large = size(&large) > limit || evidence > super::ITEMS;
            to_size(&mut large, limit);
            prop_assert!(size(&large) <= limit, "{} of {limit}", size(&large));
            prop_assert!(large.events.first() == Some(&0));
            prop_assert!(large.evidence.first().is_some_and(|first| first.event == 0));
            prop_assert!(large.evidence.iter().all(|one| large.events.contains(&one.event)));
            let says_so = large.attributes.iter().any(|one| one.key == "cut");
            prop_assert!(says_so == is_large);
        }
    }
}
