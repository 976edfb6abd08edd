//! Judges lines with the default detectors, without a process of its own.

use std::path::PathBuf;

use wardline::app::{Composition, compose};
use wardline::config::Config;
use wardline_finding::Finding;
use wardline_source::RawLine;

use super::{default_detectors, root};

/// Judges lines with the default detectors.
pub fn judge(lines: &[RawLine], chunk: usize, threads: usize) -> Vec<Finding> {
    let mut config = Config::defaults().unwrap();
    config.threads = threads;
    let cache: PathBuf = root().join("target/test-cache");
    let Composition {
        mut pipeline,
        mut loader,
        ..
    } = compose(&config, default_detectors(), None, Some(&cache)).unwrap();
    let mut newest = None;
    loader.look(&mut |generation| newest = Some(generation));
    pipeline.swap(&newest.unwrap()).unwrap();
    lines
        .chunks(chunk)
        .flat_map(|chunk| pipeline.process(chunk.to_vec()).unwrap().findings)
        .collect()
}
