//! Finds a Rust toolchain that compiles to WebAssembly.

use std::path::{Path, PathBuf};
use std::process::Command;

use wardline_text::Hint;

/// The target triple of guests. It has no WASI, so that a detector can only import what the
/// contract provides.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// No usable toolchain was found.
#[derive(Debug, thiserror::Error)]
#[error("cannot find a Rust standard library for {TARGET}")]
pub struct ToolchainError;

impl Hint for ToolchainError {
    fn hint(&self) -> Option<String> {
        Some(format!(
            "run `rustup target add {TARGET}`, or, if that cannot be downloaded, install Debian's packages: `apt-get install rustc-web cargo-web rust-web-src lld`"
        ))
    }
}

/// A way to compile guests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Toolchain {
    /// The cargo on the path; its toolchain includes the target's standard library.
    Installed,
    /// Debian's cargo and rustc, which build the standard library from source. This is unstable in
    /// cargo and needs `RUSTC_BOOTSTRAP`.
    Debian {
        /// The linker for WebAssembly.
        linker: PathBuf,
    },
}

impl Toolchain {
    /// Finds a toolchain; an installed target is preferred.
    ///
    /// # Errors
    /// Returns [`ToolchainError`] if there is none.
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

    /// Returns a `cargo build` command for the target, to which arguments can be added.
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
        // Flags and wrappers of native builds, clippy's among them, must not reach the guest.
        for variable in [
            "RUSTFLAGS",
            "CARGO_ENCODED_RUSTFLAGS",
            "CARGO_BUILD_TARGET",
            "RUSTC_WRAPPER",
            "RUSTC_WORKSPACE_WRAPPER",
        ] {
            command.env_remove(variable);
        }
        command
            .env("CARGO_PROFILE_RELEASE_LTO", "true")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1")
            .env("CARGO_PROFILE_RELEASE_DEBUG", "false")
            // Function names are kept, because traps are reported with them.
            .env("CARGO_PROFILE_RELEASE_STRIP", "debuginfo")
            .env("CARGO_PROFILE_RELEASE_PANIC", "abort")
            // Part of WebAssembly 2.0, which the host accepts.
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

/// Finds rust-lld of a rustup toolchain, or the linker of Debian's LLVM.
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
