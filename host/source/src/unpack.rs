//! Decompresses files.

use std::io::{self, BufRead, BufReader, Cursor, Read};

use encoding_rs_io::DecodeReaderBytesBuilder;
use flate2::bufread::MultiGzDecoder;

use super::archive::{Archive, HEAD_BYTES};

/// How many layers of compression a file may have. Firehose compresses data that CloudWatch
/// Logs has compressed already.
const MAX_LAYERS: usize = 4;
const BUFFER: usize = 256 * 1024;

/// The first bytes of gzip (RFC 1952) and of zstd (RFC 8878).
const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];
/// The byte order marks of UTF-16, which PowerShell writes into files.
const UTF_16: [&[u8]; 2] = [&[0xff, 0xfe], &[0xfe, 0xff]];

/// Forms of files that may hold a log, but that are not read, by their first bytes.
const OTHERS: [(&[u8], &str); 7] = [
    (
        b"Obj\x01",
        "an Avro container, as Event Hubs Capture writes it: export JSON instead",
    ),
    (b"PAR1", "a Parquet file: export JSON instead"),
    (b"ORC", "an ORC file: export JSON instead"),
    (
        b"\xfd7zXZ\0",
        "compressed with xz: decompress it with `xz -d`",
    ),
    (
        b"BZh",
        "compressed with bzip2: decompress it with `bzip2 -d`",
    ),
    (
        b"\x04\"M\x18",
        "compressed with lz4: decompress it with `lz4 -d`",
    ),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive: extract it first"),
];

/// Returns the text of a file: decompressed if its first bytes are those of gzip or zstd, the files in it
/// one after the other if it is a tar or zip archive, and as UTF-8 if it is UTF-16.
pub(super) fn unpack<R: BufRead + Send + 'static>(
    packed: R,
) -> io::Result<Box<dyn BufRead + Send>> {
    let mut reader: Box<dyn BufRead + Send> = Box::new(packed);
    for time in 0..MAX_LAYERS {
        let (head, whole) = match peek(reader) {
            Ok(peeked) => peeked,
            // Opening succeeds; the damage is reported when the file is read.
            Err(error) if time > 0 => {
                return Ok(Box::new(BufReader::new(FailedReader(Some(error)))));
            }
            Err(error) => return Err(error),
        };
        reader = whole;
        if head.starts_with(GZIP) {
            reader = Box::new(BufReader::with_capacity(
                BUFFER,
                MultiGzDecoder::new(reader),
            ));
        } else if head.starts_with(ZSTD) {
            let decoder = zstd::Decoder::with_buffer(reader)?;
            reader = Box::new(BufReader::with_capacity(BUFFER, decoder));
        } else if let Some(archive) = Archive::of(&head) {
            return archive.open(reader);
        } else if UTF_16.iter().any(|mark| head.starts_with(mark)) {
            let decoder = DecodeReaderBytesBuilder::new().build(reader);
            return Ok(Box::new(BufReader::with_capacity(BUFFER, decoder)));
        } else if let Some((_, form)) = OTHERS.iter().find(|(magic, _)| head.starts_with(magic)) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("it is {form}"),
            ));
        } else {
            break;
        }
    }
    Ok(reader)
}

/// Returns the first bytes of a reader, and a reader that still has them.
fn peek(mut reader: Box<dyn BufRead + Send>) -> io::Result<(Vec<u8>, Box<dyn BufRead + Send>)> {
    let buffered = loop {
        match reader.fill_buf() {
            Ok(buffered) => break buffered,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    };
    if buffered.len() >= HEAD_BYTES || !may_be_packed(buffered) {
        let head = buffered.get(..HEAD_BYTES).unwrap_or(buffered).to_vec();
        return Ok((head, reader));
    }
    // Something compressed may arrive in small pieces.
    let mut head = Vec::new();
    (&mut reader)
        .take(HEAD_BYTES as u64)
        .read_to_end(&mut head)?;
    let rest = Cursor::new(head.clone()).chain(reader);
    Ok((head, Box::new(BufReader::with_capacity(BUFFER, rest))))
}

/// Whether these first bytes are not those of a line. A line must not wait for more to come.
fn may_be_packed(head: &[u8]) -> bool {
    !matches!(
        head.first(),
        None | Some(b'{' | b'[' | b'<' | b'\n' | b'0'..=b'9')
    ) && !head.contains(&b'\n')
}

/// Decompresses one layer, for a file in an archive.
pub(super) fn layer<'r>(mut reader: impl BufRead + 'r) -> io::Result<Box<dyn Read + 'r>> {
    let head = reader.fill_buf()?;
    Ok(if head.starts_with(GZIP) {
        Box::new(MultiGzDecoder::new(reader))
    } else if head.starts_with(ZSTD) {
        Box::new(zstd::Decoder::with_buffer(reader)?)
    } else {
        Box::new(reader)
    })
}

