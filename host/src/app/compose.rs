//! Builds the rooms that a scan and a daemon share.

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
use crate::plugin::{Environment, Loader, Policy};

/// The rooms, joined.
pub struct Composition {
    /// Decodes and judges.
    pub pipeline: Pipeline,
    /// Keeps the detectors.
    pub loader: Loader,
    /// Keeps the lists.
    pub lists: ListLoader,
    /// What came of its first look.
    pub list_events: Vec<ListEvent>,
    /// What detectors may ask.
    pub services: Services,
}

/// Joins the rooms. Without a store nothing is remembered when the host ends.
///
/// # Errors
/// Where a room cannot be had.
pub fn compose(
    config: &Config,
    plugins: &Path,
    store: Option<Arc<Store>>,
    cache: Option<&Path>,
) -> Result<Composition, AppError> {
    let engine = Engine::new(cache, config.stack)?;
    compose_with(engine, config, plugins, store)
}

/// The same with an engine that the caller has made.
///
/// # Errors
/// Where a room cannot be had.
pub fn compose_with(
    engine: Engine,
    config: &Config,
    plugins: &Path,
    store: Option<Arc<Store>>,
) -> Result<Composition, AppError> {
    // Before the first event, as for detectors.
    let mut lists = ListLoader::new(config.intel.clone());
    let look = lists.look(jiff::Timestamp::now());
    let inventory = Inventory::new(config.inventory_objects);
    let sequencer = match &store {
        None => Sequencer::default(),
        Some(store) => {
            let unreadable = inventory.restore(store.inventory()?);
            if unreadable > 0 {
                tracing::warn!(unreadable, "saved objects of the inventory cannot be read");
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
            sequencer
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
    )?
    .in_cluster(&config.cluster);
    let loader = Loader::new(
        plugins,
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

/// What the configuration allows to every detector.
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
