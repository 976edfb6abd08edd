//! A detector that was compiled when the contract was made still works.

use std::path::Path;

use crate::{build, events, stage};

#[test]
fn a_detector_of_contract_0_1_loads_and_judges() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../abi/v0.1/exec-in-kube-system.wasm");
    let old = std::fs::read(file).unwrap();
    let seen = stage::scan_with(&old, |_| ());
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

/// The imports of the file are those that the contract names.
#[test]
fn it_imports_what_it_did() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../abi/v0.1/exec-in-kube-system.wasm");
    let artifact = wardline::detect::Artifact::validate(std::fs::read(file).unwrap()).unwrap();
    assert_eq!(artifact.manifest(), ["log"]);
    let now = wardline::detect::Artifact::validate(build::good().to_vec()).unwrap();
    // Their order is the compiler's.
    let exports = |artifact: &wardline::detect::Artifact| {
        let mut exports = artifact.exports().to_vec();
        exports.sort_unstable();
        exports.join(" ")
    };
    assert_eq!(
        exports(&artifact),
        "wardline:detector/audit@0.1.0 wardline:detector/lifecycle@0.1.0"
    );
    assert_eq!(
        exports(&now),
        "wardline:detector/audit-packed@0.1.0 wardline:detector/lifecycle@0.1.0"
    );
}
