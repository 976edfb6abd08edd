//! The bindings that `wit-bindgen` generates from `wit/v0.1`.
//!
//! One world contains all imports, and each interface that may be exported has a world of its
//! own, so that [`crate::detector!`] exports only those that a detector names; the component linker
//! joins the worlds. `with` maps the contract's types to those of [`crate::contract`], so that a
//! detector gets lifted values without a conversion. Imports that no code calls do not appear in
//! the component.

#![allow(
    unsafe_code,
    missing_docs,
    unused_imports,
    unused_unsafe,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "generated code, which reads and writes the sandbox's memory"
)]

/// Host calls.
pub(crate) mod imports {
    wit_bindgen::generate!({
        inline: "
            package wardline:sdk;
            world host-calls { include wardline:detector/host-calls@0.1.0; }
        ",
        world: "wardline:sdk/host-calls",
        path: "../../wit/v0.1",
        generate_all,
        with: {
            "wardline:detector/types@0.1.0": crate::contract,
            "wardline:detector/object-types@0.1.0": crate::contract,
            "wardline:detector/log@0.1.0/level": crate::contract::LogLevel,
            "wardline:detector/state@0.1.0/scope": crate::contract::Scope,
            "wardline:detector/state@0.1.0/place": crate::contract::StateKey,
            "wardline:detector/state@0.1.0/error": crate::contract::StateError,
            "wardline:detector/state@0.1.0/window": crate::contract::Window,
            "wardline:detector/intel@0.1.0/error": crate::contract::IntelError,
            "wardline:detector/intel@0.1.0/hit": crate::contract::Hit,
            "wardline:detector/raw@0.1.0/error": crate::contract::RawError,
        },
    });
}

/// `lifecycle`.
pub mod lifecycle {
    wit_bindgen::generate!({
        inline: "
            package wardline:sdk;
            world lifecycle { export wardline:detector/lifecycle@0.1.0; }
        ",
        world: "wardline:sdk/lifecycle",
        path: "../../wit/v0.1",
        generate_all,
        pub_export_macro: true,
        export_macro_name: "export_lifecycle",
        with: {
            "wardline:detector/types@0.1.0": crate::contract,
            "wardline:detector/object-types@0.1.0": crate::contract,
            "wardline:detector/audit-types@0.1.0": crate::contract,
            "wardline:detector/lifecycle@0.1.0/descriptor": crate::contract::Descriptor,
            "wardline:detector/lifecycle@0.1.0/ordering": crate::contract::Ordering,
            "wardline:detector/lifecycle@0.1.0/audit-subscription": crate::contract::AuditSubscription,
            "wardline:detector/lifecycle@0.1.0/runtime-subscription": crate::contract::RuntimeSubscription,
            "wardline:detector/lifecycle@0.1.0/signal-subscription": crate::contract::SignalSubscription,
            "wardline:detector/lifecycle@0.1.0/finding-type": crate::contract::FindingType,
            "wardline:detector/lifecycle@0.1.0/setting": crate::contract::Setting,
            "wardline:detector/lifecycle@0.1.0/setting-value": crate::contract::SettingValue,
        },
    });
}

/// `audit-packed`.
pub mod audit_packed {
    wit_bindgen::generate!({
        inline: "
            package wardline:sdk;
            world audit-packed { export wardline:detector/audit-packed@0.1.0; }
        ",
        world: "wardline:sdk/audit-packed",
        path: "../../wit/v0.1",
        generate_all,
        pub_export_macro: true,
        export_macro_name: "export_audit_packed",
        with: {
            "wardline:detector/types@0.1.0": crate::contract,
        },
    });
}

/// `audit`, for hosts that pass records.
#[cfg(feature = "typed")]
pub mod audit {
    wit_bindgen::generate!({
        inline: "
            package wardline:sdk;
            world audit { export wardline:detector/audit@0.1.0; }
        ",
        world: "wardline:sdk/audit",
        path: "../../wit/v0.1",
        generate_all,
        pub_export_macro: true,
        export_macro_name: "export_audit",
        with: {
            "wardline:detector/types@0.1.0": crate::contract,
            "wardline:detector/object-types@0.1.0": crate::contract,
            "wardline:detector/audit-types@0.1.0": crate::contract,
        },
    });
}

/// `runtime-packed`.
pub mod runtime_packed {
    wit_bindgen::generate!({
        inline: "
            package wardline:sdk;
            world runtime-packed { export wardline:detector/runtime-packed@0.1.0; }
        ",
        world: "wardline:sdk/runtime-packed",
        path: "../../wit/v0.1",
        generate_all,
        pub_export_macro: true,
        export_macro_name: "export_runtime_packed",
        with: {
            "wardline:detector/types@0.1.0": crate::contract,
        },
    });
}

/// `runtime`, for hosts that pass records.
#[cfg(feature = "typed")]
pub mod runtime {
    wit_bindgen::generate!({
        inline: "
            package wardline:sdk;
            world runtime { export wardline:detector/runtime@0.1.0; }
        ",
        world: "wardline:sdk/runtime",
        path: "../../wit/v0.1",
        generate_all,
        pub_export_macro: true,
        export_macro_name: "export_runtime",
        with: {
            "wardline:detector/types@0.1.0": crate::contract,
            "wardline:detector/runtime-types@0.1.0": crate::contract,
        },
    });
}

/// `signals`.
pub mod signals {
    wit_bindgen::generate!({
        inline: "
            package wardline:sdk;
            world signals { export wardline:detector/signals@0.1.0; }
        ",
        world: "wardline:sdk/signals",
        path: "../../wit/v0.1",
        generate_all,
        pub_export_macro: true,
        export_macro_name: "export_signals",
        with: {
            "wardline:detector/types@0.1.0": crate::contract,
            "wardline:detector/signal-types@0.1.0": crate::contract,
        },
    });
}
