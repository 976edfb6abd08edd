//! Loading detectors.

use std::collections::BTreeMap;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use wardline_telemetry::Registration;
use wardline_text::chain;

use super::labels::Variant;
use super::set;
use crate::plugin::{FileState, FileStatus, LoaderEvent};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct FailureLabels {
    step: Variant,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct FileLabels {
    state: Variant,
}

/// Events of the plugin directory.
pub(in crate::app) struct PluginTelemetry {
    loads: Counter,
    failures: Family<FailureLabels, Counter>,
    removals: Counter,
    files: Family<FileLabels, Gauge>,
    generation: Gauge,
}

impl PluginTelemetry {
    pub fn register(to: &mut Registration) -> Self {
        Self {
            loads: to.counter("plugin_loads", "Detector versions put into force"),
            failures: to.counters("plugin_load_failures", "Detector versions refused, by step"),
            removals: to.counter("plugin_removals", "Files removed"),
            files: to.gauges("plugins", "Files in the plugin directory by state"),
            generation: to.gauge(
                "generation",
                "Number of the generation of detectors in force",
            ),
        }
    }

    /// The loader found a change.
    pub fn changed(&self, event: &LoaderEvent) {
        match event {
            LoaderEvent::Loaded {
                file,
                name,
                version,
                digest,
                replaced,
                compile_milliseconds,
            } => {
                self.loads.inc();
                tracing::info!(%file, detector = %name, %version, %digest, replaced, compile_milliseconds, "detector loaded");
            }
            LoaderEvent::Refused {
                file,
                error,
                older_at_work,
            } => {
                let labels = FailureLabels {
                    step: error.step.into(),
                };
                self.failures.get_or_create(&labels).inc();
                tracing::error!(%file, step = %error.step, hint = %error.hint, older_at_work, "detector refused: {}", error.message);
            }
            LoaderEvent::Removed { file } => {
                self.removals.inc();
                tracing::info!(%file, "detector removed");
            }
            LoaderEvent::Unreached {
                file,
                is_idle: true,
                reason,
            } => tracing::warn!(%file, "detector is idle: {reason}"),
            LoaderEvent::Unreached { file, reason, .. } => {
                tracing::info!(%file, "some subscriptions of the detector cannot match: {reason}");
            }
            LoaderEvent::Reached { file } => {
                tracing::info!(%file, "all subscriptions of the detector can match");
            }
            LoaderEvent::Disabled { file } => tracing::info!(%file, "detector disabled"),
            LoaderEvent::Unreadable(error) => tracing::error!("{}", chain(error)),
            LoaderEvent::Readable => tracing::info!("the plugin directory is readable again"),
        }
    }

    /// A generation came into force.
    pub fn generation(&self, number: u64) {
        set(&self.generation, number);
    }

    /// The states of all files.
    pub fn files(&self, files: &[FileStatus]) {
        let mut states: BTreeMap<FileState, u64> =
            FileState::ALL.iter().map(|state| (*state, 0)).collect();
        for file in files {
            *states.entry(file.state).or_default() += 1;
        }
        for (state, count) in states {
            let labels = FileLabels {
                state: state.into(),
            };
            set(&self.files.get_or_create(&labels), count);
        }
    }
}
