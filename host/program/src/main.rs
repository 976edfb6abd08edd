//! The program `wardline`: the host with the default detectors.

use wardline::plugin::{BuiltIn, Pack};
use wardline_pack::DETECTORS;

fn main() -> std::process::ExitCode {
    let pack = DETECTORS.iter().map(|detector| BuiltIn {
        name: detector.name,
        component: detector.component,
        settings: detector.settings,
    });
    wardline::cli::main(&Pack::new(pack.collect()))
}
