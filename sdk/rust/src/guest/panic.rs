//! Reports panics before they end the instance.

use std::sync::Once;

use crate::calls;
use crate::contract::LogLevel;

/// Installs a hook that logs a panic's message and location. Without it, the host sees only that
/// an `unreachable` instruction was executed.
///
/// Every export calls this first, since any of them may be the first call.
pub(crate) fn install_hook() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        std::panic::set_hook(Box::new(|panic| {
            calls::log(LogLevel::Error, &panic.to_string());
        }));
    });
}
