//! Puts changed certificates, keys and tokens in force.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::block_in_place;

use super::credentials::{Credentials, Files};
use super::door::Door;
use crate::webhook::{WebhookError, WebhookSettings};

/// How often the files are read. They are small, and a replaced link or a mounted secret is
/// seen as surely as a file that is written anew.
const LOOK: Duration = Duration::from_secs(1);

/// Looks at the files until it is dropped; `known` are those in force. What cannot be used
/// is told once, and what was in force stays so.
pub(super) async fn reload(door: Arc<Door>, mut known: Files) {
    let mut failing = None;
    let name = &door.settings.name;
    loop {
        tokio::time::sleep(LOOK).await;
        match block_in_place(|| look(&door.settings, &known)) {
            Ok(None) => failing = None,
            Ok(Some((files, credentials))) => {
                door.credentials.send_replace(Arc::new(credentials));
                known = files;
                failing = None;
                door.metrics.reloaded(true);
                tracing::info!(source = %name, "changed certificates or tokens are in force");
            }
            Err(error) => {
                let text = error.to_string();
                if failing.as_ref() != Some(&text) {
                    door.metrics.reloaded(false);
                    tracing::error!(source = %name, "certificates and tokens stay as they were: {text}");
                    failing = Some(text);
                }
            }
        }
    }
}

/// What the files say, if they are not as they were.
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
