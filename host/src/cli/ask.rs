//! Queries a running host.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use super::arguments::ApiArguments;
use crate::api;
use crate::config::Config;

/// Returns the body of the response to a GET request.
pub fn ask(arguments: &ApiArguments, path: &str) -> Result<Vec<u8>> {
    let socket = socket(arguments)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start the API client")?;
    Ok(runtime.block_on(api::get(&socket, path))?.to_vec())
}

fn socket(arguments: &ApiArguments) -> Result<PathBuf> {
    if let Some(socket) = &arguments.socket {
        return Ok(socket.clone());
    }
    let config = Config::load(&arguments.config).context(
        "cannot determine the host's socket (specify `--socket PATH` or `--config FILE`)",
    )?;
    match config.socket {
        Some(socket) => Ok(socket),
        None => bail!(
            "the API is disabled in {} (set `api.enabled = true`)",
            arguments.config.display()
        ),
    }
}
