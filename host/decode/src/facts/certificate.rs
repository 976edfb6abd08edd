//! Certificate signing requests and the PKCS#10 requests in them (RFC 2986).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use wardline_event::model::CertificateRequest;
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::der::{Decode, Tag, Tagged};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::request::CertReq;

use super::read::{at, seconds, text, texts, texts_of};
use crate::json::Json;

/// RFC 4519, sections 2.3 and 2.19.
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
const ORGANIZATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");
/// RFC 2985, section 5.4.2, and RFC 5280, section 4.2.1.6.
const EXTENSION_REQUEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.14");
const SUBJECT_ALTERNATIVE_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.17");

const PEM_BEGIN: &str = "-----BEGIN CERTIFICATE REQUEST-----";
const PEM_END: &str = "-----END CERTIFICATE REQUEST-----";

pub(super) fn request<'v>(body: impl Json<'v>) -> CertificateRequest {
    let spec = at(body, &["spec"]);
    let status = at(body, &["status"]);
    let mut facts = CertificateRequest {
        signer: text(spec, "signerName"),
        usages: texts(spec, "usages"),
        expiration: seconds(spec, "expirationSeconds"),
        username: text(spec, "username"),
        groups: texts(spec, "groups"),
        conditions: texts_of(status, "conditions", "type"),
        issued: !text(status, "certificate").is_empty(),
        ..CertificateRequest::default()
    };
    if let Some(request) = pkcs10(&text(spec, "request")) {
        subject(&request, &mut facts);
    }
    facts
}

/// Decodes the PKCS#10 request, which the API holds as PEM in base64.
fn pkcs10(encoded: &str) -> Option<CertReq> {
    let pem = STANDARD.decode(encoded).ok()?;
    let pem = std::str::from_utf8(&pem).ok()?;
    let (_, inner) = pem.split_once(PEM_BEGIN)?;
    let (inner, _) = inner.split_once(PEM_END)?;
    let inner: String = inner.split_ascii_whitespace().collect();
    CertReq::from_der(&STANDARD.decode(inner).ok()?).ok()
}

fn subject(request: &CertReq, facts: &mut CertificateRequest) {
    for part in request.info.subject.0.iter().flat_map(|set| set.0.iter()) {
        if part.oid == COMMON_NAME {
            facts.common_name = decoded(part);
        } else if part.oid == ORGANIZATION {
            facts.organizations.push(decoded(part));
        }
    }
    let extensions = request
        .info
        .attributes
        .iter()
        .filter(|attribute| attribute.oid == EXTENSION_REQUEST)
        .flat_map(|attribute| attribute.values.iter())
        .filter_map(|value| value.decode_as::<Vec<Extension>>().ok())
        .flatten()
        .filter(|extension| extension.extn_id == SUBJECT_ALTERNATIVE_NAME);
    for extension in extensions {
        let Ok(names) = SubjectAltName::from_der(extension.extn_value.as_bytes()) else {
            continue;
        };
        for name in names.0 {
            if let GeneralName::DnsName(name) = name {
                facts.dns_names.push(name.to_string());
            }
        }
    }
}

/// Decodes the text of an attribute of the subject, in any of the ASN.1 string types.
fn decoded(part: &AttributeTypeAndValue) -> String {
    let bytes = part.value.value();
    if part.value.tag() == Tag::BmpString {
        let units = bytes
            .chunks_exact(2)
            .filter_map(|unit| unit.try_into().ok());
        let units: Vec<u16> = units.map(u16::from_be_bytes).collect();
        return String::from_utf16_lossy(&units);
    }
    String::from_utf8_lossy(bytes).into_owned()
}
