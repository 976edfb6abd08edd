//! `wardline schema`.

use anyhow::Result;
use wardline_finding::SCHEMA;

use super::exit::Exit;
use super::output::say;

pub fn schema() -> Result<Exit> {
    say(SCHEMA)?;
    Ok(Exit::Done)
}
