//! Copies through a stream with `tar`, as `kubectl cp` makes them (kubernetes/kubectl,
//! `pkg/cmd/cp`).

use super::parse::Command;
use super::{FoundSigns, Kind};

pub(super) fn find(commands: &[Command], found: &mut FoundSigns) {
    for command in commands.iter().filter(|command| command.name == "tar") {
        let behind = commands
            .iter()
            .find(|other| other.pipeline == command.pipeline && other.piped_into);
        // kubectl resumes an interrupted copy with `tar cf - FILE | tail -c+N`.
        let leaves = behind.is_none_or(|other| other.name == "tail")
            && !command.redirects.iter().any(|to| to.operator == ">");
        match Archive::of(command) {
            Some(Archive::Made) if leaves => found.add(Kind::CopyOut, command.text()),
            Some(Archive::Read) if !command.piped_into => found.add(Kind::CopyIn, command.text()),
            _ => {}
        }
    }
}

/// The use that `tar` makes of an archive in its input or output.
enum Archive {
    Made,
    Read,
}

impl Archive {
    fn of(command: &Command) -> Option<Self> {
        let (mut mode, mut file) = (None, None);
        let mut arguments = command.arguments().enumerate();
        while let Some((index, argument)) = arguments.next() {
            let letters = match argument.strip_prefix("--") {
                Some("create") => "c",
                Some("extract" | "get") => "x",
                Some("file=-") => {
                    file = Some("-");
                    ""
                }
                Some(_) => "",
                // The first argument may lack the hyphen.
                None if index == 0 => argument.trim_start_matches('-'),
                None => argument.strip_prefix('-').unwrap_or_default(),
            };
            for letter in letters.chars() {
                match letter {
                    'c' => mode = Some(Self::Made),
                    'x' => mode = Some(Self::Read),
                    _ => {}
                }
            }
            if letters.contains('f') && file.is_none() {
                file = arguments.next().map(|(_, file)| file);
            }
        }
        mode.filter(|_| file.is_none_or(|file| file == "-"))
    }
}
