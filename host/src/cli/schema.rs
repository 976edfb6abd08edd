//! `wardline schema`.

use std::io::Write;

use anyhow::{Context, Result};
use wardline_finding::SCHEMA;

use super::exit::Exit;

pub fn schema() -> Result<Exit> {
    write!(std::io::stdout(), "{SCHEMA}").context("cannot write to standard output")?;
    Ok(Exit::Done)
}