/// The rest of a file whose beginning could not be decompressed.
struct FailedReader(Option<io::Error>);

impl Read for FailedReader {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(match self.0.take() {
            Some(error) => error,
            None => io::Error::from(io::ErrorKind::InvalidData),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read, Write};

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::unpack;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn read(packed: Vec<u8>) -> std::io::Result<String> {
        let mut text = String::new();
        unpack(Cursor::new(packed))?.read_to_string(&mut text)?;
        Ok(text)
    }

    fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (name, contents) in files {
            let mut header = tar::Header::new_ustar();
            header.set_size(contents.len() as u64);
            header.set_mode(0o644);
            builder.append_data(&mut header, name, *contents).unwrap();
        }
        builder.into_inner().unwrap()
    }

    #[test]
    fn decompresses_nested_layers() {
        let members = [gzip(b"te"), gzip(b"xt")].concat();
        for packed in [b"text".to_vec(), gzip(b"text"), gzip(&members)] {
            assert_eq!(read(packed).unwrap(), "text");
        }
    }

    #[test]
    fn reads_the_files_of_archives() {
        let files: [(&str, &[u8]); 2] = [("one.log", b"one"), ("two.log.gz", &gzip(b"two"))];
        let plain = tar(&files);
        assert_eq!(read(plain.clone()).unwrap(), "one\ntwo\n");
        assert_eq!(read(gzip(&plain)).unwrap(), "one\ntwo\n");
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, contents) in files {
            zip.start_file(name, zip::write::SimpleFileOptions::default())
                .unwrap();
            zip.write_all(contents).unwrap();
        }
        let packed = zip.finish().unwrap().into_inner();
        assert_eq!(read(packed).unwrap(), "one\ntwo\n");
    }

    #[test]
    fn damaged_archive_is_an_error_after_the_files_before() {
        let mut cut = tar(&[("one.log", b"one"), ("two.log", &[b'x'; 2000])]);
        cut.truncate(2500);
        let mut reader = unpack(Cursor::new(cut)).unwrap();
        let mut text = Vec::new();
        assert!(reader.read_to_end(&mut text).is_err());
        assert!(text.starts_with(b"one\n"));
    }

    #[test]
    fn damaged_file_in_an_archive_affects_no_other() {
        let mut damaged = gzip(&b"some text that is long enough".repeat(9));
        damaged.truncate(damaged.len() - 9);
        let packed = tar(&[("a", b"one"), ("b.gz", &damaged), ("c", b"three")]);
        let mut reader = unpack(Cursor::new(packed)).unwrap();
        let mut text = Vec::new();
        let error = reader.read_to_end(&mut text).unwrap_err();
        assert!(error.to_string().contains("b.gz"), "{error}");
        let text = String::from_utf8_lossy(&text);
        assert!(
            text.starts_with("one\n") && text.ends_with("\nthree\n"),
            "{text}"
        );
    }

    #[test]
    fn utf_16_is_read_as_utf_8() {
        for (mark, bytes) in [
            (
                0xfeff_u16.to_le_bytes(),
                u16::to_le_bytes as fn(u16) -> [u8; 2],
            ),
            (0xfeff_u16.to_be_bytes(), u16::to_be_bytes),
        ] {
            let mut packed = mark.to_vec();
            packed.extend("{\"é\":1}\r\n".encode_utf16().flat_map(bytes));
            assert_eq!(read(packed).unwrap(), "{\"é\":1}\r\n");
        }
    }

    #[test]
    fn other_forms_are_named() {
        let error = read(b"Obj\x01rest".to_vec()).unwrap_err();
        assert!(error.to_string().contains("Avro"), "{error}");
    }

    #[test]
    fn reports_damage_on_reading() {
        let mut reader = unpack(Cursor::new(b"\x1f\x8b\x08\x00damage".to_vec())).unwrap();
        for _ in 0..2 {
            assert!(reader.read(&mut [0]).is_err());
        }
    }
}
