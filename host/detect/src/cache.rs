//! The files of compiled code, checked before they are run.
//!
//! wasmtime's cache trusts its files, which are native code: one flipped bit can crash the host. Each file
//! therefore has a checksum beside the cache, and a file without one, or with another one, is removed
//! before wasmtime sees it, so that the detector is compiled again. Checksums are for damage. Somebody who can
//! write to the directory can write both, which is why only the host may.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// The directory of the checksums, beside wasmtime's own.
const CHECKSUMS: &str = "checksums";

/// Maximum size of all compiled code, in bytes. Beyond it wasmtime removes what was not used for longest.
pub(super) const TOTAL_BYTES: u64 = 256 * 1024 * 1024;

/// The files of a cache.
pub(super) struct CacheFiles {
    directory: PathBuf,
    /// The number of files that were removed because they had changed.
    pub damaged: usize,
}

impl CacheFiles {
    /// Removes the files that do not have their checksum.
    ///
    /// # Errors
    /// Returns the error of the operating system if a file that must not be run cannot be removed.
    pub fn verify(directory: &Path) -> io::Result<Self> {
        let mut damaged = 0;
        for file in code(directory) {
            let expected = fs::read_to_string(checksum_file(directory, &file));
            let found = checksum(&file);
            let is_good = matches!((&expected, &found), (Ok(one), Ok(other)) if one == other);
            if !is_good {
                // A file without a checksum belongs to a host that was killed, or to another one that
                // is still starting.
                damaged += usize::from(expected.is_ok());
                remove(&file)?;
            }
        }
        Ok(Self {
            directory: directory.to_owned(),
            damaged,
        })
    }

    /// Writes the checksums of files that have none. A file whose checksum cannot be written is
    /// compiled again at the next start.
    pub fn record(&self) {
        let _ = fs::create_dir_all(self.directory.join(CHECKSUMS));
        for file in code(&self.directory) {
            let to = checksum_file(&self.directory, &file);
            if !to.exists()
                && let Ok(checksum) = checksum(&file)
            {
                let _ = fs::write(to, checksum);
            }
        }
        let known: Vec<PathBuf> = code(&self.directory)
            .iter()
            .map(|file| checksum_file(&self.directory, file))
            .collect();
        for file in files(&self.directory.join(CHECKSUMS)) {
            if !known.contains(&file) {
                let _ = fs::remove_file(file);
            }
        }
    }
}

/// Removes a file that another host, which shares the directory, may have removed or renamed since.
fn remove(file: &Path) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Returns wasmtime's files of code; beside each it keeps statistics.
fn code(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut directories = vec![directory.to_owned()];
    while let Some(next) = directories.pop() {
        if next.ends_with(CHECKSUMS) {
            continue;
        }
        for path in files(&next) {
            if path.is_dir() {
                directories.push(path);
            } else if path
                .extension()
                .is_none_or(|extension| extension != "stats")
            {
                found.push(path);
            }
        }
    }
    found
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten();
    entries.flatten().map(|entry| entry.path()).collect()
}

fn checksum_file(directory: &Path, file: &Path) -> PathBuf {
    let name = Sha256::digest(file.as_os_str().as_encoded_bytes());
    directory.join(CHECKSUMS).join(HEXLOWER.encode(&name))
}

fn checksum(file: &Path) -> io::Result<String> {
    Ok(HEXLOWER.encode(&Sha256::digest(fs::read(file)?)))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{CacheFiles, remove};

    #[test]
    fn file_that_another_host_removed_is_not_an_error() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("code");
        fs::write(&file, "code").unwrap();
        remove(&file).unwrap();
        remove(&file).unwrap();
        assert!(remove(directory.path()).is_err(), "other failures are told");
    }

    #[test]
    fn changed_file_is_removed_and_others_stay() {
        let directory = tempfile::tempdir().unwrap();
        let code = directory.path().join("modules/wasmtime");
        fs::create_dir_all(&code).unwrap();
        for name in ["one", "two", "two.stats"] {
            fs::write(code.join(name), name).unwrap();
        }
        CacheFiles::verify(directory.path()).unwrap();
        assert!(!code.join("one").exists(), "it has no checksum");
        for name in ["one", "two"] {
            fs::write(code.join(name), name).unwrap();
        }
        let files = CacheFiles::verify(&directory.path().join("none")).unwrap();
        assert_eq!(files.damaged, 0);
        let files = CacheFiles {
            directory: directory.path().to_owned(),
            damaged: 0,
        };
        files.record();
        let mut bytes = fs::read(code.join("two")).unwrap();
        bytes[1] ^= 1;
        fs::write(code.join("two"), bytes).unwrap();
        let files = CacheFiles::verify(directory.path()).unwrap();
        assert_eq!(files.damaged, 1);
        assert!(code.join("one").exists() && !code.join("two").exists());
        files.record();
        let checksums = fs::read_dir(directory.path().join("checksums")).unwrap();
        assert_eq!(checksums.count(), 1);
    }
}
