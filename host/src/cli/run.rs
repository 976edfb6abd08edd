//! `wardline run`.

use anyhow::Result;

use super::arguments::RunArguments;
use super::exit::Exit;

pub fn run(arguments: &RunArguments) -> Result<Exit> {
    crate::app::run(&arguments.config)?;
    Ok(Exit::Done)
}
