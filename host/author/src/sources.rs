use include_dir::Dir;

/// The sources that a new detector gets a copy of, so that it compiles without a registry that has
/// the SDK.
#[derive(Debug)]
pub struct Sources {
    /// The directory of the SDK. Its directory `template` holds the files of a new detector.
    pub sdk: &'static Dir<'static>,
    /// The directory of the contract.
    pub contract: &'static Dir<'static>,
    /// The host crates that the SDK and its test harness depend on.
    pub crates: &'static [HostCrate],
    /// The manifest of the workspace from which these crates inherit versions and lints.
    pub workspace: &'static str,
}

/// A host crate that the SDK depends on.
#[derive(Debug)]
pub struct HostCrate {
    /// The name of its directory; that of the package is `wardline-NAME`.
    pub name: &'static str,
    /// The text of its `Cargo.toml`.
    pub manifest: &'static str,
    /// Its directory `src`.
    pub sources: &'static Dir<'static>,
}
