//! Sets of addresses, domains, hashes and names that the operator keeps.

use crate::calls;

pub use crate::contract::{Hit, IntelError};

/// Which entry of a named list holds an address (v4 or v6). An address on a trusted
/// list is on no other.
///
/// # Errors
/// If there is no such list, or the text is no address.
pub fn address(list: &str, address: &str) -> Result<Option<Hit>, IntelError> {
    calls::intel_address(list, address)
}

/// Which entry of a named list holds a domain name.
///
/// # Errors
/// If there is no such list, or the text is no domain name.
pub fn domain(list: &str, name: &str) -> Result<Option<Hit>, IntelError> {
    calls::intel_domain(list, name)
}

/// Which entry of a named list holds a text exactly: a SHA-256, a name.
///
/// # Errors
/// If there is no such list.
pub fn name(list: &str, value: &str) -> Result<Option<Hit>, IntelError> {
    calls::intel_name(list, value)
}

/// The names of the lists of a kind (`trusted`, `threat`, `tor`, or one of the
/// operator's own), in order.
#[must_use]
pub fn lists(kind: &str) -> Vec<String> {
    calls::intel_lists(kind)
}

/// The first entry of any list of a kind that holds an address. A text that is no
/// address is on none.
///
/// # Errors
/// If the host fails.
pub fn address_in_any(kind: &str, address: &str) -> Result<Option<Hit>, IntelError> {
    for list in lists(kind) {
        match calls::intel_address(&list, address) {
            Ok(None) => {}
            Err(IntelError::Invalid(_)) => return Ok(None),
            other => return other,
        }
    }
    Ok(None)
}
