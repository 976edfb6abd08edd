//! Error messages.

use std::error::Error;
use std::io::Write;

use wardline_artifact::ArtifactError;
use wardline_author::{BuildError, FixtureError, NewError};
use wardline_detect::EngineError;
use wardline_files::FileError;
use wardline_finding::suppress::RuleError;
use wardline_source::{SourceError, WebhookError};
use wardline_store::StoreError;
use wardline_text::{Hint, chain};

use crate::api::ClientError;
use crate::app::AppError;
use crate::config::ConfigError;

/// Writes an error, its causes, and the first hint in its chain to standard error.
pub fn report_error(error: &(dyn Error + 'static)) {
    note(&format!("error: {}", chain(error)));
    if let Some(hint) = hint(error) {
        note(&format!("hint: {hint}"));
    }
}

/// Writes a line to standard error.
pub fn note(text: &str) {
    // There is no way to report that standard error is closed.
    let _ = writeln!(std::io::stderr(), "{text}");
}

fn hint(error: &(dyn Error + 'static)) -> Option<String> {
    let mut next = Some(error);
    std::iter::from_fn(|| {
        let error = next?;
        next = error.source();
        Some(error)
    })
    .find_map(own_hint)
}

/// Returns the hint of an error itself, without its causes. Each type with hints is listed, since a
/// trait object cannot be asked for another trait.
fn own_hint(error: &(dyn Error + 'static)) -> Option<String> {
    macro_rules! hints {
        ($($type:ty)*) => {
            $(if let Some(error) = error.downcast_ref::<$type>() {
                return error.hint();
            })*
        };
    }
    hints! {
        AppError ArtifactError BuildError ClientError ConfigError EngineError FileError
        FixtureError NewError RuleError SourceError StoreError WebhookError
    }
    None
}

#[cfg(test)]
mod tests {
    use std::io::{Error, ErrorKind};

    use super::*;

    #[test]
    fn first_hint_of_the_chain_is_shown() {
        let error = AppError::File {
            path: "findings".into(),
            error: ErrorKind::NotFound.into(),
        };
        assert_eq!(hint(&error), None);
        let error = anyhow::Error::from(AppError::NoSource).context("cannot start");
        assert!(hint(error.as_ref()).unwrap().starts_with("add one"));
        let error = ClientError::Connect {
            path: "wardline.sock".into(),
            error: Error::from(ErrorKind::NotFound),
        };
        assert!(hint(&error).unwrap().starts_with("check that"));
    }
}
