use std::io::Write;

use super::{Sink, SinkError, lines};

/// Writes findings to standard output, one a line.
#[derive(Debug, Default)]
pub struct Stdout;

impl Sink for Stdout {
    fn name(&self) -> &str {
        "stdout"
    }

    fn write(&mut self, findings: &[&[u8]]) -> Result<(), SinkError> {
        let mut out = std::io::stdout().lock();
        out.write_all(&lines(findings))
            .and_then(|()| out.flush())
            .map_err(|error| match error.kind() {
                std::io::ErrorKind::BrokenPipe => SinkError::Closed,
                _ => SinkError::Stdout(error),
            })
    }
}
