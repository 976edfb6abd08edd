//! A client that sends to a webhook as an API server does.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, crypto};

use super::authority::Identity;

/// A free port.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// A response.
#[derive(Debug)]
pub struct Answer {
    pub code: u16,
    pub head: String,
    pub text: String,
}

impl Answer {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (own, value) = line.split_once(':')?;
            own.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    fn parse(bytes: &[u8]) -> io::Result<Self> {
        let text = String::from_utf8_lossy(bytes);
        let broken = || io::Error::from(io::ErrorKind::UnexpectedEof);
        let (head, body) = text.split_once("\r\n\r\n").ok_or_else(broken)?;
        let code = head.split(' ').nth(1).ok_or_else(broken)?;
        Ok(Self {
            code: code.parse().map_err(|_| broken())?,
            head: head.to_owned(),
            text: body.to_owned(),
        })
    }
}

/// A client that opens a new connection for every request.
#[derive(Clone)]
pub struct Sender {
    port: u16,
    tls: Option<Arc<ClientConfig>>,
    token: Option<String>,
}

impl Sender {
    pub fn plain(port: u16) -> Self {
        Self {
            port,
            tls: None,
            token: None,
        }
    }

    /// Trusts a server whose certificate is signed by `authority`, a PEM text.
    pub fn tls(port: u16, authority: &str, own: Option<&Identity>) -> Self {
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from_pem_slice(authority.as_bytes()).unwrap())
            .unwrap();
        let builder =
            ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_root_certificates(roots);
        let config = match own {
            None => builder.with_no_client_auth(),
            Some(own) => builder
                .with_client_auth_cert(
                    vec![CertificateDer::from_pem_slice(own.certificate.as_bytes()).unwrap()],
                    PrivateKeyDer::from_pem_slice(own.key.as_bytes()).unwrap(),
                )
                .unwrap(),
        };
        Self {
            port,
            tls: Some(Arc::new(config)),
            token: None,
        }
    }

    pub fn token(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    /// Sends these bytes and returns the response, read until the server closes the connection.
    pub fn raw(&self, request: &[u8]) -> io::Result<Answer> {
        let stream = TcpStream::connect(("127.0.0.1", self.port))?;
        // The timeout only bounds how long a broken test hangs.
        stream.set_read_timeout(Some(Duration::from_secs(120)))?;
        match &self.tls {
            None => exchange(stream, request),
            Some(config) => {
                let name = "127.0.0.1".try_into().unwrap();
                let connection =
                    ClientConnection::new(Arc::clone(config), name).map_err(io::Error::other)?;
                exchange(StreamOwned::new(connection, stream), request)
            }
        }
    }

    /// Opens a connection and sends nothing.
    pub fn silent(&self) -> TcpStream {
        TcpStream::connect(("127.0.0.1", self.port)).unwrap()
    }

    /// Sends a request with these headers besides the common ones.
    pub fn request(&self, line: &str, head: &[&str], body: &[u8]) -> io::Result<Answer> {
        let mut text = format!("{line} HTTP/1.1\r\nHost: wardline\r\nConnection: close\r\n");
        if let Some(token) = &self.token {
            text.push_str(&format!("Authorization: Bearer {token}\r\n"));
        }
        for line in head {
            text.push_str(line);
            text.push_str("\r\n");
        }
        text.push_str("\r\n");
        let mut bytes = text.into_bytes();
        bytes.extend_from_slice(body);
        self.raw(&bytes)
    }

    /// Sends a body.
    pub fn post(&self, path: &str, body: &[u8]) -> io::Result<Answer> {
        let length = format!("Content-Length: {}", body.len());
        let line = format!("POST {path}?timeout=30s");
        self.request(&line, &["Content-Type: application/json", &length], body)
    }

    /// Sends a body and asserts that it is acknowledged.
    pub fn deliver(&self, path: &str, body: &[u8]) {
        let answer = self.post(path, body).unwrap();
        assert_eq!(answer.code, 200, "{answer:?}");
    }
}

fn exchange(mut stream: impl Read + Write, request: &[u8]) -> io::Result<Answer> {
    // An early refusal may close the connection while the request is written, but the response
    // can still be read.
    let written = stream.write_all(request).and_then(|()| stream.flush());
    let mut bytes = Vec::new();
    let read = stream.read_to_end(&mut bytes);
    match Answer::parse(&bytes) {
        Ok(answer) => Ok(answer),
        Err(error) => Err(written.err().or(read.err()).unwrap_or(error)),
    }
}
