//! Runs detectors in their sandboxes.
