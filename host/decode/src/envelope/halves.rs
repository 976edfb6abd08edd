//! Events that are delivered in several messages.
//!
//! CloudWatch Logs splits what is longer than a message
//! (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html>). The next
//! message of the stream has the rest, and messages of other streams may come between.

use super::form::is_plain;
use super::opener::trim_separators;

/// The most streams whose events are incomplete at once; a cluster has a few API servers.
const STREAMS: usize = 16;

/// The shortest message that may lack its end although it ends like an event, in bytes: limits of
/// messages are far above. Shorter ones are not examined.
const SPLIT_BYTES: usize = 64 * 1024;

/// The parts so far of events whose rest is missing, by stream. Each is at most as long as an event
/// may be.
#[derive(Debug, Default)]
pub(super) struct Halves(Vec<(String, Vec<u8>)>);

impl Halves {
    /// Takes the next message of a stream. Passes on the event that it completes, and events whose
    /// rest did not come. Returns the message if it neither continues an event nor begins one that
    /// lacks its end.
    pub fn push<'m>(
        &mut self,
        stream: &str,
        message: &'m str,
        limit: usize,
        give: &mut dyn FnMut(Vec<u8>),
    ) -> Option<&'m str> {
        let place = self.0.iter().position(|(name, _)| name == stream);
        let mut text = match place.map(|place| self.0.remove(place).1) {
            None if !is_plain(message.as_bytes()) => return Some(message),
            None => Vec::new(),
            Some(half) if continues(&half, message) => half,
            Some(half) => {
                give(half);
                if !is_plain(message.as_bytes()) {
                    return Some(message);
                }
                Vec::new()
            }
        };
        if text.is_empty() && is_whole(message.as_bytes()) {
            return Some(message);
        }
        text.extend_from_slice(message.as_bytes());
        if text.len() > limit || is_whole(&text) {
            give(text);
            return None;
        }
        if self.0.len() == STREAMS {
            give(self.0.remove(0).1);
        }
        self.0.push((stream.to_owned(), text));
        None
    }

    /// Returns an event whose rest did not come, until there are none.
    pub fn pop(&mut self) -> Option<Vec<u8>> {
        (!self.0.is_empty()).then(|| self.0.remove(0).1)
    }
}

/// Whether a message is the rest of an event. The author of a body can make a rest look like an event,
/// but then the whole is one.
fn continues(half: &[u8], message: &str) -> bool {
    !is_plain(message.as_bytes()) || is_json(&[half, message.as_bytes()].concat())
}

fn is_whole(text: &[u8]) -> bool {
    // Some programs write a comma after each event, and an event may be split after one.
    let event = trim_separators(text);
    let has_comma = event.len() < text.trim_ascii_end().len();
    event.ends_with(b"}") && ((text.len() < SPLIT_BYTES && !has_comma) || is_json(event))
}

fn is_json(text: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::{Halves, STREAMS};

    /// Passes messages with their streams, and returns the texts in the order in which they are given.
    fn joined(messages: &[(&str, &str)]) -> Vec<String> {
        let mut halves = Halves::default();
        let mut texts = Vec::new();
        for (stream, message) in messages {
            let mut give = |text| texts.push(String::from_utf8(text).unwrap());
            let own = halves.push(stream, message, 1 << 20, &mut give);
            texts.extend(own.map(str::to_owned));
        }
        while let Some(half) = halves.pop() {
            texts.push(String::from_utf8(half).unwrap());
        }
        texts
    }

    const EVENT: &str =
        r#"{"kind":"Event","requestObject":{"kind":"Event","a":{"b":"x } y"}},"c":[1,2]}"#;

    #[test]
    fn event_is_joined_wherever_it_is_split() {
        for first in 14..EVENT.len() {
            let (one, rest) = EVENT.split_at(first);
            // A short text that ends like an event is taken for one.
            if one.trim_end().ends_with('}') {
                continue;
            }
            assert_eq!(joined(&[("s", one), ("s", rest)]), [EVENT], "{first}");
            let (two, three) = rest.split_at(rest.len() / 2);
            // If there are three parts, a second one that looks like an event is taken for one.
            if !two.trim_end().ends_with('}') && !two.starts_with('{') {
                assert_eq!(joined(&[("s", one), ("s", two), ("s", three)]), [EVENT]);
            }
        }
    }

    #[test]
    fn streams_may_be_mixed() {
        let (one, rest) = EVENT.split_at(40);
        let other = r#"{"kind":"Event","d":1}"#;
        assert_eq!(
            joined(&[
                ("a", one),
                ("b", other),
                ("b", one),
                ("a", rest),
                ("b", rest)
            ]),
            [other, EVENT, EVENT]
        );
    }

    #[test]
    fn event_without_its_rest_is_passed_on() {
        let (one, _) = EVENT.split_at(40);
        assert_eq!(joined(&[("a", one), ("a", EVENT)]), [one, EVENT]);
        assert_eq!(joined(&[("a", one)]), [one]);
        assert_eq!(joined(&[("a", "rest\"}")]), ["rest\"}"]);
        let names: Vec<String> = (0..=STREAMS).map(|number| number.to_string()).collect();
        let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), one)).collect();
        assert_eq!(joined(&many).len(), STREAMS + 1);
    }
}
