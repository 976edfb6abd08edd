//! The name in a client's certificate.

use tokio_rustls::rustls::pki_types::CertificateDer;
use x509_cert::Certificate;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::der::{Decode, Tag, Tagged};

/// The object identifier of `commonName` (RFC 4519, section 2.3).
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");

/// Returns the common name of the subject, which Kubernetes takes for the user's name. Empty
/// unless there is exactly one.
pub(super) fn common_name(certificate: &CertificateDer<'_>) -> String {
    let Ok(certificate) = Certificate::from_der(certificate) else {
        return String::new();
    };
    let subject = certificate.tbs_certificate.subject;
    let mut names = subject
        .0
        .iter()
        .flat_map(|set| set.0.iter())
        .filter(|part| part.oid == COMMON_NAME);
    let (Some(name), None) = (names.next(), names.next()) else {
        return String::new();
    };
    match name.value.tag() {
        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String => {
            String::from_utf8(name.value.value().to_vec()).unwrap_or_default()
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DnType, KeyPair};

    use super::common_name;

    fn named(names: &[(DnType, &str)]) -> String {
        let mut params = CertificateParams::new(vec!["example.org".to_owned()]).unwrap();
        params.distinguished_name = rcgen::DistinguishedName::new();
        for (kind, name) in names {
            params.distinguished_name.push(kind.clone(), *name);
        }
        let key = KeyPair::generate().unwrap();
        common_name(params.self_signed(&key).unwrap().der())
    }

    #[test]
    fn returns_the_common_name_of_the_subject() {
        let organization = (DnType::OrganizationName, "kube-apiserver");
        assert_eq!(named(std::slice::from_ref(&organization)), "");
        let name = (DnType::CommonName, "api-server ä");
        assert_eq!(named(&[organization, name]), "api-server ä");
        assert_eq!(common_name(&b"no certificate".as_slice().into()), "");
    }
}
