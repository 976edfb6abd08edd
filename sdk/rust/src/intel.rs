//! The operator's intel lists of addresses, domains, digests, and names.
//!
//! A list may contain all four. Every function takes the name of a list or `kind:` and a kind; the
//! latter queries all lists of that kind in one call, in the order of their names, and returns the
//! first match. The functions that end in `_in_any` do that. A value on a list of the kind
//! `trusted` matches no list of another kind. [`Hit::list_name`] is the name of the list that
//! matched.
//!
//! The operator may change lists at any time: query them for each event.

use crate::calls;

pub use crate::contract::{Hit, IntelError};

/// Returns the entry of a list that contains an IP address (v4 or v6): the smallest network that
/// the address is in.
///
/// # Errors
/// Returns [`IntelError::NoSuchList`] if there is no such list, and [`IntelError::Invalid`] if the
/// text is not an IP address.
pub fn address(list: &str, address: &str) -> Result<Option<Hit>, IntelError> {
    calls::intel_address(list, address)
}

/// Returns the entry of a list that matches a domain name. `*.example.org` matches every name below
/// `example.org`; `.example.org` matches that name too. A text that is not a domain name matches
/// nothing.
///
/// # Errors
/// Returns [`IntelError::NoSuchList`] if there is no such list.
pub fn domain(list: &str, name: &str) -> Result<Option<Hit>, IntelError> {
    calls::intel_domain(list, name)
}

/// Returns the entry of a list that equals a SHA-256, in hexadecimal digits of either case. The
/// prefix `sha256:` of image digests is ignored.
///
/// # Errors
/// Returns [`IntelError::NoSuchList`] if there is no such list.
pub fn hash(list: &str, sha256: &str) -> Result<Option<Hit>, IntelError> {
    calls::intel_name(list, sha256.strip_prefix("sha256:").unwrap_or(sha256))
}

/// Returns the entry of a list that equals a text, such as a user name.
///
/// # Errors
/// Returns [`IntelError::NoSuchList`] if there is no such list.
pub fn name(list: &str, value: &str) -> Result<Option<Hit>, IntelError> {
    calls::intel_name(list, value)
}

/// Returns the names of the lists of a kind, in order. Kinds are `trusted`, `threat` (the
/// operator's own), `threat-feed` (from third parties), `tor`, and any that the operator uses.
#[must_use]
pub fn lists(kind: &str) -> Vec<String> {
    calls::intel_lists(kind)
}

/// Returns the first entry of any list of a kind that contains an IP address, in one host call.
/// Returns none if the text is not an IP address or there is no list of that kind.
///
/// # Errors
/// Returns [`IntelError::Other`] if the host fails.
pub fn address_in_any(kind: &str, address: &str) -> Result<Option<Hit>, IntelError> {
    match calls::intel_address(&all_of(kind), address) {
        Err(IntelError::Invalid(_)) => Ok(None),
        answer => answer,
    }
}

/// Returns the first entry of any list of a kind that matches a domain name, in one host call.
///
/// # Errors
/// Returns [`IntelError::Other`] if the host fails.
pub fn domain_in_any(kind: &str, name: &str) -> Result<Option<Hit>, IntelError> {
    domain(&all_of(kind), name)
}

/// Returns the first entry of any list of a kind that equals a SHA-256, in one host call.
///
/// # Errors
/// Returns [`IntelError::Other`] if the host fails.
pub fn hash_in_any(kind: &str, sha256: &str) -> Result<Option<Hit>, IntelError> {
    hash(&all_of(kind), sha256)
}

/// The name by which the host queries all lists of a kind.
fn all_of(kind: &str) -> String {
    format!("kind:{kind}")
}
