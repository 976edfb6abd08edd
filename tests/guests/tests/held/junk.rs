//! Files that are not detectors.

use std::fs::File;
use std::path::Path;
use std::process::Command;

use crate::build;

macro_rules! junk {
    ($d:tt $($(#[$doc:meta])* $case:ident $name:ident,)*) => {
        /// A file that is not a detector.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Junk {
            $($(#[$doc])* $case,)*
        }

        /// Passes `Case function_name` of every file to a macro.
        macro_rules! junk_to {
            ($d callback:ident) => {
                $d callback! { $($case $name)* }
            };
        }
    };
}

junk! { $
    /// A shell script.
    NotWasm not_wasm,
    /// An empty file.
    Empty empty,
    /// A module without component types.
    BareModule bare_module,
    /// A module whose component type is noise.
    GarbledType garbled_type,
    /// A module whose code is noise.
    GarbledCode garbled_code,
    /// The first half of a detector.
    CutOff cut_off,
    /// 100 megabytes.
    HugeFile huge_file,
    /// A directory.
    Directory directory,
    /// A named pipe without a writer.
    Pipe pipe,
    /// A symbolic link to a file outside the plugin directory.
    LinkOut link_out,
}

impl Junk {
    /// Creates the file.
    pub fn place(self, path: &Path) {
        match self {
            Self::NotWasm => std::fs::write(path, "#!/bin/sh\necho hello\n").unwrap(),
            Self::Empty => std::fs::write(path, "").unwrap(),
            Self::BareModule => {
                let module = wat::parse_str("(module (func (export \"run\")))").unwrap();
                std::fs::write(path, module).unwrap();
            }
            Self::GarbledType => {
                let module = wat::parse_str(
                    r#"(module (@custom "component-type:guest" "\00\61\73\6d\0d\00\01\00\ff\ff"))"#,
                );
                std::fs::write(path, module.unwrap()).unwrap();
            }
            Self::GarbledCode => {
                // A code section (id 10) with one body that contains an undefined opcode.
                let module =
                    b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x0a\x05\x01\x03\0\xff\x0b";
                std::fs::write(path, module).unwrap();
            }
            Self::CutOff => {
                let good = build::good();
                std::fs::write(path, &good[..good.len() / 2]).unwrap();
            }
            // A sparse file.
            Self::HugeFile => File::create(path).unwrap().set_len(100_000_000).unwrap(),
            Self::Directory => std::fs::create_dir(path).unwrap(),
            Self::Pipe => {
                let made = Command::new("mkfifo").arg(path).status().unwrap();
                assert!(made.success());
            }
            Self::LinkOut => std::os::unix::fs::symlink("/etc/hostname", path).unwrap(),
        }
    }
}
