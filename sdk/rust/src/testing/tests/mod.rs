//! The harness as a detector's author uses it.

mod example;
mod refusals;
mod running;
