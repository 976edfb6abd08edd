//! The macro that exports a detector from its crate.

/// Exports a type that implements [`crate::Detector`] as the detector of this crate.
///
/// The event families that it judges follow a colon: `audit`, `runtime`, `signals`; the default is
/// `audit`. Use it once, in a crate of type `cdylib`. Outside the sandbox it expands to nothing.
///
/// ```
/// # use wardline_sdk::prelude::*;
/// struct Nothing;
///
/// impl Detector for Nothing {
///     fn describe() -> Descriptor {
///         Descriptor::new("nothing", env!("CARGO_PKG_VERSION"))
///     }
///
///     fn configure(_: &Settings) -> Result<Self, String> {
///         Ok(Self)
///     }
/// }
///
/// wardline_sdk::detector!(Nothing: audit, signals);
/// ```
#[macro_export]
macro_rules! detector {
    ($detector:ty) => {
        $crate::detector!($detector: audit);
    };
    ($detector:ty: $($family:ident),+ $(,)?) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            ::std::thread_local! {
                static SLOT: ::std::cell::RefCell<::std::option::Option<$detector>> =
                    const { ::std::cell::RefCell::new(::std::option::Option::None) };
            }

            struct Exports;

            $crate::__detector_exports!(lifecycle, $detector);
            $($crate::__detector_exports!($family, $detector);)+
        };
    };
}

/// The exports of one interface, for [`crate::detector!`].
#[doc(hidden)]
#[macro_export]
macro_rules! __detector_exports {
    (lifecycle, $detector:ty) => {
        impl $crate::guest::lifecycle::exports::wardline::detector::lifecycle::Guest for Exports {
            fn describe() -> $crate::contract::Descriptor {
                $crate::guest::describe::<$detector>()
            }

            fn configure(
                settings: ::std::vec::Vec<(::std::string::String, $crate::contract::SettingValue)>,
            ) -> ::std::result::Result<(), ::std::string::String> {
                $crate::guest::configure(&SLOT, settings)
            }
        }

        $crate::guest::lifecycle::export_lifecycle!(
            Exports with_types_in $crate::guest::lifecycle
        );
    };
    (audit, $detector:ty) => {
        impl $crate::guest::audit_packed::exports::wardline::detector::audit_packed::Guest
            for Exports
        {
            fn on_audit_packed(
                batch: ::std::vec::Vec<u8>,
            ) -> ::std::result::Result<
                ::std::vec::Vec<$crate::contract::Finding>,
                $crate::contract::DetectError,
            > {
                $crate::guest::judge_audit_packed(&SLOT, batch)
            }
        }

        $crate::guest::audit_packed::export_audit_packed!(
            Exports with_types_in $crate::guest::audit_packed
        );

        $crate::__typed_exports!(audit, $detector);
    };
    (runtime, $detector:ty) => {
        impl $crate::guest::runtime_packed::exports::wardline::detector::runtime_packed::Guest
            for Exports
        {
            fn on_runtime_packed(
                batch: ::std::vec::Vec<u8>,
            ) -> ::std::result::Result<
                ::std::vec::Vec<$crate::contract::Finding>,
                $crate::contract::DetectError,
            > {
                $crate::guest::judge_runtime_packed(&SLOT, batch)
            }
        }

        $crate::guest::runtime_packed::export_runtime_packed!(
            Exports with_types_in $crate::guest::runtime_packed
        );

        $crate::__typed_exports!(runtime, $detector);
    };
    (signals, $detector:ty) => {
        impl $crate::guest::signals::exports::wardline::detector::signals::Guest for Exports {
            fn on_signals(
                signals: ::std::vec::Vec<$crate::contract::Signal>,
            ) -> ::std::result::Result<
                ::std::vec::Vec<$crate::contract::Finding>,
                $crate::contract::DetectError,
            > {
                $crate::guest::judge_signals(&SLOT, signals)
            }
        }

        $crate::guest::signals::export_signals!(Exports with_types_in $crate::guest::signals);
    };
    ($other:ident, $detector:ty) => {
        ::std::compile_error!("expected an event family: `audit`, `runtime`, or `signals`");
    };
}

/// The exports of the interfaces that take records. The code that lifts records out of the
/// sandbox's memory is a third of a detector and most of its compile time, and no known host needs
/// it: every host of this contract passes packed events too.
#[cfg(feature = "typed")]
#[doc(hidden)]
#[macro_export]
macro_rules! __typed_exports {
    (audit, $detector:ty) => {
        impl $crate::guest::audit::exports::wardline::detector::audit::Guest for Exports {
            fn on_audit_events(
                events: ::std::vec::Vec<$crate::contract::AuditEvent>,
            ) -> ::std::result::Result<
                ::std::vec::Vec<$crate::contract::Finding>,
                $crate::contract::DetectError,
            > {
                $crate::guest::judge_audit_events(&SLOT, events)
            }
        }

        $crate::guest::audit::export_audit!(Exports with_types_in $crate::guest::audit);
    };
    (runtime, $detector:ty) => {
        impl $crate::guest::runtime::exports::wardline::detector::runtime::Guest for Exports {
            fn on_runtime_events(
                events: ::std::vec::Vec<$crate::contract::RuntimeEvent>,
            ) -> ::std::result::Result<
                ::std::vec::Vec<$crate::contract::Finding>,
                $crate::contract::DetectError,
            > {
                $crate::guest::judge_runtime_events(&SLOT, events)
            }
        }

        $crate::guest::runtime::export_runtime!(Exports with_types_in $crate::guest::runtime);
    };
}

/// Expands to nothing without the feature `typed`.
#[cfg(not(feature = "typed"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __typed_exports {
    ($family:ident, $detector:ty) => {};
}
