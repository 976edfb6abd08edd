//! `wardline schema`.

use std::io::Write;

use anyhow::{Context, Result};

use super::exit::Exit;
use crate::finding::SCHEMA;

pub fn schema() -> Result<Exit> {
    write!(std::io::stdout(), "{SCHEMA}").context("cannot write to standard output")?;
    Ok(Exit::Done)
}
