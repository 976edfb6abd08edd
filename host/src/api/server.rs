//! The API server.

use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::{Path, PathBuf};

use axum::Json;
use axum::Router;
use axum::extract::{Path as Segment, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::json;
use tokio::net::{UnixListener, UnixStream};
use wardline_finding::suppress::{Rules, SuppressionReport};
use wardline_telemetry::Metrics;
use wardline_text::Hint;

use super::{IntelReport, PluginList, SnapshotCell, StatusReport};
use crate::plugin::Board;

/// The API cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Another host listens on the socket.
    #[error("another host listens on {}", .0.display())]
    InUse(PathBuf),
    /// The path exists and is not a socket.
    #[error("{} is not a socket", .0.display())]
    NotASocket(PathBuf),
    /// The operating system refused.
    #[error("cannot listen on {}", path.display())]
    Listen {
        /// The path of the socket.
        path: PathBuf,
        /// The operating system's error.
        #[source]
        error: std::io::Error,
    },
}

impl Hint for ServeError {
    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::InUse(_) | Self::NotASocket(_) => "set api.socket to another path",
            Self::Listen { .. } => {
                "check that the directory exists and that the host's user may write to it"
            }
        };
        Some(hint.into())
    }
}

/// The data that the API serves.
#[derive(Clone)]
pub struct ApiState {
    /// The plugin directory.
    pub board: Board,
    /// The intel lists.
    pub lists: wardline_intel::Board,
    /// The suppression rules.
    pub rules: Rules,
    /// The numbers of the judging thread.
    pub snapshot: SnapshotCell,
    /// All metrics.
    pub metrics: Metrics,
}

/// Serves the API on a Unix socket until `stop` completes, then removes the socket.
///
/// # Errors
/// Returns [`ServeError`] if the socket cannot be used.
pub async fn serve(
    path: &Path,
    state: ApiState,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    let listen = |error| ServeError::Listen {
        path: path.to_owned(),
        error,
    };
    make_way(path).await?;
    let listener = UnixListener::bind(path).map_err(listen)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o660)).map_err(listen)?;
    let result = axum::serve(listener, router(state))
        .with_graceful_shutdown(stop)
        .await
        .map_err(listen);
    // The socket may have been removed already.
    let _ = std::fs::remove_file(path);
    result
}

/// Removes a socket that a killed host left behind.
async fn make_way(path: &Path) -> Result<(), ServeError> {
    let Ok(metadata) = std::fs::symlink_metadata(path) else {
        return Ok(());
    };
    if !metadata.file_type().is_socket() {
        return Err(ServeError::NotASocket(path.to_owned()));
    }
    if UnixStream::connect(path).await.is_ok() {
        return Err(ServeError::InUse(path.to_owned()));
    }
    std::fs::remove_file(path).map_err(|error| ServeError::Listen {
        path: path.to_owned(),
        error,
    })
}

fn router(state: ApiState) -> Router {
    Router::new()
        .route("/v1/plugins", get(list))
        .route("/v1/plugins/{name}", get(show))
        .route("/v1/intel", get(intel))
        .route("/v1/status", get(status))
        .route("/v1/suppression", get(suppression))
        .route("/metrics", get(metrics))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .with_state(state)
}

async fn list(State(state): State<ApiState>) -> Json<PluginList> {
    Json(PluginList::new(&state.board.read(), &state.snapshot.read()))
}

async fn show(State(state): State<ApiState>, Segment(name): Segment<String>) -> Response {
    let list = PluginList::new(&state.board.read(), &state.snapshot.read());
    let found = list.plugins.into_iter().find(|plugin| {
        plugin.status.file == name
            || plugin
                .status
                .running
                .as_ref()
                .is_some_and(|running| running.name == name)
    });
    match found {
        Some(plugin) => Json(plugin).into_response(),
        None => {
            let error = json!({ "error": format!("no detector or file has the name `{name}`") });
            (StatusCode::NOT_FOUND, Json(error)).into_response()
        }
    }
}

async fn intel(State(state): State<ApiState>) -> Json<IntelReport> {
    Json(IntelReport::new(&state.lists.read()))
}

async fn status(State(state): State<ApiState>) -> Json<StatusReport> {
    Json(StatusReport::new(
        &state.snapshot.read(),
        &state.lists.read(),
    ))
}

async fn suppression(State(state): State<ApiState>) -> Json<SuppressionReport> {
    Json(SuppressionReport::new(
        &state.rules.read(),
        &state.snapshot.read().matches,
        jiff::Timestamp::now(),
    ))
}

async fn metrics(State(state): State<ApiState>) -> Response {
    (
        [(header::CONTENT_TYPE, wardline_telemetry::CONTENT_TYPE)],
        state.metrics.encode(),
    )
        .into_response()
}

async fn ready(State(state): State<ApiState>) -> Response {
    let snapshot = state.snapshot.read();
    if snapshot.ready {
        return "ok\n".into_response();
    }
    let text = match snapshot.problems.as_slice() {
        [] => "starting\n".to_owned(),
        problems => problems.join("\n") + "\n",
    };
    (StatusCode::SERVICE_UNAVAILABLE, text).into_response()
}
