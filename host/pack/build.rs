//! Compiles the detectors in `plugins`, and writes `pack.rs` with all of them.

#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a build script talks to cargo through its standard output, and reads the project's files"
)]

use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use wardline_toolchain::{Compiled, compile};

/// The project's directory, relative to this package.
const ROOT: &str = "../..";

/// The inputs of a detector, relative to the project's directory.
const INPUTS: [&str; 7] = [
    "Cargo.lock",
    "Cargo.toml",
    "host/contract",
    "host/event",
    "plugins",
    "sdk/rust",
    "wit",
];

/// The level of compression at which a smaller result would take seconds to make.
const LEVEL: i32 = 19;

fn main() {
    for path in INPUTS {
        println!("cargo::rerun-if-changed={ROOT}/{path}");
    }
    if let Err(error) = pack() {
        // Cargo shows one line.
        let text = error.to_string().replace('\n', " ");
        println!("cargo::error=cannot build the default detectors: {text}");
    }
}

fn pack() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    let mut directories: Vec<PathBuf> = std::fs::read_dir(Path::new(ROOT).join("plugins"))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    directories.retain(|directory| directory.join("Cargo.toml").is_file());
    directories.sort();
    let mut code = String::from("&[\n");
    for compiled in compile(&directories, scratch(&out).as_deref())? {
        code.push_str(&entry(&compiled, &out)?);
    }
    code.push(']');
    std::fs::write(out.join("pack.rs"), code)?;
    Ok(())
}

/// Returns the directory in which `wardline plugin build` compiles too, so that all profiles share
/// it: `guests` beside the directory of this build's profile. `out` is
/// `PROFILE/build/PACKAGE-HASH/out`.
fn scratch(out: &Path) -> Option<PathBuf> {
    out.ancestors().nth(4).map(|target| target.join("guests"))
}

/// Writes the compressed component, and returns the code of its entry in the pack.
fn entry(compiled: &Compiled, out: &Path) -> Result<String, Box<dyn Error>> {
    let name = &compiled.name;
    let component = zstd::encode_all(compiled.artifact.component(), LEVEL)?;
    let file = out.join(name).with_extension("wasm.zst");
    std::fs::write(&file, component)?;
    let mut code = String::new();
    write!(
        code,
        "    Detector {{ name: {name:?}, component: include_bytes!({file:?}), settings: "
    )?;
    match &compiled.settings {
        Some(settings) => writeln!(code, "Some({:?}) }},", std::fs::read_to_string(settings)?)?,
        None => writeln!(code, "None }},")?,
    }
    Ok(code)
}
