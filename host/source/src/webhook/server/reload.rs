//! Puts changed certificates, keys, and tokens into force.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::block_in_place;
use wardline_text::chain;

use super::credentials::{Credentials, Files};
use super::door::Door;
use crate::webhook::{WebhookError, WebhookSettings};

/// How often the files are read. They are small, and reading them detects a replaced link or a
/// mounted secret as reliably as a rewritten file.
const LOOK: Duration = Duration::from_secs(1);

/// Polls the files until it is dropped; `known` are those in force. Invalid files are reported
/// once, and the previous ones stay in force.
pub(super) async fn reload(door: Arc<Door>, mut known: Files) {
    let mut failing = None;
    loop {
        tokio::time::sleep(LOOK).await;
        match block_in_place(|| look(&door.settings, &known)) {
            Ok(None) => failing = None,
            Ok(Some((files, credentials))) => {
                door.credentials.send_replace(Arc::new(credentials));
                known = files;
                failing = None;
                door.telemetry.reloaded();
            }
            Err(error) => {
                let text = chain(&error).to_string();
                if failing.as_ref() != Some(&text) {
                    door.telemetry.reload_failed(&error);
                    failing = Some(text);
                }
            }
        }
    }
}

/// Returns the files and their credentials if they changed.
fn look(
    settings: &WebhookSettings,
    known: &Files,
) -> Result<Option<(Files, Credentials)>, WebhookError> {
    let files = Files::read(settings)?;
    if files == *known {
        return Ok(None);
    }
    let credentials = Credentials::new(settings, &files)?;
    Ok(Some((files, credentials)))
}
