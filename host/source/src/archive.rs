//! Reads the files in an archive one after the other.

use std::io::{self, BufRead, BufReader, PipeReader, PipeWriter, Read, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex, PoisonError};

use super::unpack::layer;

/// The size of a tar header, in bytes.
const TAR_HEADER: usize = 512;
/// The position of the magic bytes in a tar header (POSIX.1-1988, `ustar`).
const TAR_MAGIC: usize = 257;
/// How many bytes tell the form of a file.
pub(super) const HEAD_BYTES: usize = TAR_HEADER;

/// The form of an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Archive {
    Tar,
    Zip,
}

impl Archive {
    /// Recognizes an archive by its first bytes.
    pub fn of(head: &[u8]) -> Option<Self> {
        let magic = head.get(TAR_MAGIC..).unwrap_or_default();
        if magic.starts_with(b"ustar") {
            Some(Self::Tar)
        } else if head.starts_with(b"PK\x03\x04") {
            Some(Self::Zip)
        } else {
            None
        }
    }

    /// Returns the contents of the files in an archive, decompressed, each followed by a newline. They
    /// are read on a thread of their own.
    pub fn open(self, packed: Box<dyn BufRead + Send>) -> io::Result<Box<dyn BufRead + Send>> {
        let (reader, mut writer) = io::pipe()?;
        let failure = Arc::new(Mutex::new(None));
        let failed = Arc::clone(&failure);
        std::thread::Builder::new()
            .name("archive".to_owned())
            .spawn(move || {
                let result = match self {
                    Self::Tar => tar(packed, &mut writer),
                    Self::Zip => zip(packed, &mut writer),
                };
                // If nobody reads any more, nobody asks for the error.
                *failed.lock().unwrap_or_else(PoisonError::into_inner) = result.err();
            })?;
        Ok(Box::new(BufReader::with_capacity(
            256 * 1024,
            Contents { reader, failure },
        )))
    }
}

/// The read end of a pipe, whose writer may fail.
struct Contents {
    reader: PipeReader,
    failure: Arc<Mutex<Option<io::Error>>>,
}

impl Read for Contents {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.reader.read(buffer)?;
        if length == 0 && !buffer.is_empty() {
            let failure = self
                .failure
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take();
            if let Some(error) = failure {
                return Err(error);
            }
        }
        Ok(length)
    }
}

fn tar(packed: impl Read, to: &mut PipeWriter) -> io::Result<()> {
    let mut archive = tar::Archive::new(packed);
    for entry in archive.entries()? {
        let entry = entry?;
        if entry.header().entry_type().is_file() {
            copy(entry, to)?;
        }
    }
    Ok(())
}

/// The directory of a zip archive is at its end, so the archive is copied to a temporary file first.
fn zip(mut packed: impl Read, to: &mut PipeWriter) -> io::Result<()> {
    let mut file = tempfile::tempfile()?;
    io::copy(&mut packed, &mut file)?;
    file.seek(SeekFrom::Start(0))?;
    let mut archive = zip::ZipArchive::new(BufReader::new(file))?;
    for index in 0..archive.len() {
        let entry = archive.by_index(index)?;
        if entry.is_file() {
            copy(entry, to)?;
        }
    }
    Ok(())
}

fn copy(entry: impl Read, to: &mut PipeWriter) -> io::Result<()> {
    let mut plain = layer(BufReader::with_capacity(64 * 1024, entry))?;
    io::copy(&mut plain, to)?;
    to.write_all(b"\n")
}
