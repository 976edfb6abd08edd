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
    let mut failures = Failures::default();
    for entry in archive.entries()? {
        let entry = entry?;
        if entry.header().entry_type().is_file() {
            failures.note(&entry_name(&entry.path_bytes()), copy(entry, to))?;
        }
    }
    failures.first()
}

/// The directory of a zip archive is at its end, so the archive is copied to a temporary file first.
fn zip(mut packed: impl Read, to: &mut PipeWriter) -> io::Result<()> {
    let mut file = tempfile::tempfile()?;
    io::copy(&mut packed, &mut file)?;
    file.seek(SeekFrom::Start(0))?;
    let mut archive = zip::ZipArchive::new(BufReader::new(file))?;
    let mut failures = Failures::default();
    for index in 0..archive.len() {
        let mut name = format!("number {}", index + 1);
        let copied = match archive.by_index(index) {
            Ok(entry) if entry.is_file() => {
                if let Ok(own) = entry.name() {
                    name = own.into_owned();
                }
                copy(entry, to)
            }
            Ok(_) => Ok(()),
            // A file may be encrypted, or compressed with a method that is not known here.
            Err(error) => Err(io::Error::new(io::ErrorKind::InvalidData, error)),
        };
        failures.note(&name, copied)?;
    }
    failures.first()
}

fn entry_name(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The files in an archive that could not be read. They do not affect the others.
#[derive(Default)]
struct Failures(Option<io::Error>);

impl Failures {
    /// # Errors
    /// Returns the error if nobody reads the contents any more.
    fn note(&mut self, name: &str, copied: io::Result<()>) -> io::Result<()> {
        match copied {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Err(error),
            Err(error) if self.0.is_none() => {
                let text = format!("the file {name} in the archive: {error}");
                self.0 = Some(io::Error::new(error.kind(), text));
            }
            _ => {}
        }
        Ok(())
    }

    fn first(self) -> io::Result<()> {
        self.0.map_or(Ok(()), Err)
    }
}

/// Copies a file, and ends its last line even if the file is damaged.
fn copy(entry: impl Read, to: &mut PipeWriter) -> io::Result<()> {
    let copied = layer(BufReader::with_capacity(64 * 1024, entry))
        .and_then(|mut plain| io::copy(&mut plain, to));
    to.write_all(b"\n")?;
    copied.map(|_| ())
}
