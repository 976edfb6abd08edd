//! One detector in its sandbox, without the pipeline.

use std::sync::Arc;

use wardline_detect::{Detector, Instance, Services};
use wardline_event::Record;

use crate::timing::{Time, timed};

/// The default number of events in a call.
pub const BATCH: usize = 64;

/// Starts and configures an instance.
pub fn started(services: &Services, detector: &Detector) -> Instance {
    let Detector {
        program,
        limits,
        state,
        ..
    } = detector;
    let mut instance = Instance::start(program, limits, services, state).expect("it starts");
    instance
        .configure(&detector.settings)
        .expect("it takes its settings");
    instance
}

/// Makes an instance judge events, regardless of its subscriptions.
pub fn judge(instance: &mut Instance, records: &[Arc<Record>]) -> Time {
    timed(|| {
        for batch in records.chunks(BATCH) {
            instance.judge(batch).expect("it judges");
        }
    })
}
