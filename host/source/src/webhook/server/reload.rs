//! Puts changed certificates, keys, and tokens into force.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::block_in_place;
use wardline_text::chain;

use super::credentials::{CredentialFiles, Credentials};
use super::handler::Handler;
use crate::webhook::{WebhookError, WebhookSettings};

/// How often the files are read. They are small, and reading them detects a replaced link or a
/// mounted secret as reliably as a rewritten file.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// Polls the files until it is dropped; `current` are those in force. Invalid files are reported
/// once, and the previous ones stay in force.
pub(super) async fn reload(handler: Arc<Handler>, mut current: CredentialFiles) {
    let mut failing = None;
    loop {
        tokio::time::sleep(POLL_INTERVAL).await;
        match block_in_place(|| poll(&handler.settings, &current)) {
            Ok(None) => failing = None,
            Ok(Some((files, credentials))) => {
                handler.credentials.send_replace(Arc::new(credentials));
                current = files;
                failing = None;
                handler.telemetry.reloaded();
            }
            Err(error) => {
                let text = chain(&error).to_string();
                if failing.as_ref() != Some(&text) {
                    handler.telemetry.reload_failed(&error);
                    failing = Some(text);
                }
            }
        }
    }
}

/// Returns the files and their credentials if they changed.
fn poll(
    settings: &WebhookSettings,
    current: &CredentialFiles,
) -> Result<Option<(CredentialFiles, Credentials)>, WebhookError> {
    let files = CredentialFiles::read(settings)?;
    if files == *current {
        return Ok(None);
    }
    let credentials = Credentials::new(settings, &files)?;
    Ok(Some((files, credentials)))
}
