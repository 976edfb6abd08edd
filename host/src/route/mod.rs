//! Which detector wants which event.
