//! Signs of attacks in commands, and the reading of command lines and scripts.

mod reading;
mod signs;

use super::{Commands, Kind};

/// Returns the kinds of a script, or of the words that ` ;; ` separates.
fn kinds(line: &str) -> Vec<Kind> {
    let commands = if line.contains(" ;; ") {
        Commands::from_arguments(line.split(" ;; "))
    } else {
        Commands::from_script(line)
    };
    commands.signs().into_iter().map(|sign| sign.kind).collect()
}

fn all_have(kind: Kind, lines: &[&str]) {
    for line in lines {
        assert!(kinds(line).contains(&kind), "{line}: {:?}", kinds(line));
    }
}
