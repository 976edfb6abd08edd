//! `wardline run`.

use anyhow::Result;

use super::arguments::RunArguments;
use super::exit::Exit;
use crate::plugin::Pack;

pub fn run(arguments: &RunArguments, pack: &Pack) -> Result<Exit> {
    crate::app::run(&arguments.config, pack)?;
    Ok(Exit::Done)
}
