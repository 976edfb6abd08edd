//! STIX 1.x: CybOX 2 observables anywhere in a package.

use std::borrow::Cow;
use std::error::Error;

use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;
use wardline_text::Cause;

use super::{Collector, FormatError};
use crate::entry::{Content, Entry, Range};

/// The maximum nesting depth of elements.
const DEPTH: usize = 256;
/// The maximum size of one element's text, in bytes.
const TEXT_BYTES: usize = 1 << 20;
/// The separator of multiple values (the default of the attribute `delimiter` of
/// `BaseObjectPropertyType`, CybOX 2.1).
const DELIMITER: &str = "##comma##";

/// The categories of addresses that can be entries (CybOX 2.1, `CategoryTypeEnum`).
const ADDRESSES: [&str; 5] = ["ipv4-addr", "ipv4-net", "ipv6-addr", "ipv6-net", "cidr"];

/// The meaning of an element's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// The element is not relevant.
    Other,
    /// One or more values, each of which is an entry.
    Each(Content),
    /// Two addresses that bound a range.
    Between,
    /// A digest of unknown kind.
    Digest,
    /// A condition that a list cannot express, such as a negation.
    More,
}

/// An open element.
struct Open {
    meaning: Meaning,
    delimiter: String,
    text: String,
    /// Whether values inside are combined or negated, so that they cannot be entries.
    is_more: bool,
    /// The object that `Properties` describes.
    object: Object,
}

/// CybOX objects whose values are entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Object {
    Other,
    Address,
    /// An email address, a hardware address, or an autonomous system.
    OtherAddress,
    Domain,
}

