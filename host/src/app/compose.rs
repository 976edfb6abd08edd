//! Builds the rooms that a scan and a daemon share.

use std::path::Path;
use std::sync::Arc;

use super::AppError;
use crate::config::Config;
use crate::detect::{Engine, Services};
use crate::intel::Intel;
use crate::inventory::Inventory;
use crate::pipeline::{DecodeLimits, Pipeline};
use crate::plugin::{Environment, Loader, Policy};
use crate::sequence::Sequencer;
use crate::state::Store;

/// The rooms, joined.
pub struct Composition {
    /// Decodes and judges.
    pub pipeline: Pipeline,
    /// Keeps the detectors.
    pub loader: Loader,
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
    let (intel, reports) = Intel::load(&config.intel)?;
    for report in reports {
        if report.bad > 0 {
            tracing::warn!(
                list = report.name,
                lines = ?report.bad_lines,
                "{} lines of the list are no entries of its kind and are left out",
                report.bad
            );
        }
    }
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
        intel: Arc::new(intel),
    };
    let limits = DecodeLimits {
        line_bytes: config.line_limit,
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
