//! The body of a request: receiving, decompressing, and a first inspection.

use std::borrow::Cow;
use std::io::Read;

use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::intake::Room;

/// A body could not be received.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum BodyError {
    /// The body exceeds the limit.
    TooLarge,
    /// The connection broke, or the data is not HTTP.
    Broken,
    /// The body is announced as gzip, but is not.
    NotPacked(String),
}

/// The kind of a body.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Events. Whether each of them is valid is for the decoder to find out.
    Events,
    /// A list without events.
    Nothing,
    /// Neither a list of audit events nor an event, with the reason.
    Malformed(String),
}

/// Receives a body of at most `limit` bytes, and holds room for what has arrived.
pub(super) async fn receive(
    mut body: Incoming,
    limit: usize,
    room: &mut Room,
) -> Result<Vec<u8>, BodyError> {
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| BodyError::Broken)?;
        if let Some(data) = frame.data_ref() {
            if bytes.len() + data.len() > limit {
                return Err(BodyError::TooLarge);
            }
            room.grow(bytes.len() + data.len()).await;
            bytes.extend_from_slice(data);
        }
    }
    Ok(bytes)
}

/// Decompresses gzip (RFC 1952) to at most `limit` bytes.
pub(super) fn unpack(packed: &[u8], limit: usize) -> Result<Bytes, BodyError> {
    let mut bytes = Vec::new();
    MultiGzDecoder::new(packed)
        .take(limit as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| BodyError::NotPacked(error.to_string()))?;
    if bytes.len() > limit {
        return Err(BodyError::TooLarge);
    }
    Ok(bytes.into())
}

/// Returns whether a body is what an API server sends: an `EventList` of `audit.k8s.io`, or one
/// `Event`. Events are not examined: an invalid one must not cost the others.
pub(super) fn inspect(bytes: &[u8]) -> Verdict {
    #[derive(Deserialize)]
    struct Body<'a> {
        #[serde(borrow)]
        kind: Option<Cow<'a, str>>,
        items: Option<Vec<IgnoredAny>>,
    }
    // A derived deserializer accepts an array for a struct's fields, too.
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Verdict::Malformed("it is not a JSON object".to_owned());
    }
    let body: Body<'_> = match serde_json::from_slice(bytes) {
        Ok(body) => body,
        Err(error) => return Verdict::Malformed(error.to_string()),
    };
    match body.kind.as_deref() {
        Some("EventList") if body.items.is_none_or(|items| items.is_empty()) => Verdict::Nothing,
        Some("EventList" | "Event") => Verdict::Events,
        Some(kind) => Verdict::Malformed(format!(
            "its kind is `{kind}` instead of `EventList` or `Event`"
        )),
        None => Verdict::Malformed("it has no `kind` (`EventList` or `Event`)".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use proptest::prelude::*;

    use super::{BodyError, Verdict, inspect, unpack};

    #[test]
    fn recognizes_events_and_empty_lists() {
        let deep = format!(
            r#"{{"kind":"EventList","items":[{}{}]}}"#,
            "[".repeat(100_000),
            "]".repeat(100_000)
        );
        for body in [
            r#"{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[{}]}"#,
            r#" {"items":[1,"x",{"auditID":5}],"kind":"EventList"} "#,
            r#"{"kind":"Event","level":"Metadata"}"#,
            &deep,
        ] {
            assert_eq!(inspect(body.as_bytes()), Verdict::Events, "{body:.60}");
        }
        for body in [
            r#"{"kind":"EventList","items":[]}"#,
            r#"{"kind":"EventList","items":null}"#,
            r#"{"kind":"EventList"}"#,
        ] {
            assert_eq!(inspect(body.as_bytes()), Verdict::Nothing, "{body}");
        }
        // An item may have any bytes in its strings; that costs only the item.
        assert_eq!(
            inspect(b"{\"kind\":\"EventList\",\"items\":[{\"a\":\"\xff\"}]}"),
            Verdict::Events
        );
    }

    #[test]
    fn anything_but_events_is_malformed() {
        for body in [
            "",
            "null",
            r#"["EventList",[{}]]"#,
            r#"{"kind":"PodList","items":[{}]}"#,
            r#"{"items":[{}]}"#,
            r#"{"kind":5,"items":[{}]}"#,
            r#"{"kind":"EventList","items":{}}"#,
            r#"{"kind":"EventList","items":[{}]} {}"#,
        ] {
            let verdict = inspect(body.as_bytes());
            assert!(
                matches!(verdict, Verdict::Malformed(_)),
                "{body}: {verdict:?}"
            );
        }
    }

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn limit_applies_to_the_decompressed_size() {
        let bomb = packed(&vec![b' '; 10_000_000]);
        assert!(bomb.len() < 100_000);
        assert_eq!(unpack(&bomb, 9_999_999), Err(BodyError::TooLarge));
        assert_eq!(unpack(&bomb, 10_000_000).unwrap().len(), 10_000_000);
        assert!(matches!(
            unpack(&bomb[..bomb.len() / 2], usize::MAX - 1),
            Err(BodyError::NotPacked(_))
        ));
        assert!(matches!(unpack(b"{}", 10), Err(BodyError::NotPacked(_))));
    }

    proptest! {
        #[test]
        fn inspects_any_bytes_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = inspect(&bytes);
            let _ = unpack(&bytes, 1000);
        }

        #[test]
        fn truncated_list_is_malformed(at in 0_usize..70) {
            let whole = br#"{"kind":"EventList","items":[{"auditID":"a"},{"auditID":"b"}],"a":1.5}"#;
            prop_assert!(matches!(inspect(&whole[..at.min(whole.len() - 1)]), Verdict::Malformed(_)));
        }
    }
}