pub(super) fn read(bytes: &[u8], collector: &mut Collector) -> Result<(), FormatError> {
    let text = std::str::from_utf8(bytes).map_err(|_| FormatError::NotText)?;
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Open> = Vec::new();
    let mut is_package = false;
    loop {
        let at = usize::try_from(reader.buffer_position()).unwrap_or(text.len());
        let line = || line_of(text, at);
        let wrong = |error: Box<dyn Error + Send + Sync>| FormatError::Xml {
            line: line(),
            error: Cause::new(error),
        };
        match reader.read_event().map_err(|error| wrong(error.into()))? {
            Event::Start(element) => {
                if open.len() >= DEPTH {
                    return Err(wrong(
                        format!("elements are nested more than {DEPTH} deep").into(),
                    ));
                }
                let name = element.local_name();
                let name: &str = name.as_ref();
                if !std::mem::replace(&mut is_package, true) && !is_root(name) {
                    return Err(FormatError::NotAPackage(wardline_text::shown(name, 64)));
                }
                let next = opened(&element, open.last()).map_err(|error| wrong(error.into()))?;
                open.push(next);
            }
            Event::End(_) => {
                if let Some(closed) = open.pop() {
                    take(&closed, line(), collector)?;
                }
            }
            Event::Text(part) => {
                append(&mut open, &part.xml10_content()).map_err(|error| wrong(error.into()))?
            }
            Event::CData(part) => {
                append(&mut open, &part.xml10_content()).map_err(|error| wrong(error.into()))?
            }
            Event::GeneralRef(reference) => {
                let character = reference
                    .resolve_char_ref()
                    .map_err(|error| wrong(error.into()))?;
                let part = match character {
                    Some(character) => Cow::from(character.to_string()),
                    None => match quick_xml::escape::resolve_xml_entity(&reference) {
                        Some(part) => Cow::from(part),
                        None => {
                            return Err(wrong(format!("unknown entity `{}`", &*reference).into()));
                        }
                    },
                };
                append(&mut open, &part).map_err(|error| wrong(error.into()))?;
            }
            Event::DocType(_) => return Err(FormatError::DocumentType(line())),
            Event::Eof if open.is_empty() && is_package => return Ok(()),
            Event::Eof => return Err(wrong("unexpected end".into())),
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
}

fn is_root(name: &str) -> bool {
    ["STIX_Package", "Observables", "Indicators"].contains(&name)
}

fn line_of(text: &str, at: usize) -> u64 {
    let before = text.as_bytes().get(..at).unwrap_or_default();
    memchr::memchr_iter(b'\n', before).count() as u64 + 1
}

fn append(open: &mut [Open], part: &str) -> Result<(), String> {
    let Some(innermost) = open.last_mut() else {
        return Ok(());
    };
    if innermost.meaning == Meaning::Other {
        return Ok(());
    }
    if innermost.text.len() + part.len() > TEXT_BYTES {
        return Err(format!("a value exceeds {TEXT_BYTES} bytes"));
    }
    innermost.text.push_str(part);
    Ok(())
}

/// Returns the state of an element that begins inside another.
fn opened(element: &BytesStart<'_>, around: Option<&Open>) -> Result<Open, String> {
    let mut object = around.map_or(Object::Other, |around| around.object);
    let mut is_more = around.is_some_and(|around| around.is_more);
    let mut condition = String::new();
    let mut category = String::new();
    let mut delimiter = DELIMITER.to_owned();
    let name = element.local_name();
    let name: &str = name.as_ref();
    for attribute in element.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        let value: &str = &attribute.value;
        let key = attribute.key.local_name();
        match (name, key.as_ref()) {
            // Only `xsi:type` counts; some objects have a `type` of their own.
            ("Properties", "type") if attribute.key.prefix().is_some() => {
                object = object_of(value);
            }
            (_, "category") => category = value.to_owned(),
            (_, "condition") => condition = value.to_owned(),
            (_, "delimiter") if !value.is_empty() => delimiter = value.to_owned(),
            (_, "operator") => is_more |= value.eq_ignore_ascii_case("AND"),
            (_, "negate") => is_more |= value.eq_ignore_ascii_case("true") || value == "1",
            (_, "apply_condition") => {
                is_more |= !value.eq_ignore_ascii_case("ANY") && !value.is_empty()
            }
            _ => {}
        }
    }
    if object == Object::Address && !category.is_empty() && !ADDRESSES.contains(&category.as_str())
    {
        object = Object::OtherAddress;
    }
    let meaning = meaning_of(name, object);
    let meaning = match (meaning, condition.as_str()) {
        (Meaning::Other, _) => Meaning::Other,
        _ if is_more => Meaning::More,
        (meaning, "" | "Equals") => meaning,
        (Meaning::Each(Content::Addresses), "InclusiveBetween") => Meaning::Between,
        _ => Meaning::More,
    };
    Ok(Open {
        meaning,
        delimiter,
        text: String::new(),
        is_more,
        object,
    })
}

fn object_of(kind: &str) -> Object {
    match kind.rsplit(':').next() {
        Some("AddressObjectType") => Object::Address,
        Some("DomainNameObjectType") => Object::Domain,
        _ => Object::Other,
    }
}

fn meaning_of(name: &str, object: Object) -> Meaning {
    match (name, object) {
        ("Address_Value", Object::OtherAddress) => Meaning::More,
        ("Address_Value", Object::Address) => Meaning::Each(Content::Addresses),
        ("Value", Object::Domain) => Meaning::Each(Content::Domains),
        ("Simple_Hash_Value", _) => Meaning::Digest,
        _ => Meaning::Other,
    }
}

fn take(element: &Open, line: u64, collector: &mut Collector) -> Result<(), FormatError> {
    let delimiter = element.delimiter.as_str();
    let values = || {
        let parts = element.text.split(delimiter).map(str::trim);
        parts.filter(|value| !value.is_empty())
    };
    match element.meaning {
        Meaning::Other => {}
        Meaning::More => collector.skip(),
        Meaning::Each(content) => {
            for value in values() {
                collector.take_as(line, content, value)?;
            }
        }
        Meaning::Digest => {
            for value in values() {
                // Lists contain only SHA-256, and the element does not name the algorithm.
                if value.len() == 64 {
                    collector.take_as(line, Content::Hashes, value)?;
                } else {
                    collector.skip();
                }
            }
        }
        Meaning::Between => {
            let both: Vec<&str> = values().collect();
            let range = match both.as_slice() {
                [first, last] => Range::between(first, last),
                _ => None,
            };
            match range {
                Some(range) => collector.take_entry(Content::Addresses, Entry::Network(range))?,
                None => {
                    let text = element.text.trim();
                    collector.refuse(line, &format!("`{text}` is not a range of addresses"));
                }
            }
        }
    }
    Ok(())
}
