//! When a certificate ends.

use std::path::Path;
use std::time::SystemTime;

use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use x509_cert::Certificate;
use x509_cert::der::Decode;

/// Returns the earliest end (`notAfter`, RFC 5280, section 4.1.2.5) of the certificates in a PEM file, or
/// `None` if there is no readable one.
#[must_use]
pub fn certificate_end(path: &Path) -> Option<SystemTime> {
    CertificateDer::pem_file_iter(path)
        .ok()?
        .filter_map(|certificate| {
            let certificate = Certificate::from_der(&certificate.ok()?).ok()?;
            Some(
                certificate
                    .tbs_certificate
                    .validity
                    .not_after
                    .to_system_time(),
            )
        })
        .min()
}
