//! The one place that knows how Rust is compiled to WebAssembly on this machine.

use std::path::{Path, PathBuf};
use std::process::Command;

/// What guests are built for. It has no WASI, so that a detector can only ask for
/// what the contract offers.
pub(super) const TARGET: &str = "wasm32-unknown-unknown";

/// No way to compile was found.
#[derive(Debug, thiserror::Error)]
#[error(
    "no Rust standard library for {TARGET} was found (run `rustup target add {TARGET}`; where that cannot be downloaded, Debian's packages rustc-web, cargo-web and rust-web-src do as well: `apt-get install rustc-web cargo-web rust-web-src lld`)"
)]
pub struct ToolchainError;

/// How guests are compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Toolchain {
    /// With the cargo on the path, whose toolchain has the target's library.
    Installed,
    /// With Debian's cargo and rustc, which build the library from its source. Cargo
    /// calls that unstable, so that the compiler must be told that it is meant.
    Debian {
        /// What links WebAssembly.
        linker: PathBuf,
    },
}

impl Toolchain {
    /// Looks for a way, the usual one first.
    ///
    /// # Errors
    /// Where there is none.
    pub fn find() -> Result<Self, ToolchainError> {
        if let Some(sysroot) = sysroot("rustc")
            && sysroot
                .join("lib/rustlib")
                .join(TARGET)
                .join("lib")
                .is_dir()
        {
            return Ok(Self::Installed);
        }
        let debian = sysroot("/usr/bin/rustc")
            .filter(|sysroot| sysroot.join("lib/rustlib/src/rust/library/std").is_dir())
            .filter(|_| Path::new("/usr/bin/cargo").exists());
        match (debian, linker()) {
            (Some(_), Some(linker)) => Ok(Self::Debian { linker }),
            _ => Err(ToolchainError),
        }
    }

    /// A cargo command that builds for the target, ready for its arguments.
    #[must_use]
    pub fn cargo_build(&self) -> Command {
        let mut command = match self {
            Self::Installed => Command::new("cargo"),
            Self::Debian { linker } => {
                let mut command = Command::new("/usr/bin/cargo");
                command
                    .env("RUSTC_BOOTSTRAP", "1")
                    .env("RUSTC", "/usr/bin/rustc")
                    .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
                command
            }
        };
        // The flags of a build for this machine are not those of a guest.
        for variable in [
            "RUSTFLAGS",
            "CARGO_ENCODED_RUSTFLAGS",
            "CARGO_BUILD_TARGET",
            "RUSTC_WRAPPER",
        ] {
            command.env_remove(variable);
        }
        command
            .env("CARGO_PROFILE_RELEASE_LTO", "true")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1")
            .env("CARGO_PROFILE_RELEASE_DEBUG", "false")
            // Names of functions stay: a trap is reported with the one that it came from.
            .env("CARGO_PROFILE_RELEASE_STRIP", "debuginfo")
            .env("CARGO_PROFILE_RELEASE_PANIC", "abort")
            // Part of WebAssembly 2.0, which is what the host takes.
            .env(
                "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
                "-Ctarget-feature=+simd128",
            )
            .args(["build", "--release", "--target", TARGET]);
        if matches!(self, Self::Debian { .. }) {
            command.arg("-Zbuild-std=std,panic_abort");
        }
        command
    }
}

fn sysroot(rustc: &str) -> Option<PathBuf> {
    let output = Command::new(rustc)
        .args(["--print", "sysroot"])
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| PathBuf::from(text.trim()))
}

/// rust-lld of a rustup toolchain, or a linker of Debian's LLVM.
fn linker() -> Option<PathBuf> {
    let own = sysroot("rustc").and_then(|sysroot| {
        let libraries = std::fs::read_dir(sysroot.join("lib/rustlib")).ok()?;
        libraries
            .flatten()
            .map(|entry| entry.path().join("bin/rust-lld"))
            .find(|path| path.exists())
    });
    own.or_else(|| {
        let path = std::env::var_os("PATH")?;
        [
            "rust-lld",
            "wasm-ld",
            "wasm-ld-19",
            "wasm-ld-18",
            "wasm-ld-16",
            "wasm-ld-15",
            "wasm-ld-14",
        ]
        .iter()
        .flat_map(|name| std::env::split_paths(&path).map(move |directory| directory.join(name)))
        .find(|path| path.exists())
    })
}
