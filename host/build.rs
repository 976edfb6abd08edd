//! `wardline plugin new` holds a copy of the SDK, and must be built anew with it.

fn main() {
    for folder in ["../sdk/rust", "event", "../wit"] {
        println!("cargo::rerun-if-changed={folder}");
    }
}
