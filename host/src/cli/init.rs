//! `wardline init`.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};

use anyhow::{Context, Result, bail};

use super::arguments::{InitArguments, InitSource};
use super::exit::Exit;
use super::output::say;

pub fn init(arguments: &InitArguments) -> Result<Exit> {
    let path = &arguments.path;
    let mut options = OpenOptions::new();
    if arguments.force {
        options.write(true).create(true).truncate(true);
    } else {
        options.write(true).create_new(true);
    }
    let mut file = match options.open(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => bail!(
            "{} already exists (specify `--force` to replace it)",
            path.display()
        ),
        opened => opened.with_context(|| format!("cannot create {}", path.display()))?,
    };
    file.write_all(configuration(arguments.source).as_bytes())
        .with_context(|| format!("cannot write {}", path.display()))?;
    say(&format!(
        "wrote {0}; next steps:\n  edit {0}\n  wardline config check --config {0}\n  wardline run --config {0}",
        path.display()
    ))?;
    Ok(Exit::Done)
}

/// Returns the text of a configuration with this source.
fn configuration(source: InitSource) -> String {
    let (source, sink) = match source {
        InitSource::File => (
            include_str!("init/file.toml"),
            include_str!("init/sink-file.toml"),
        ),
        InitSource::Webhook => (
            include_str!("init/webhook.toml"),
            include_str!("init/sink-file.toml"),
        ),
        InitSource::Stdin => (
            include_str!("init/stdin.toml"),
            include_str!("init/sink-stdout.toml"),
        ),
    };
    [
        include_str!("init/head.toml"),
        source,
        include_str!("init/tail.toml"),
        sink,
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use clap::ValueEnum;

    use super::{InitSource, configuration};
    use crate::config::Config;

    #[test]
    fn every_configuration_is_valid_with_and_without_its_comments() {
        for source in InitSource::value_variants() {
            let text = configuration(*source);
            let config = Config::parse(&text, "init", Path::new("")).unwrap();
            assert_eq!((config.sources.len(), config.sinks.len()), (1, 1));
            // Keys and sections that are comments are examples, and must be valid too.
            let is_example = |line: &str| line.starts_with('[') || line.contains(" = ");
            let active: Vec<&str> = text
                .lines()
                .map(|line| match line.strip_prefix("# ") {
                    Some(rest) if is_example(rest) => rest,
                    _ => line,
                })
                .collect();
            let files = tempfile::tempdir().unwrap();
            for name in ["tls.crt", "tls.key", "client-ca.crt"] {
                std::fs::write(files.path().join(name), "").unwrap();
            }
            std::fs::write(
                files.path().join("tokens"),
                "0123456789abcdef0123456789abcdef\n",
            )
            .unwrap();
            let config = Config::parse(&active.join("\n"), "init", files.path()).unwrap();
            assert!(config.suppression.directory.is_some());
        }
    }
}
