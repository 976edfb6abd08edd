//! Tells a list of events on one line from a single event, by its head.

/// Whether a line that begins so is a list: an array, or an object that at its top
/// level has `"kind": "EventList"` or a key `items`. Lists may be as long as a
/// document, since what is limited are their items. Only keys count: an attacker
/// chooses many values of an event, but none of its keys.
pub(super) fn is_list_head(head: &[u8]) -> bool {
    let head = head.trim_ascii_start();
    match head.first() {
        Some(b'[') => true,
        Some(b'{') => object_is_list(head),
        _ => false,
    }
}

fn object_is_list(head: &[u8]) -> bool {
    let (mut depth, mut at) = (0_u32, 0_usize);
    let mut key: &[u8] = b"";
    while let Some(&byte) = head.get(at) {
        at += 1;
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => {
                let Some((text, end)) = string(head, at) else {
                    return false;
                };
                at = end;
                if depth != 1 {
                    continue;
                }
                if next_is_colon(head, at) {
                    if text == b"items" {
                        return true;
                    }
                    key = text;
                } else if key == b"kind" && text == b"EventList" {
                    return true;
                }
            }
            _ => {}
        }
        if depth == 0 {
            return false;
        }
    }
    false
}

/// The string that begins at `start`, after its quote, and the place after it.
fn string(head: &[u8], start: usize) -> Option<(&[u8], usize)> {
    let mut at = start;
    loop {
        match head.get(at)? {
            b'\\' => at += 2,
            b'"' => return Some((head.get(start..at)?, at + 1)),
            _ => at += 1,
        }
    }
}

fn next_is_colon(head: &[u8], at: usize) -> bool {
    head.get(at..)
        .and_then(|rest| rest.trim_ascii_start().first())
        == Some(&b':')
}

#[cfg(test)]
mod tests {
    use super::is_list_head;

    #[test]
    fn lists_are_known_by_their_keys() {
        for head in [
            &br#"[{"kind":"Event"#[..],
            br#" {"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"it"#,
            br#"{"apiVersion":"audit.k8s.io/v1","kind" : "EventList""#,
            br#"{"apiVersion":"audit.k8s.io/v1","metadata":{"items":1},"items":[{"#,
        ] {
            assert!(is_list_head(head), "{}", String::from_utf8_lossy(head));
        }
    }

    #[test]
    fn values_chosen_by_a_caller_do_not_make_a_list() {
        for head in [
            &br#"{"kind":"Event","userAgent":"items","requestURI":"EventList""#[..],
            br#"{"kind":"Event","responseObject":{"kind":"EventList","items":[{"#,
            br#"{"kind":"Event","userAgent":"a\",\"items\":[","level":"M"#,
            br#"{"kind":"Event"}{"items":1}"#,
            br#"{"ite"#,
            b"items",
            b"",
        ] {
            assert!(!is_list_head(head), "{}", String::from_utf8_lossy(head));
        }
    }
}
