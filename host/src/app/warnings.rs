//! Unsafe properties of the host's surroundings, although it works.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use wardline_source::certificate_end;

use crate::config::{Config, SourceConfig};

/// Interval between two checks.
const INTERVAL: Duration = Duration::from_secs(60);
/// Time before the end of a certificate from which it is told.
const NOTICE: Duration = Duration::from_secs(14 * 24 * 3600);
/// Mode bits: everybody may write or read; deletion is restricted to owners.
const OTHERS_WRITE: u32 = 0o002;
const OTHERS_READ: u32 = 0o004;
const STICKY: u32 = 0o1000;

/// Checks permissions and certificates from time to time.
pub(super) struct Warnings {
    config: Config,
    checked: Option<Instant>,
    present: Vec<String>,
}

impl Warnings {
    pub fn new(config: Config) -> Self {
        Self {
            config,
            checked: None,
            present: Vec::new(),
        }
    }

    /// Returns the warnings, in sentences without a period. New ones are logged.
    pub fn look(&mut self) -> &[String] {
        if self
            .checked
            .is_none_or(|checked| checked.elapsed() >= INTERVAL)
        {
            self.checked = Some(Instant::now());
            let found = find(&self.config, SystemTime::now());
            for warning in &found {
                if !self.present.contains(warning) {
                    tracing::warn!("{warning}");
                }
            }
            self.present = found;
        }
        &self.present
    }
}

fn find(config: &Config, now: SystemTime) -> Vec<String> {
    let mut found = Vec::new();
    if rustix::process::geteuid().is_root() {
        found.push("the host runs as root; a user that can read the log is enough".to_owned());
    }
    let directories = [
        Some(&config.state_directory),
        Some(&config.cache_directory),
        Some(&config.plugin_directory),
        config.intel.directory.as_ref(),
        config.suppression.directory.as_ref(),
    ];
    for path in directories.into_iter().flatten() {
        if let Some(mode) = mode(path)
            && mode & OTHERS_WRITE != 0
            && mode & STICKY == 0
        {
            found.push(format!(
                "everybody may write in {} (mode {:o})",
                path.display(),
                mode & 0o7777
            ));
        }
    }
    for source in &config.sources {
        let SourceConfig::Webhook(settings) = source else {
            continue;
        };
        let key = settings.tls.as_ref().map(|tls| &tls.key);
        for path in key.into_iter().chain(&settings.token_file) {
            if let Some(mode) = mode(path)
                && mode & (OTHERS_READ | OTHERS_WRITE) != 0
            {
                found.push(format!(
                    "everybody may access the secret in {} (mode {:o})",
                    path.display(),
                    mode & 0o7777
                ));
            }
        }
        if let Some(tls) = &settings.tls {
            let authority = tls.client_ca.iter();
            found.extend(
                std::iter::once(&tls.certificate)
                    .chain(authority)
                    .filter_map(|path| ending(path, now)),
            );
        }
    }
    found
}

fn mode(path: &Path) -> Option<u32> {
    Some(std::fs::metadata(path).ok()?.permissions().mode())
}

/// Returns a warning if a certificate has ended or ends soon.
fn ending(path: &Path, now: SystemTime) -> Option<String> {
    let end = certificate_end(path)?;
    match end.duration_since(now) {
        Err(_) => Some(format!("the certificate {} has expired", path.display())),
        Ok(rest) if rest < NOTICE => Some(format!(
            "the certificate {} expires within {} days",
            path.display(),
            rest.as_secs() / 86_400 + 1
        )),
        Ok(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;
    use std::time::SystemTime;

    use super::find;
    use crate::config::Config;

    #[test]
    fn open_directories_and_secrets_are_told() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["wardline-state", "plugins"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        fs::write(folder.path().join("tokens"), "x").unwrap();
        let text = "[plugins]\ndirectory = \"plugins\"\n[[source]]\ntype = \"webhook\"\nlisten = \"127.0.0.1:0\"\ntoken-file = \"tokens\"\n";
        let config = Config::parse(text, "wardline.toml", folder.path()).unwrap();
        let set = |name: &Path, mode| {
            let path = folder.path().join(name);
            fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
        };
        let all = || {
            let mut found = find(&config, SystemTime::now());
            found.retain(|warning| !warning.contains("runs as root"));
            found
                .join("; ")
                .replace(&format!("{}/", folder.path().display()), "")
        };
        set("tokens".as_ref(), 0o640);
        assert_eq!(all(), "");
        set("wardline-state".as_ref(), 0o777);
        set("plugins".as_ref(), 0o1777);
        set("tokens".as_ref(), 0o644);
        assert_eq!(
            all(),
            "everybody may write in wardline-state (mode 777); everybody may access the secret in tokens (mode 644)"
        );
    }
}
