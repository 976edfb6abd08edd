//! Builds the parts that a scan and a daemon share.

use std::path::Path;
use std::sync::Arc;

use wardline_detect::{Engine, Services};
use wardline_intel::{ListEvent, ListLoader};
use wardline_inventory::Inventory;
use wardline_order::Sequencer;
use wardline_store::Store;

use super::AppError;
use crate::config::Config;
use crate::pipeline::Pipeline;
use crate::plugin::{Environment, Loader, Origins, Pack, Policy};

/// The parts of a host.
pub struct Composition {
    /// Decodes and judges events.
    pub pipeline: Pipeline,
    /// Loads detectors.
    pub loader: Loader,
    /// Loads intel lists.
    pub lists: ListLoader,
    /// The events of the first scan of intel lists.
    pub list_events: Vec<ListEvent>,
    /// The data that host calls read.
    pub services: Services,
}

/// Builds the parts. Without a store, nothing is kept when the host ends.
///
/// # Errors
/// Returns [`AppError::Engine`] or [`AppError::Pool`] if the engine or a thread cannot be started,
/// and [`AppError::Store`] or [`AppError::Sequencer`] if the saved state is unreadable.
pub fn compose(
    config: &Config,
    plugins: impl Into<Origins>,
    store: Option<Arc<Store>>,
    cache: Option<&Path>,
) -> Result<Composition, AppError> {
    let engine = Engine::new(cache, config.stack)?;
    if engine.damaged_cache_files() > 0 {
        tracing::warn!(
            files = engine.damaged_cache_files(),
            "compiled code in the cache was damaged; it is compiled again"
        );
    }
    compose_with(engine, config, plugins, store)
}

/// Builds the parts with an existing engine.
///
/// # Errors
/// As for [`compose`].
pub fn compose_with(
    engine: Engine,
    config: &Config,
    plugins: impl Into<Origins>,
    store: Option<Arc<Store>>,
) -> Result<Composition, AppError> {
    // Lists are loaded before the first event, like detectors.
    let mut lists = ListLoader::new(config.intel.clone());
    let look = lists.look(jiff::Timestamp::now());
    let inventory = Inventory::new(config.inventory_objects);
    let sequencer = match &store {
        None => Sequencer::default(),
        Some(store) => {
            let unreadable = inventory.restore(store.inventory()?);
            if unreadable > 0 {
                tracing::warn!(
                    unreadable,
                    "saved inventory objects are unreadable and were dropped"
                );
            }
            let mut failed = None;
            let sequencer = Sequencer::restore(|key| {
                store.meta(key).unwrap_or_else(|error| {
                    failed = Some(error);
                    None
                })
            })?;
            if let Some(error) = failed {
                return Err(error.into());
            }
            // A daemon reads events when they happen, or later.
            sequencer.bounded_by(|| {
                let now = jiff::Timestamp::now().as_nanosecond();
                u64::try_from(now).unwrap_or_default()
            })
        }
    };
    let services = Services {
        inventory: Arc::new(inventory),
        intel: look.lists.unwrap_or_default(),
    };
    let limits = wardline_decode::Limits {
        line_bytes: config.line_limit,
        document_bytes: config.document_limit,
        depth: config.depth,
    };
    let pipeline = Pipeline::start(
        config.threads,
        config.batch,
        config.stack,
        &limits,
        services.clone(),
        sequencer,
    )?;
    let loader = Loader::new(
        plugins.into(),
        Environment {
            engine: Arc::new(engine),
            services: services.clone(),
            store,
            threads: config.threads,
            policy: policy(config),
        },
    );
    Ok(Composition {
        pipeline,
        loader,
        lists,
        list_events: look.events,
        services,
    })
}

/// Returns where detectors come from according to the configuration.
#[must_use]
pub fn origins(config: &Config, pack: &Pack) -> Origins {
    Origins {
        directory: Some(config.plugin_directory.clone()),
        is_optional: config.plugin_defaults && config.is_plugin_directory_default,
        pack: if config.plugin_defaults {
            pack.clone()
        } else {
            Pack::default()
        },
    }
}

/// Returns the defaults for all detectors from the configuration.
#[must_use]
pub fn policy(config: &Config) -> Policy {
    Policy {
        grants: config.grants.clone(),
        limits: config.limits.clone(),
        breaker: config.breaker.clone(),
        quota: config.quota,
        file_limit: config.file_limit,
    }
}
