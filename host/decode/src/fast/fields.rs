//! The positions of the fields of an event.

use super::members::{Span, Walk};
use crate::index::Index;

/// A field of the head; its number is its index in [`KEYS`].
#[derive(Debug, Clone, Copy)]
pub(super) enum Field {
    Kind,
    ApiVersion,
    Level,
    AuditId,
    Stage,
    RequestUri,
    Verb,
    User,
    ImpersonatedUser,
    SourceIps,
    UserAgent,
    Object,
    Response,
    Answer = 14,
}

/// The keys of the fields, with quotes and colon, in the order in which kube-apiserver writes
/// them, which is that of `audit.k8s.io/v1` `Event`.
const KEYS: [&[u8]; 18] = [
    b"\"kind\":",
    b"\"apiVersion\":",
    b"\"level\":",
    b"\"auditID\":",
    b"\"stage\":",
    b"\"requestURI\":",
    b"\"verb\":",
    b"\"user\":",
    b"\"impersonatedUser\":",
    b"\"sourceIPs\":",
    b"\"userAgent\":",
    b"\"objectRef\":",
    b"\"responseStatus\":",
    b"\"requestObject\":",
    b"\"responseObject\":",
    b"\"requestReceivedTimestamp\":",
    b"\"stageTimestamp\":",
    b"\"annotations\":",
];

/// The number of keys that are tried at each position, since some may be omitted, such as
/// both bodies and the object.
const AHEAD: usize = 4;

/// The spans of the fields of an event. A `null` field counts as missing.
#[derive(Debug, Default)]
pub(super) struct Fields([Option<Span>; KEYS.len()]);

impl Fields {
    /// Finds the fields in any order, and fastest in the usual one. Works in place, since the
    /// array is too large to move.
    pub fn read(&mut self, text: &str, index: &Index) -> Option<()> {
        let mut walk = Walk::new(text, index, 0);
        let mut next = 0;
        while walk.goes_on()? {
            let keys = KEYS.iter().enumerate().skip(next).take(AHEAD);
            let mut usual = keys.filter(|(_, key)| walk.takes(key));
            if let Some((number, _)) = usual.next() {
                next = number + 1;
                self.set(number, text, walk.value_of_member()?);
                continue;
            }
            let Some((key, value)) = walk.member()? else {
                break;
            };
            // This may be a list of events.
            if key == b"items" {
                return None;
            }
            match KEYS.iter().position(|quoted| is_key(quoted, key)) {
                Some(number) => self.set(number, text, value),
                None => walk.is_unknown()?,
            }
        }
        // The slow reader handles text after the event.
        (text.starts_with('{') && walk.end == Some(text.len())).then_some(())
    }

    fn set(&mut self, number: usize, text: &str, value: Span) {
        if let Some(field) = self.0.get_mut(number) {
            *field = said(text, value);
        }
    }

    pub fn get(&self, field: Field) -> Option<Span> {
        self.0.get(field as usize).copied().flatten()
    }
}

fn is_key(quoted: &[u8], key: &[u8]) -> bool {
    quoted
        .strip_prefix(b"\"")
        .and_then(|quoted| quoted.strip_suffix(b"\":"))
        == Some(key)
}

/// Returns the value unless it is `null`.
pub(super) fn said(text: &str, value: Span) -> Option<Span> {
    (value.of(text) != b"null").then_some(value)
}

#[cfg(test)]
mod tests {
    use super::{Field, Fields, KEYS};
    use crate::index::Index;

    /// Uses each key as its own value.
    fn check(order: &[usize]) {
        let members: Vec<String> = order
            .iter()
            .map(|number| {
                let key = String::from_utf8(KEYS[*number].to_vec()).unwrap();
                format!("{key}{}", key.trim_end_matches(':'))
            })
            .collect();
        let text = format!("{{{}}}", members.join(","));
        let mut index = Index::default();
        index.begin(text.as_bytes());
        let mut fields = Fields::default();
        fields.read(&text, &index).unwrap();
        for (number, key) in KEYS.iter().enumerate() {
            let found = fields.0[number].map(|span| span.of(&text));
            let expected = order.contains(&number).then(|| &key[..key.len() - 1]);
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn every_order_is_read() {
        let usual: Vec<usize> = (0..KEYS.len()).collect();
        check(&usual);
        check(&usual.iter().rev().copied().collect::<Vec<_>>());
        for left_out in 0..KEYS.len() {
            let rest = |number: &usize| *number < left_out || *number > left_out + 6;
            check(&usual.iter().copied().filter(rest).collect::<Vec<_>>());
        }
        for (field, key) in [
            (Field::ImpersonatedUser, &b"\"impersonatedUser\":"[..]),
            (Field::SourceIps, b"\"sourceIPs\":"),
            (Field::UserAgent, b"\"userAgent\":"),
            (Field::Object, b"\"objectRef\":"),
            (Field::Response, b"\"responseStatus\":"),
            (Field::Answer, b"\"responseObject\":"),
        ] {
            assert_eq!(KEYS[field as usize], key);
        }
    }
}
