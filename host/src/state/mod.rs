//! What detectors remember, and the embedded store that keeps it.
