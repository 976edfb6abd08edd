//! Tests of the harness from the perspective of a detector's author.

mod example;
mod kit;
mod listed;
mod refusals;
mod running;
