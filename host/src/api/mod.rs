//! What a running host answers, on a Unix socket.
