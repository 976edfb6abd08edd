//! The command line.
//!
//! Each file is one command: it reads its arguments, calls `app` or `plugin::author`, and reports
//! the outcome. Results go to standard output, everything else to standard error.

mod arguments;
mod ask;
mod audit_policy;
mod config;
mod describe;
mod detections;
mod error;
mod exit;
mod finding_table;
mod init;
mod intel;
mod output;
mod plugin;
mod plugins;
mod progress;
mod run;
mod scan;
mod schema;
mod shell;
mod status;
mod summary;
mod suppress;
mod suppress_text;

use std::process::ExitCode;

use clap::Parser;
use wardline_author::Sources;

use arguments::{Arguments, Command};

use crate::plugin::Pack;

/// Runs the command given on the command line. `pack` holds the built-in detectors,
/// `sources` what `wardline plugin new` copies.
#[must_use]
pub fn main(pack: &Pack, sources: &Sources) -> ExitCode {
    let arguments = Arguments::parse();
    let result = match arguments.command {
        Command::Scan(arguments) => scan::scan(&arguments, pack),
        Command::Run(arguments) => run::run(&arguments, pack),
        Command::Init(arguments) => init::init(&arguments),
        Command::Config(arguments) => config::config(&arguments, pack),
        Command::Status(arguments) => status::status(&arguments),
        Command::Plugins(arguments) => plugins::plugins(&arguments, pack),
        Command::Intel(arguments) => intel::intel(&arguments),
        Command::Suppress(arguments) => suppress::suppress(&arguments),
        Command::Plugin(arguments) => plugin::plugin(&arguments, sources),
        Command::Detections(arguments) => detections::detections(&arguments, pack),
        Command::Schema => schema::schema(),
        Command::AuditPolicy(arguments) => audit_policy::audit_policy(&arguments, pack),
        Command::Completions { shell } => shell::completions(shell),
        Command::Man(arguments) => shell::man(&arguments),
    };
    match result {
        Ok(code) => code.into(),
        Err(error) if output::is_closed(&error) => exit::Exit::Done.into(),
        Err(error) => {
            error::report_error(error.as_ref());
            exit::Exit::Failed.into()
        }
    }
}
