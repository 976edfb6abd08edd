//! Asks a running host.

use std::path::{Path, PathBuf};

use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Bytes;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::UnixStream;

/// Bytes of an answer that are read.
const ANSWER_BYTES: usize = 64 * 1024 * 1024;

/// The host cannot be asked.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nobody answers.
    #[error("no host answers on {}: {error} (is `wardline run` running, and is this its api.socket?)", path.display())]
    Connect {
        /// The socket.
        path: PathBuf,
        /// What the operating system says.
        error: std::io::Error,
    },
    /// Something else than the API answers.
    #[error("{} does not answer as a host does: {error}", path.display())]
    Protocol {
        /// The socket.
        path: PathBuf,
        /// What is wrong.
        error: String,
    },
    /// The host says no.
    #[error("{0}")]
    Refused(String),
}

/// Asks for a path and gives the answer's body.
///
/// # Errors
/// Where nobody answers, or with an error.
pub async fn get(socket: &Path, path: &str) -> Result<Bytes, ClientError> {
    let protocol = |error: String| ClientError::Protocol {
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
        .map_err(|error| protocol(error.to_string()))?;
    // Ends by itself when the answer is read.
    tokio::spawn(connection);
    let request = Request::get(path)
        .header("host", "wardline")
        .body(Empty::<Bytes>::new())
        .map_err(|error| protocol(error.to_string()))?;
    let answer = sender
        .send_request(request)
        .await
        .map_err(|error| protocol(error.to_string()))?;
    let status = answer.status();
    let body = Limited::new(answer.into_body(), ANSWER_BYTES)
        .collect()
        .await
        .map_err(|error| protocol(error.to_string()))?
        .to_bytes();
    if status == StatusCode::OK {
        return Ok(body);
    }
    let said = serde_json::from_slice::<serde_json::Value>(&body)
        .ok()
        .and_then(|value| value.get("error")?.as_str().map(str::to_owned));
    Err(ClientError::Refused(
        said.unwrap_or_else(|| format!("the host answers {status}")),
    ))
}
