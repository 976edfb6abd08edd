//! Checks the keys of a webhook source.

use std::net::SocketAddr;
use std::path::Path;

use wardline_source::{TlsFiles, WebhookLimits, WebhookSettings};

use super::error::ConfigError;
use super::file::{Webhook, WebhookSource};

/// Checks a webhook source, whose events are from `cluster` if neither they nor the request path
/// name another.
///
/// # Errors
/// Returns [`ConfigError::Value`] if a value is invalid or would let unauthenticated clients send
/// events.
pub(super) fn settings(
    source: &WebhookSource,
    limits: &Webhook,
    cluster: &str,
    origin: &str,
    base: &Path,
) -> Result<WebhookSettings, ConfigError> {
    let wrong = |key: &str, message: &str| ConfigError::value(origin, key, message);
    let at = |path: &String| base.join(path);
    let name = source.name.clone().unwrap_or_else(|| "webhook".to_owned());
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if name.is_empty() || name.starts_with('.') || !name.bytes().all(is_plain) {
        let message = format!(
            "`{name}` is not valid as the name of a directory (use letters, digits, `-`, `_`, and `.`, and do not begin with `.`)"
        );
        return Err(ConfigError::value(origin, "source.name", message));
    }
    let listen: SocketAddr = source.listen.parse().map_err(|_| {
        let message = format!(
            "`{}` is not an address and a port such as \"0.0.0.0:9443\" or \"[::]:9443\"",
            source.listen
        );
        ConfigError::value(origin, "source.listen", message)
    })?;
    let is_loopback = listen.ip().to_canonical().is_loopback();
    let tls = match (&source.certificate, &source.key) {
        (Some(certificate), Some(key)) => Some(TlsFiles {
            certificate: at(certificate),
            key: at(key),
            client_ca: source.client_ca.as_ref().map(at),
            client_names: source.client_names.clone(),
        }),
        (None, None) if source.client_ca.is_some() => {
            return Err(wrong(
                "source.client-ca",
                "client certificates require TLS (set `certificate` and `key`)",
            ));
        }
        (None, None) if is_loopback => None,
        (None, None) => {
            return Err(wrong(
                "source.certificate",
                "events would cross the network in plain text (set `certificate` and `key`, or listen on 127.0.0.1)",
            ));
        }
        _ => {
            return Err(wrong(
                "source.certificate",
                "`certificate` and `key` must be set together",
            ));
        }
    };
    if source.client_ca.is_none() && !source.client_names.is_empty() {
        return Err(wrong(
            "source.client-names",
            "requires `client-ca`, which signs the certificates with these names",
        ));
    }
    if !is_loopback && source.client_ca.is_none() && source.token_file.is_none() {
        return Err(wrong(
            "source.token-file",
            "anyone could send events (set `token-file`, `client-ca`, or both)",
        ));
    }
    Ok(WebhookSettings {
        name,
        cluster: cluster.to_owned(),
        listen,
        path: prefix(source.path.as_deref(), origin)?,
        tls,
        token_file: source.token_file.as_ref().map(at),
        limits: check_limits(limits, origin)?,
    })
}

/// Removes a trailing `/`, so that the root is empty.
fn prefix(path: Option<&str>, origin: &str) -> Result<String, ConfigError> {
    let path = path.unwrap_or_default().trim_end_matches('/');
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte);
    if !path.is_empty() && (!path.starts_with('/') || !path.bytes().all(is_plain)) {
        let message = format!(
            "`{path}` is not a path such as \"/k8s/audit\" (letters, digits, and `-`, `_`, `.`, `~`)"
        );
        return Err(ConfigError::value(origin, "source.path", message));
    }
    Ok(path.to_owned())
}

