//! Decompresses files.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::MultiGzDecoder;

/// How many layers of compression a file may have. Firehose compresses data that CloudWatch
/// Logs has compressed already.
const MAX_LAYERS: usize = 3;

/// Returns the bytes of a file, decompressed if its first bytes are those of gzip (RFC 1952,
/// also with several members) or zstd (RFC 8878).
pub(super) fn unpack<R: BufRead + Send + 'static>(
    packed: R,
) -> io::Result<Box<dyn BufRead + Send>> {
    const BUFFER: usize = 256 * 1024;
    let mut reader: Box<dyn BufRead + Send> = Box::new(packed);
    for time in 0..MAX_LAYERS {
        let head = match reader.fill_buf() {
            Ok(head) => head,
            // Opening succeeds; the damage is reported when the file is read.
            Err(error) if time > 0 => {
                return Ok(Box::new(BufReader::new(FailedReader(Some(error)))));
            }
            Err(error) => return Err(error),
        };
        reader = if head.starts_with(&[0x1f, 0x8b]) {
            Box::new(BufReader::with_capacity(
                BUFFER,
                MultiGzDecoder::new(reader),
            ))
        } else if head.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
            Box::new(BufReader::with_capacity(
                BUFFER,
                zstd::Decoder::with_buffer(reader)?,
            ))
        } else {
            break;
        };
    }
    Ok(reader)
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

    #[test]
    fn decompresses_nested_layers() {
        let members = [gzip(b"te"), gzip(b"xt")].concat();
        for packed in [b"text".to_vec(), gzip(b"text"), gzip(&members)] {
            let mut text = String::new();
            let mut reader = unpack(Cursor::new(packed)).unwrap();
            reader.read_to_string(&mut text).unwrap();
            assert_eq!(text, "text");
        }
    }

    #[test]
    fn reports_damage_on_reading() {
        let mut reader = unpack(Cursor::new(b"\x1f\x8b\x08\x00damage".to_vec())).unwrap();
        for _ in 0..2 {
            assert!(reader.read(&mut [0]).is_err());
        }
    }
}
