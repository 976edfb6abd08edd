//! The members of a JSON object, found without assuming valid JSON.

use std::borrow::Cow;

use serde::de::DeserializeOwned;

use crate::item::Item;
use crate::scan::{skip_blank, string_end, trim};

/// The raw text of a key, without its quotes, and the text of its value.
pub(crate) type Member<'a> = (&'a [u8], &'a [u8]);

/// Iterates over the members of an object up to the first text that cannot be a member.
pub(crate) struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Walk<'a> {
    /// Starts at the object with which `bytes` begin.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            at: skip_blank(bytes, 1),
        }
    }

    /// Whether the object's closing bracket was reached.
    pub fn is_closed(&self) -> bool {
        self.bytes.get(self.at) == Some(&b'}')
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = Member<'a>;

    fn next(&mut self) -> Option<Member<'a>> {
        if self.bytes.get(self.at) != Some(&b'"') {
            return None;
        }
        let end = string_end(self.bytes, self.at)?;
        let key = self.bytes.get(self.at + 1..end - 1)?;
        let colon = skip_blank(self.bytes, end);
        if self.bytes.get(colon) != Some(&b':') {
            self.at = self.bytes.len();
            return None;
        }
        let start = skip_blank(self.bytes, colon + 1);
        let end = Item::scan(self.bytes, start, false).end;
        self.at = match self.bytes.get(end) {
            Some(b',') => skip_blank(self.bytes, end + 1),
            _ => end,
        };
        Some((key, trim(self.bytes.get(start..end)?)))
    }
}

/// An object with its members.
pub(super) struct Object<'a> {
    /// The object alone, or the whole text if the object does not end.
    pub bytes: &'a [u8],
    members: Vec<Member<'a>>,
    /// Whether its closing bracket was found.
    pub is_whole: bool,
    /// The text after it, without surrounding white space.
    pub rest: &'a [u8],
}

impl<'a> Object<'a> {
    /// Reads the object with which `bytes` begin; none if they do not begin with `{`.
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        if bytes.first() != Some(&b'{') {
            return None;
        }
        let mut walk = Walk::new(bytes);
        let members = walk.by_ref().collect();
        let is_whole = walk.is_closed();
        let end = if is_whole { walk.at + 1 } else { bytes.len() };
        let (object, rest) = bytes.split_at_checked(end)?;
        Some(Self {
            bytes: object,
            members,
            is_whole,
            rest: trim(rest),
        })
    }

    /// The members in the order of the text.
    pub fn members(&self) -> impl Iterator<Item = Member<'a>> {
        self.members.iter().copied()
    }

    /// The text of a value other than `null`. If a key occurs twice, the last value counts.
    pub fn get(&self, key: &str) -> Option<&'a [u8]> {
        let mut from_last = self.members.iter().rev();
        let (_, value) = from_last.find(|(name, _)| *name == key.as_bytes())?;
        (*value != b"null").then_some(*value)
    }

    pub fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// The value if it is an object.
    pub fn object(&self, key: &str) -> Option<Object<'a>> {
        Object::read(self.get(key)?)
    }

    /// The value if it is a string.
    pub fn text(&self, key: &str) -> Option<Cow<'a, str>> {
        text(self.get(key)?)
    }

    /// The value if it is a string, or the beginning of one if the object was cut off in it. It is for
    /// lines of a log; of other values a part would be another value.
    pub fn line(&self, key: &str) -> Option<Cow<'a, str>> {
        let value = self.get(key)?;
        text(value).or_else(|| beginning(value).filter(|_| !self.is_whole))
    }

    /// The value if it is a string, else an empty text.
    pub fn text_or_empty(&self, key: &str) -> Cow<'a, str> {
        self.text(key).unwrap_or_default()
    }

    /// The value if it has another type.
    pub fn value<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        serde_json::from_slice(self.get(key)?).ok()
    }

    /// Whether the value begins with this byte, such as `[` for a list.
    pub fn begins(&self, key: &str, byte: u8) -> bool {
        self.get(key).and_then(<[u8]>::first) == Some(&byte)
    }
}

/// Resolves the escapes of a JSON string; borrows it if there are none.
pub(super) fn text(value: &[u8]) -> Option<Cow<'_, str>> {
    let inner = value.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    if memchr::memchr2(b'\\', b'"', inner).is_none() {
        return std::str::from_utf8(inner).ok().map(Cow::Borrowed);
    }
    serde_json::from_slice(value).ok().map(Cow::Owned)
}

/// Returns the text of a JSON string whose end is missing.
pub(super) fn beginning(bytes: &[u8]) -> Option<Cow<'_, str>> {
    if string_end(bytes, 0).is_some() {
        return None;
    }
    // A cut inside an escape or a character leaves up to eleven bytes of it.
    (0..12).find_map(|cut| {
        let mut whole = bytes.get(..bytes.len().checked_sub(cut)?)?.to_vec();
        whole.push(b'"');
        text(&whole).map(|text| Cow::Owned(text.into_owned()))
    })
}

/// Returns the bytes of a text.
pub(super) fn bytes_of(text: Cow<'_, str>) -> Cow<'_, [u8]> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Object, text};

    #[test]
    fn members_have_the_text_of_their_values() {
        let object = Object::read(br#"{ "a" : {"b":[1,"}"]} ,"c":"x\"y","d":null,"c":2}{"e":1}"#);
        let object = object.unwrap();
        assert!(object.is_whole);
        assert_eq!(object.get("a"), Some(&br#"{"b":[1,"}"]}"#[..]));
        assert_eq!(object.get("c"), Some(&b"2"[..]));
        assert!(!object.has("d"));
        assert_eq!(object.rest, br#"{"e":1}"#);
    }

    #[test]
    fn truncated_object_has_its_first_members() {
        for (bytes, members) in [
            (&b"{"[..], 0),
            (br#"{"a"#, 0),
            (br#"{"a""#, 0),
            (br#"{"a":"#, 1),
            (br#"{"a":[1,"#, 1),
            (br#"{"a":[1],"b":"x"#, 2),
            (br#"{"a":1 2}"#, 1),
        ] {
            let object = Object::read(bytes).unwrap();
            assert_eq!(object.members().count(), members, "{bytes:?}");
        }
    }

    #[test]
    fn escapes_are_resolved() {
        assert_eq!(text(br#""a""#).as_deref(), Some("a"));
        assert_eq!(
            text(br#""{\"a\":\"\u00e9\"}""#).as_deref(),
            Some("{\"a\":\"é\"}")
        );
        for bytes in [&b"1"[..], b"\"", br#""a"b""#, br#""\""#, b"\"\xff\""] {
            assert_eq!(text(bytes), None, "{bytes:?}");
        }
    }
}
