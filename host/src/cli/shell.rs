//! `wardline completions` and `wardline man`.

use anyhow::{Context, Result};
use clap::{Command, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;

use super::arguments::{Arguments, ManArguments};
use super::exit::Exit;
use super::output::say;

pub fn completions(shell: Shell) -> Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "wardline", &mut script);
    say(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}

pub fn man(arguments: &ManArguments) -> Result<Exit> {
    match &arguments.output {
        Some(directory) => {
            std::fs::create_dir_all(directory)
                .with_context(|| format!("cannot create {}", directory.display()))?;
            clap_mangen::generate_to(Arguments::command(), directory)
                .with_context(|| format!("cannot write to {}", directory.display()))?;
            say(&format!("wrote manual pages to {}", directory.display()))?;
        }
        None => say(&page()?)?,
    }
    Ok(Exit::Done)
}

/// Returns one manual page with all commands.
fn page() -> Result<String> {
    let mut command = Arguments::command();
    command.build();
    let man = Man::new(command.clone());
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    for command in leaves(&command) {
        add_section(command, &mut page)?;
    }
    man.render_version_section(&mut page)?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}

/// Returns the commands without subcommands, in the order of `--help`.
fn leaves(command: &Command) -> Vec<&Command> {
    let visible = command
        .get_subcommands()
        .filter(|command| command.get_name() != "help");
    visible
        .flat_map(|command| {
            if command.has_subcommands() {
                leaves(command)
            } else {
                vec![command]
            }
        })
        .collect()
}

/// Adds the page of a command as a section: its sections become subsections.
fn add_section(command: &Command, page: &mut Vec<u8>) -> Result<()> {
    let name = command.get_bin_name().unwrap_or_default().to_uppercase();
    let man = Man::new(command.clone());
    let mut text = Vec::new();
    man.render_description_section(&mut text)?;
    man.render_synopsis_section(&mut text)?;
    man.render_options_section(&mut text)?;
    let text = String::from_utf8_lossy(&text);
    page.extend(format!(".SH \"{name}\"\n").bytes());
    for line in text.lines().filter(|line| *line != ".SH DESCRIPTION") {
        let line = match line.strip_prefix(".SH ") {
            Some(title) => format!(".SS {title}\n"),
            None => format!("{line}\n"),
        };
        page.extend(line.bytes());
    }
    Ok(())
}
