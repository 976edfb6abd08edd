//! Where events come from: files that are read once, and files that are followed.
