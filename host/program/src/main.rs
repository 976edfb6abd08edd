//! The program `wardline`: the host with the default detectors and the sources
//! that new detectors get.

use wardline::plugin::{BuiltIn, Pack};
use wardline_pack::DETECTORS;
use wardline_template::SOURCES;

fn main() -> std::process::ExitCode {
    let pack = DETECTORS.iter().map(|detector| BuiltIn {
        name: detector.name,
        component: detector.component,
        settings: detector.settings,
    });
    wardline::cli::main(&Pack::new(pack.collect()), &SOURCES)
}
