//! The certificates, keys, and tokens of a webhook, which are read again when they change.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use super::token::Tokens;
use crate::webhook::{TlsFiles, WebhookError, WebhookSettings};

/// The credentials in force.
pub(super) struct Credentials {
    /// The TLS configuration; `None` for plain HTTP.
    pub tls: Option<Arc<ServerConfig>>,
    /// The clients whose certificates are accepted; `None` if a sender needs no certificate.
    clients: Option<AllowedClients>,
    tokens: Option<Tokens>,
}

/// With what a sender has shown that it may send.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(super) struct Credential {
    /// The number of its token in the file; `None` if none is required.
    pub token: Option<usize>,
    /// Whether the token is bound to the names of clusters.
    pub is_bound: bool,
}

/// Accepted common names; if there are none, all are accepted.
struct AllowedClients(Vec<String>);

/// A path and the content of its file.
type FileContent = (PathBuf, Vec<u8>);

/// The files as read.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct CredentialFiles {
    certificate: Option<FileContent>,
    key: Option<FileContent>,
    client_ca: Option<FileContent>,
    tokens: Option<FileContent>,
}

impl CredentialFiles {
    /// Reads all files.
    #[expect(
        clippy::disallowed_methods,
        reason = "files that do not fit together are refused as a whole, and read again when they change"
    )]
    pub fn read(settings: &WebhookSettings) -> Result<Self, WebhookError> {
        let read = |path: Option<&PathBuf>| {
            path.map(|path| match std::fs::read(path) {
                Ok(bytes) => Ok((path.clone(), bytes)),
                Err(error) => Err(WebhookError::Read {
                    path: path.clone(),
                    error,
                }),
            })
            .transpose()
        };
        let tls_file =
            |file: fn(&TlsFiles) -> Option<&PathBuf>| settings.tls.as_ref().and_then(file);
        Ok(Self {
            certificate: read(tls_file(|tls| Some(&tls.certificate)))?,
            key: read(tls_file(|tls| Some(&tls.key)))?,
            client_ca: read(tls_file(|tls| tls.client_ca.as_ref()))?,
            tokens: read(settings.token_file.as_ref())?,
        })
    }
}

impl Credentials {
    /// Parses the files.
    pub fn new(settings: &WebhookSettings, files: &CredentialFiles) -> Result<Self, WebhookError> {
        let tls = match (&files.certificate, &files.key) {
            (Some(certificate), Some(key)) => {
                let config = server_config(certificate, key, files.client_ca.as_ref())?;
                Some(Arc::new(config))
            }
            _ => None,
        };
        let tokens = files.tokens.as_ref();
        let names = settings.tls.as_ref().map(|tls| tls.client_names.clone());
        Ok(Self {
            tls,
            clients: names
                .filter(|_| files.client_ca.is_some())
                .map(AllowedClients),
            tokens: tokens
                .map(|(path, text)| Tokens::parse(path, text))
                .transpose()?,
        })
    }

    /// Checks the `Authorization` header of a request, and the common name of its verified
    /// certificate if it has one.
    ///
    /// # Errors
    /// Returns what is missing, in words.
    pub fn check(
        &self,
        authorization: Option<&[u8]>,
        certificate: Option<&str>,
    ) -> Result<Credential, &'static str> {
        match (&self.clients, certificate) {
            (None, _) => {}
            (Some(_), None) => return Err("a client certificate is required"),
            (Some(AllowedClients(names)), Some(name)) => {
                if !names.is_empty() && !names.iter().any(|known| known == name) {
                    return Err(
                        "the name in the client certificate is not allowed (`client-names`)",
                    );
                }
            }
        }
        let Some(tokens) = &self.tokens else {
            return Ok(Credential::default());
        };
        let token = tokens
            .find(authorization)
            .ok_or("a valid bearer token is required")?;
        Ok(Credential {
            token: Some(token),
            is_bound: tokens.is_bound(token),
        })
    }

    /// Returns whether a sender may post for a cluster; the name is empty if the path has none.
    pub fn may_post_for(&self, credential: Credential, cluster: &str) -> bool {
        match (&self.tokens, credential.token) {
            (Some(tokens), Some(token)) => tokens.may_post_for(token, cluster),
            (Some(_), None) => false,
            (None, _) => true,
        }
    }

    /// Returns the number of tokens; 0 if none is required.
    pub fn tokens(&self) -> usize {
        self.tokens.as_ref().map_or(0, Tokens::len)
    }
}

/// Configures TLS 1.2 and 1.3. A client that shows a certificate must show a valid one. Whether
/// it needs one is decided for each request, so that health checks work without.
fn server_config(
    (certificate_path, certificate): &FileContent,
    (key_path, key): &FileContent,
    client_ca: Option<&FileContent>,
) -> Result<ServerConfig, WebhookError> {
    let provider = Arc::new(default_provider());
    let tls_error = |error| WebhookError::file(certificate_path, error);
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(tls_error)?;
    let builder = match client_ca {
        None => builder.with_no_client_auth(),
        Some((path, bytes)) => {
            let mut roots = RootCertStore::empty();
            for root in certificates(path, bytes)? {
                roots
                    .add(root)
                    .map_err(|error| WebhookError::file(path, error))?;
            }
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                .allow_unauthenticated()
                .build()
                .map_err(|error| WebhookError::file(path, error))?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    let chain = certificates(certificate_path, certificate)?;
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|error| {
        WebhookError::file(key_path, error)
            .with_hint("give a PEM file with an unencrypted private key")
    })?;
    builder.with_single_cert(chain, key).map_err(|error| {
        WebhookError::file(certificate_path, error).with_hint(format!(
            "check that {} is the key of this certificate",
            key_path.display()
        ))
    })
}

fn certificates(path: &Path, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, WebhookError> {
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|error| WebhookError::file(path, error))?;
    if certificates.is_empty() {
        return Err(WebhookError::file(path, "the file contains no certificate")
            .with_hint("give a PEM file with `BEGIN CERTIFICATE`"));
    }
    Ok(certificates)
}