fn check_limits(limits: &Webhook, origin: &str) -> Result<WebhookLimits, ConfigError> {
    let wrong = |key: &str, message: &str| Err(ConfigError::value(origin, key, message));
    if !(1 << 10..=1 << 30).contains(&limits.body_limit.0) {
        return wrong("webhook.body-limit", "must be from 1KiB to 1GiB");
    }
    if limits.queue_limit.0 < 2 * limits.body_limit.0 {
        return wrong(
            "webhook.queue-limit",
            "must be at least twice `body-limit`, or a body might never fit",
        );
    }
    if !(1..=10_000).contains(&limits.connections) {
        return wrong("webhook.connections", "must be from 1 to 10000");
    }
    let times = [limits.header_time, limits.body_time, limits.idle_time];
    if times.iter().any(|time| time.0.is_zero()) {
        return wrong("webhook", "durations must be longer than 0s");
    }
    Ok(WebhookLimits {
        body: limits.body_limit.bytes(),
        queue: limits.queue_limit.0,
        connections: limits.connections,
        header_time: limits.header_time.0,
        body_time: limits.body_time.0,
        idle_time: limits.idle_time.0,
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use wardline_text::chain_with_hint;

    use crate::config::{Config, SourceConfig};

    fn parse(keys: &str) -> Result<Config, String> {
        let text = format!("[[source]]\ntype = \"webhook\"\n{keys}\n");
        Config::parse(&text, "wardline.toml", Path::new("/etc"))
            .map_err(|error| chain_with_hint(&error))
    }

    #[test]
    fn what_would_be_open_or_cannot_be_is_refused() {
        let texts = [
            "",
            "listen = \"9443\"",
            "listen = \"0.0.0.0:9443\"",
            "listen = \"0.0.0.0:9443\"\ntoken-file = \"t\"",
            "listen = \"0.0.0.0:9443\"\ncertificate = \"c\"\nkey = \"k\"",
            "listen = \"0.0.0.0:9443\"\ncertificate = \"c\"",
            "listen = \"127.0.0.1:9443\"\nclient-ca = \"c\"",
            "listen = \"127.0.0.1:9443\"\nclient-names = [\"a\"]",
            "listen = \"127.0.0.1:9443\"\nname = \"../a\"",
            "listen = \"127.0.0.1:9443\"\npath = \"audit\"",
            "listen = \"127.0.0.1:9443\"\ntokens = \"t\"",
            "listen = \"127.0.0.1:9443\"\n[webhook]\nbody-limit = \"1B\"",
            "listen = \"127.0.0.1:9443\"\n[webhook]\nqueue-limit = \"63MiB\"",
            "listen = \"127.0.0.1:9443\"\n[webhook]\nconnections = 0",
            "listen = \"127.0.0.1:9443\"\n[webhook]\nidle-time = \"0s\"",
            "listen = \"127.0.0.1:9443\"\n[[source]]\ntype = \"file\"\npath = \"webhook\"",
        ];
        let all: Vec<String> = texts.iter().map(|keys| parse(keys).unwrap_err()).collect();
        insta::assert_snapshot!(all.join("\n"));
    }

    #[test]
    fn resolves_paths_and_limits_of_a_webhook() {
        let config = parse(
            "listen = \"[::]:9443\"\npath = \"/k8s/audit/\"\ncertificate = \"tls.crt\"\nkey = \"/run/tls.key\"\ntoken-file = \"t\"\n[webhook]\nqueue-limit = \"64MiB\"",
        )
        .unwrap();
        let [SourceConfig::Webhook(settings)] = config.sources.as_slice() else {
            panic!("{:?}", config.sources);
        };
        let tls = settings.tls.as_ref().unwrap();
        assert_eq!(settings.name, "webhook");
        assert_eq!(settings.path, "/k8s/audit");
        assert_eq!(tls.certificate, Path::new("/etc/tls.crt"));
        assert_eq!(tls.key, Path::new("/run/tls.key"));
        assert_eq!(settings.limits.queue, 64 << 20);
        assert_eq!(settings.limits.body, 32 << 20);
        let again = Config::parse(&config.to_toml(), "again", Path::new("/etc")).unwrap();
        assert_eq!(again.sources, config.sources);
    }

    #[test]
    fn loopback_needs_no_authentication() {
        for listen in ["127.0.0.1:0", "[::1]:9443", "[::ffff:127.0.0.1]:9443"] {
            assert!(parse(&format!("listen = \"{listen}\"")).is_ok(), "{listen}");
        }
    }
}
