//! Decoding of one document: an event, a list of events, or an array of them.

use super::reject::{Fault, Reject, Rejected};
use super::split::{ListItems, ListPart};
use super::{DEPTH_CEILING, Decoded, Limits, event, scan, split};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

type Each<'f, U> = &'f mut dyn FnMut(U);

/// Reads one event; the second argument is the API version of the list.
type One<'a, 'f, U> = &'f mut dyn FnMut(&'a [u8], Option<&str>) -> U;

/// Reads one event after the other; `rejected` makes a unit of what is none.
pub(super) fn decode<'a, U>(
    bytes: &'a [u8],
    one: One<'a, '_, U>,
    rejected: fn(Rejected<'a>) -> U,
    limits: &Limits,
    each: Each<'_, U>,
) {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let bytes = scan::trim(bytes);
    let envelope = match bytes.first() {
        None => return,
        Some(b'[') => Some((ListItems::of_array(bytes), None)),
        Some(b'{') => split::envelope(bytes)
            .map(|envelope| (ListItems::at(bytes, envelope.items), envelope.api_version)),
        Some(_) => None,
    };
    match envelope {
        Some((items, api_version)) => {
            list(
                bytes,
                items,
                limits,
                &mut |item| one(item, api_version),
                rejected,
                each,
            );
        }
        None => each(one(bytes, None)),
    }
}

fn list<'a, U>(
    bytes: &'a [u8],
    mut items: ListItems<'a>,
    limits: &Limits,
    one: &mut dyn FnMut(&'a [u8]) -> U,
    rejected: fn(Rejected<'a>) -> U,
    each: Each<'_, U>,
) {
    while let Some(unit) = items.next() {
        each(match unit {
            ListPart::Item(item) => one(item),
            ListPart::Truncated(item) if item.len() > limits.line_bytes => {
                rejected(too_long(item, limits))
            }
            ListPart::Truncated(item) => {
                let detail = if item.is_empty() {
                    "the list ends without `]`: it was truncated between two items"
                } else {
                    "the list ends inside this item"
                };
                rejected(Fault::new(Reject::Incomplete, detail).on(item))
            }
        });
    }
    if let Some(rest) = items.rest(bytes) {
        let fault = Fault::new(Reject::Malformed, "text after the end of the list");
        each(rejected(fault.on(rest)));
    }
}

fn too_long<'a>(bytes: &'a [u8], limits: &Limits) -> Rejected<'a> {
    let detail = format!("{} bytes, the limit is {}", bytes.len(), limits.line_bytes);
    Fault::new(Reject::TooLong, detail).on(bytes)
}

/// Decodes one event; `api_version` is that of the list.
pub(super) fn single<'a>(
    bytes: &'a [u8],
    limits: &Limits,
    api_version: Option<&str>,
) -> Result<Decoded<'a>, Rejected<'a>> {
    if bytes.len() > limits.line_bytes {
        return Err(too_long(bytes, limits));
    }
    let raw = std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        // A character without its last bytes means truncation, not another encoding.
        let fault = match error.error_len() {
            None => Fault::new(
                Reject::Incomplete,
                format!("ends inside the character at byte {at}"),
            ),
            Some(_) => Fault::new(
                Reject::NotUtf8,
                format!("byte {at} does not start a UTF-8 character"),
            ),
        };
        fault.on(bytes)
    })?;
    let depth = limits.depth.min(DEPTH_CEILING);
    if let Some(at) = scan::deeper_than(bytes, depth) {
        let detail = format!("byte {at} is nested deeper than {depth}");
        return Err(Fault::new(Reject::TooDeep, detail).on(bytes));
    }
    match event::read(raw, api_version) {
        Ok(event) => Ok(Decoded { event, raw }),
        Err(fault) => Err(fault.on(bytes)),
    }
}
