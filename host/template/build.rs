//! `wardline plugin new` holds a copy of the SDK, and must be built anew with it.

fn main() {
    for path in [
        "../../Cargo.toml",
        "../../sdk/rust",
        "../../wit",
        "../check",
        "../contract",
        "../decode",
        "../event",
        "../files",
        "../intel",
        "../inventory",
        "../order",
        "../route",
        "../state",
        "../text",
    ] {
        println!("cargo::rerun-if-changed={path}");
    }
}
