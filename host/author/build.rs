//! `wardline plugin new` holds a copy of the SDK, and must be built anew with it.

fn main() {
    for path in [
        "../../Cargo.toml",
        "../../sdk/rust",
        "../../wit",
        "../contract",
        "../decode",
        "../event",
        "../inventory",
    ] {
        println!("cargo::rerun-if-changed={path}");
    }
}
