//! Unpacks what is packed.

use std::io::{self, BufRead, BufReader};

use flate2::bufread::MultiGzDecoder;

/// The bytes of a file: gzip (RFC 1952, several members too) and zstd (RFC 8878) are
/// unpacked, known by their first bytes; all else is given as it is.
pub(super) fn unpack<R: BufRead + Send + 'static>(
    mut packed: R,
) -> io::Result<Box<dyn BufRead + Send>> {
    const BUFFER: usize = 256 * 1024;
    let head = packed.fill_buf()?;
    Ok(if head.starts_with(&[0x1f, 0x8b]) {
        Box::new(BufReader::with_capacity(
            BUFFER,
            MultiGzDecoder::new(packed),
        ))
    } else if head.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        Box::new(BufReader::with_capacity(
            BUFFER,
            zstd::Decoder::with_buffer(packed)?,
        ))
    } else {
        Box::new(packed)
    })
}
