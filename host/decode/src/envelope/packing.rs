//! Unpacking of base64 and gzip.

use std::io::Read;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use flate2::read::MultiGzDecoder;

use crate::reject::{Fault, Reject};

/// The first bytes of gzip (RFC 1952, section 2.3.1).
const GZIP: &[u8] = b"\x1f\x8b";

/// The first characters of gzip in base64: the magic bytes and the method, which is always 8.
const GZIP_IN_BASE64: &[u8] = b"H4sI";

/// The alphabet of RFC 4648, section 4. Padding is optional, since some tools omit it.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Whether this is gzip, or gzip in base64.
pub(super) fn is_packed(bytes: &[u8]) -> bool {
    bytes.starts_with(GZIP) || bytes.starts_with(GZIP_IN_BASE64)
}

/// Unpacks gzip, base64, or gzip in base64. Never returns more than `limit` unpacked bytes of
/// gzip, nor allocates memory for more.
pub(super) fn unpack(bytes: &[u8], limit: usize) -> Result<Vec<u8>, Fault> {
    if bytes.starts_with(GZIP) {
        return gunzip(bytes, limit);
    }
    let plain = BASE64
        .decode(bytes)
        .map_err(|error| Fault::new(Reject::BrokenEnvelope, format!("base64: {error}")))?;
    if plain.starts_with(GZIP) {
        return gunzip(&plain, limit);
    }
    Ok(plain)
}

fn gunzip(bytes: &[u8], limit: usize) -> Result<Vec<u8>, Fault> {
    let mut plain = Vec::new();
    let bound = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    MultiGzDecoder::new(bytes)
        .take(bound)
        .read_to_end(&mut plain)
        .map_err(|error| Fault::new(Reject::BrokenEnvelope, format!("gzip: {error}")))?;
    if plain.len() > limit {
        let detail = format!("more than {limit} bytes after unpacking");
        return Err(Fault::new(Reject::TooLong, detail));
    }
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use base64::Engine;
    use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD};
    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::{is_packed, unpack};
    use crate::reject::Reject;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn packed_text_is_restored() {
        let packed = gzip(b"text");
        let twice = [gzip(b"te"), gzip(b"xt")].concat();
        for bytes in [
            packed.clone(),
            twice,
            BASE64_STANDARD.encode(&packed).into_bytes(),
            BASE64_STANDARD_NO_PAD.encode(&packed).into_bytes(),
        ] {
            assert!(is_packed(&bytes));
            assert_eq!(unpack(&bytes, 4).unwrap(), b"text");
        }
        assert_eq!(unpack(b"dGV4dA==", 4).unwrap(), b"text");
    }

    #[test]
    fn decompression_bomb_is_refused_at_the_limit() {
        let bomb = gzip(&vec![b' '; 10 << 20]);
        assert!(bomb.len() < 20_000);
        let fault = unpack(&bomb, 1 << 20).unwrap_err();
        assert_eq!(fault.reason, Reject::TooLong);
        assert_eq!(fault.detail, "more than 1048576 bytes after unpacking");
    }

    #[test]
    fn damaged_data_is_refused() {
        let mut packed = gzip(b"some text that is long enough to be cut");
        packed.truncate(packed.len() - 9);
        for bytes in [&packed, &b"H4sI!"[..], b"\x1f\x8b", b"\x1f\x8b\x08\x00abc"] {
            assert_eq!(
                unpack(bytes, 99).unwrap_err().reason,
                Reject::BrokenEnvelope
            );
        }
    }
}
