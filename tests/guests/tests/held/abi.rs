//! Detectors that were compiled when the contract was made still work.

use std::path::Path;

use crate::{build, events, stage};

/// Reads a detector kept in `tests/abi`.
fn kept(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../abi/v0.1");
    std::fs::read(folder.join(name)).unwrap()
}

/// The exports of a detector, sorted, since their order is the compiler's.
fn exports(detector: Vec<u8>) -> String {
    let artifact = wardline_artifact::Artifact::validate(detector).unwrap();
    assert_eq!(artifact.manifest(), ["log"]);
    let mut exports = artifact.exports().to_vec();
    exports.sort_unstable();
    exports.join(" ")
}

#[test]
fn detectors_of_contract_0_1_load_and_judge() {
    for name in [
        "exec-in-kube-system.wasm",
        "exec-in-kube-system-packed.wasm",
    ] {
        judges(&kept(name));
    }
}

fn judges(detector: &[u8]) {
    let seen = stage::scan_with(detector, |_| ());
    seen.check_accounts();
    assert_eq!(seen.findings_of_good.len(), events::IN_KUBE_SYSTEM);
    insta::with_settings!({
        snapshot_path => "golden",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!("abi_0_1", seen.findings_of_good[0]);
    });
}

#[test]
fn exports_are_unchanged() {
    let lifecycle = "wardline:detector/lifecycle@0.1.0";
    assert_eq!(
        exports(kept("exec-in-kube-system.wasm")),
        format!("wardline:detector/audit@0.1.0 {lifecycle}")
    );
    let packed = format!("wardline:detector/audit-packed@0.1.0 {lifecycle}");
    assert_eq!(exports(kept("exec-in-kube-system-packed.wasm")), packed);
    assert_eq!(exports(build::good().to_vec()), packed);
}
