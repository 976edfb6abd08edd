//! `wardline config`.

use std::io::Write;

use anyhow::{Context, Result};

use super::arguments::ConfigCommand;
use super::exit::Exit;
use crate::app::origins;
use crate::config::{Config, DEFAULTS, reference};
use crate::plugin::Pack;

pub fn config(command: &ConfigCommand, pack: &Pack) -> Result<Exit> {
    let mut out = std::io::stdout();
    match command {
        ConfigCommand::Check(file) => {
            let config = Config::load(&file.config)?;
            writeln!(
                out,
                "{} is valid (sources: {}, sinks: {}, detectors from {})",
                file.config.display(),
                config.sources.len(),
                config.sinks.len(),
                origins(&config, pack).describe()
            )
        }
        ConfigCommand::Print(file) => {
            let config = match &file.config {
                Some(path) => Config::load(path)?,
                None => Config::defaults()?,
            };
            write!(out, "{}", config.to_toml())
        }
        ConfigCommand::Reference => write!(out, "{}", reference(DEFAULTS)),
    }
    .context("cannot write to standard output")?;
    Ok(Exit::Done)
}
