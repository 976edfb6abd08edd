//! Gives up privileges that the host does not need (Linux only).

use rustix::thread::{
    CapabilitySet, CapabilitySets, capabilities, set_capabilities, set_no_new_privs,
};

use crate::config::{Config, SourceConfig};

/// Ports below this one need a capability (`net.ipv4.ip_unprivileged_port_start`).
const UNPRIVILEGED: u16 = 1024;

/// Gives up all capabilities but those that the configuration needs, and the ability to gain new ones
/// by running a program. Called before the first thread is started, because both belong to a thread and
/// are inherited. A host without privileges has none to give up.
///
/// Kept are `CAP_DAC_READ_SEARCH`, with which root reads logs, keys, and tokens of other users, and
/// `CAP_NET_BIND_SERVICE` if a webhook listens on a port below 1024. Without `CAP_DAC_OVERRIDE`, even
/// root writes only where the permissions of files let it.
pub(super) fn give_up(config: &Config) {
    if let Err(error) = set_no_new_privs(true) {
        tracing::warn!("cannot set no_new_privs: {error}");
    }
    let needs_port = config.sources.iter().any(|source| {
        matches!(source, SourceConfig::Webhook(settings)
            if (1..UNPRIVILEGED).contains(&settings.listen.port()))
    });
    let mut keep = CapabilitySet::DAC_READ_SEARCH;
    if needs_port {
        keep |= CapabilitySet::NET_BIND_SERVICE;
    }
    let reduced = capabilities(None).and_then(|had| {
        set_capabilities(
            None,
            CapabilitySets {
                effective: had.effective & keep,
                permitted: had.permitted & keep,
                inheritable: CapabilitySet::empty(),
            },
        )
    });
    if let Err(error) = reduced {
        tracing::warn!("cannot give up capabilities: {error}");
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use rustix::thread::{CapabilitySet, capabilities, no_new_privs};

    use super::give_up;
    use crate::config::Config;

    /// Capabilities belong to a thread, so that other tests keep theirs.
    #[test]
    fn only_needed_capabilities_are_left() {
        for (listen, port) in [("127.0.0.1:443", true), ("127.0.0.1:9443", false)] {
            let text = format!("[[source]]\ntype = \"webhook\"\nlisten = \"{listen}\"\n");
            let config = Config::parse(&text, "wardline.toml", Path::new("/etc")).unwrap();
            std::thread::spawn(move || {
                let before = capabilities(None).unwrap();
                give_up(&config);
                let after = capabilities(None).unwrap();
                let mut kept = CapabilitySet::DAC_READ_SEARCH;
                if port {
                    kept |= CapabilitySet::NET_BIND_SERVICE;
                }
                assert_eq!(after.permitted, before.permitted & kept);
                assert_eq!(after.effective, before.effective & kept);
                assert!(after.inheritable.is_empty());
                assert!(no_new_privs().unwrap());
            })
            .join()
            .unwrap();
        }
    }
}
