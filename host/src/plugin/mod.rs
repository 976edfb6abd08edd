//! The plugin directory: watch, read, verify, compile, admit, swap.
