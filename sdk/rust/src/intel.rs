//! Sets of addresses, domains, hashes and names that the operator keeps.
//!
//! A list may hold all four at once. Wherever a list is named, `kind:` and a kind asks all
//! lists of that kind in one call, in the order of their names, and the first that holds the
//! value answers; the functions that end in `_in_any` do that. What is on a list of the kind
//! `trusted` is on no list of another kind. [`Hit::list_name`] names the list itself.
//!
//! Lists change while a detector is at work: ask anew for each event.

use crate::calls;

pub use crate::contract::{Hit, IntelError};

/// Which entry of a list holds an address (v4 or v6): the smallest network that it is in.
///
/// # Errors
/// If there is no such list, or the text is no address.
pub fn address(list: &str, address: &str) -> Result<Option<Hit>, IntelError> {
    calls::intel_address(list, address)
}

/// Which entry of a list holds a domain name. `*.example.org` holds what is below it,
/// `.example.org` itself too. A text that is no domain name is on no list.
///
/// # Errors
/// If there is no such list.
pub fn domain(list: &str, name: &str) -> Result<Option<Hit>, IntelError> {
    calls::intel_domain(list, name)
}

/// Which entry of a list is this SHA-256, in hexadecimal digits of either case; a `sha256:`
/// before them is passed over, as digests of images have it.
///
/// # Errors
/// If there is no such list.
pub fn hash(list: &str, sha256: &str) -> Result<Option<Hit>, IntelError> {
    calls::intel_name(list, sha256.strip_prefix("sha256:").unwrap_or(sha256))
}

/// Which entry of a list is exactly this text, such as the name of a user.
///
/// # Errors
/// If there is no such list.
pub fn name(list: &str, value: &str) -> Result<Option<Hit>, IntelError> {
    calls::intel_name(list, value)
}

/// The names of the lists of a kind, in order: `trusted`, `threat` (the operator's own),
/// `threat-feed` (from others), `tor`, or any that the operator uses.
#[must_use]
pub fn lists(kind: &str) -> Vec<String> {
    calls::intel_lists(kind)
}

/// The first entry of any list of a kind that holds an address, with one call to the host.
/// A text that is no address is on none, and so is any where there are no such lists.
///
/// # Errors
/// If the host fails.
pub fn address_in_any(kind: &str, address: &str) -> Result<Option<Hit>, IntelError> {
    match calls::intel_address(&all_of(kind), address) {
        Err(IntelError::Invalid(_)) => Ok(None),
        answer => answer,
    }
}

/// The first entry of any list of a kind that holds a domain name, with one call to the host.
///
/// # Errors
/// If the host fails.
pub fn domain_in_any(kind: &str, name: &str) -> Result<Option<Hit>, IntelError> {
    domain(&all_of(kind), name)
}

/// The first entry of any list of a kind that is this SHA-256, with one call to the host.
///
/// # Errors
/// If the host fails.
pub fn hash_in_any(kind: &str, sha256: &str) -> Result<Option<Hit>, IntelError> {
    hash(&all_of(kind), sha256)
}

/// What the host takes for all lists of a kind.
fn all_of(kind: &str) -> String {
    format!("kind:{kind}")
}
