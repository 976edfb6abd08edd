//! How a detector's bindings read an enum from its number in the canonical ABI.
//!
//! `wit-bindgen` calls `_lift` on the enums that it generates, and so on these,
//! which stand in for them (its option `with`). A number above the last case
//! can't come from a host that checks types; it is read as the last one.

use super::{ContainerRole, Level, Stage};

impl Stage {
    #[doc(hidden)]
    #[must_use]
    pub fn _lift(case: u8) -> Self {
        match case {
            0 => Self::RequestReceived,
            1 => Self::ResponseStarted,
            2 => Self::ResponseComplete,
            _ => Self::Panic,
        }
    }
}

impl Level {
    #[doc(hidden)]
    #[must_use]
    pub fn _lift(case: u8) -> Self {
        match case {
            0 => Self::Metadata,
            1 => Self::Request,
            _ => Self::RequestResponse,
        }
    }
}

impl ContainerRole {
    #[doc(hidden)]
    #[must_use]
    pub fn _lift(case: u8) -> Self {
        match case {
            0 => Self::Main,
            1 => Self::Init,
            _ => Self::Ephemeral,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ContainerRole, Level, Stage};

    #[test]
    fn every_case_is_read_back_from_its_number() {
        for stage in [
            Stage::RequestReceived,
            Stage::ResponseStarted,
            Stage::ResponseComplete,
            Stage::Panic,
        ] {
            assert_eq!(Stage::_lift(stage as u8), stage);
        }
        for level in [Level::Metadata, Level::Request, Level::RequestResponse] {
            assert_eq!(Level::_lift(level as u8), level);
        }
        for role in [
            ContainerRole::Main,
            ContainerRole::Init,
            ContainerRole::Ephemeral,
        ] {
            assert_eq!(ContainerRole::_lift(role as u8), role);
        }
    }
}
