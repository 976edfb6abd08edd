//! Instances that are ready for the threads to take.

use std::sync::{Mutex, PoisonError};

use crate::Instance;

pub(super) struct Slot(Mutex<Vec<Instance>>);

impl Slot {
    pub(super) fn new(instances: Vec<Instance>) -> Self {
        Self(Mutex::new(instances))
    }

    pub(super) fn take(&self) -> Option<Instance> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }
}
