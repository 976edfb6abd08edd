//! A client for the API of a running host.

use std::path::{Path, PathBuf};

use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Bytes;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::UnixStream;
use wardline_text::{Cause, Hint};

/// The maximum size of a response, in bytes.
const ANSWER_BYTES: usize = 64 * 1024 * 1024;

/// The host cannot be queried.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// No host listens on the socket.
    #[error("cannot connect to the host on {}", path.display())]
    Connect {
        /// The path of the socket.
        path: PathBuf,
        /// The operating system's error.
        #[source]
        error: std::io::Error,
    },
    /// The peer does not speak the API's protocol.
    #[error("unexpected response from the host on {}", path.display())]
    Protocol {
        /// The path of the socket.
        path: PathBuf,
        /// The error of the protocol.
        #[source]
        error: Cause,
    },
    /// The host responded with an error.
    #[error("{0}")]
    Refused(String),
}

impl Hint for ClientError {
    fn hint(&self) -> Option<String> {
        matches!(self, Self::Connect { .. })
            .then(|| "check that `wardline run` is running and that this is its api.socket".into())
    }
}

/// Requests a path and returns the body of the response.
///
/// # Errors
/// Returns [`ClientError::Connect`] if no host listens, [`ClientError::Protocol`] if the
/// response is invalid, and [`ClientError::Refused`] if it is an error.
pub async fn get(socket: &Path, path: &str) -> Result<Bytes, ClientError> {
    let protocol = |error: Cause| ClientError::Protocol {
        path: socket.to_owned(),
        error,
    };
    let stream = UnixStream::connect(socket)
        .await
        .map_err(|error| ClientError::Connect {
            path: socket.to_owned(),
            error,
        })?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| protocol(Cause::new(error)))?;
    // The task ends when the response is read.
    tokio::spawn(connection);
    let request = Request::get(path)
        .header("host", "wardline")
        .body(Empty::<Bytes>::new())
        .map_err(|error| protocol(Cause::new(error)))?;
    let answer = sender
        .send_request(request)
        .await
        .map_err(|error| protocol(Cause::new(error)))?;
    let status = answer.status();
    let body = Limited::new(answer.into_body(), ANSWER_BYTES)
        .collect()
        .await
        .map_err(|error| protocol(Cause::new(error)))?
        .to_bytes();
    if status == StatusCode::OK {
        return Ok(body);
    }
    let said = serde_json::from_slice::<serde_json::Value>(&body)
        .ok()
        .and_then(|value| value.get("error")?.as_str().map(str::to_owned));
    Err(ClientError::Refused(said.unwrap_or_else(|| {
        format!("the host responded with {status}")
    })))
}
