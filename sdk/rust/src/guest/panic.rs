//! What a panic says, before it ends the instance.

use std::sync::Once;

use crate::calls;
use crate::contract::LogLevel;

/// Sends the message and the place of a panic to the operator: the host sees of
/// a panic only that an instruction was reached which cannot be.
///
/// Every export begins with this, since none is known to be the first.
pub(crate) fn install_hook() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        std::panic::set_hook(Box::new(|panic| {
            calls::log(LogLevel::Error, &panic.to_string());
        }));
    });
}
