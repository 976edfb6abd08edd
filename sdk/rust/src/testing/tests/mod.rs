//! The harness as a detector's author uses it.

mod example;
mod kit;
mod listed;
mod refusals;
mod running;
