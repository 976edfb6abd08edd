//! Where findings go, and events that were not judged.

mod dead_letter;

pub use dead_letter::{DeadLetter, DeadLetters};
