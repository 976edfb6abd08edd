//! Serves one connection.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;

use hyper::header::{CONNECTION, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use super::client_name::common_name;
use super::credentials::Credentials;
use super::guests::GuestPass;
use super::handler::{Handler, Peer};

/// The maximum size of a request's head, in bytes.
const HEAD: usize = 64 * 1024;

/// Serves a connection until it ends, its credentials are replaced, or the host stops. In the
/// last two cases the request in progress is still answered.
pub(super) async fn serve(
    handler: Arc<Handler>,
    stream: TcpStream,
    (address, pass): (SocketAddr, GuestPass),
    stopping: watch::Receiver<bool>,
) {
    handler.telemetry.connected();
    let mut credentials = handler.credentials.subscribe();
    let tls = credentials.borrow_and_update().tls.clone();
    match tls {
        None => {
            let peer = Peer {
                address,
                certificate: None,
                pass,
            };
            http(&handler, stream, peer, credentials, stopping).await;
        }
        Some(config) => {
            let accept = TlsAcceptor::from(config).accept(stream);
            match timeout(handler.settings.limits.header_time, accept).await {
                Ok(Ok(stream)) => {
                    let certificates = stream.get_ref().1.peer_certificates();
                    let own = certificates.and_then(<[_]>::first);
                    let peer = Peer {
                        address,
                        certificate: own.map(common_name),
                        pass,
                    };
                    http(&handler, stream, peer, credentials, stopping).await;
                }
                Ok(Err(error)) => {
                    handler.telemetry.handshake_failed(address, Some(&error));
                }
                Err(_) => handler.telemetry.handshake_failed(address, None),
            }
        }
    }
    handler.telemetry.disconnected();
}

async fn http(
    handler: &Arc<Handler>,
    stream: impl AsyncRead + AsyncWrite + Unpin + Send,
    peer: Peer,
    mut credentials: watch::Receiver<Arc<Credentials>>,
    mut stopping: watch::Receiver<bool>,
) {
    let limits = &handler.settings.limits;
    let peer = &peer;
    let service = service_fn(|request| async move {
        let mut response = handler.answer(request, peer).await.response();
        if !peer.pass.is_promoted() {
            // A connection without credentials is for one request.
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(CONNECTION, close);
        }
        Ok::<_, Infallible>(response)
    });
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        // Counted from the end of the previous request.
        .header_read_timeout(limits.idle_time)
        .max_buf_size(HEAD);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    let mut first = pin!(sleep(limits.header_time));
    let (mut is_new, mut is_ending) = (true, false);
    loop {
        tokio::select! {
            // An error of the peer ends its connection, and nothing else.
            _ = connection.as_mut() => return,
            () = &mut first, if is_new => {
                if !peer.pass.is_promoted() {
                    return;
                }
                is_new = false;
            }
            _ = credentials.changed(), if !is_ending => is_ending = true,
            _ = stopping.changed(), if !is_ending => is_ending = true,
        }
        if is_ending {
            connection.as_mut().graceful_shutdown();
        }
    }
}
