//! Guests that no compiler would produce, written as WebAssembly text.

mod image;
mod module;

use image::Image;
use module::{Module, beyond, exports, finding, forget_and, ok};

macro_rules! texts {
    ($d:tt $($(#[$doc:meta])* $case:ident $name:ident,)*) => {
        /// A guest written as text.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Text {
            $($(#[$doc])* $case,)*
        }

        /// Passes `Case function_name` of every guest to a macro.
        macro_rules! texts_to {
            ($d callback:ident) => {
                $d callback! { $($case $name)* }
            };
        }
    };
}

texts! { $
    /// A function calls itself endlessly.
    EndlessRecursion endless_recursion,
    /// Grows a table endlessly.
    TableGrowth table_growth,
    /// Declares more initial memory than it may have.
    HugeMemory huge_memory,
    /// Traps in its start function.
    TrapInStart trap_in_start,
    /// Never returns from its start function.
    SlowStart slow_start,
    /// Never returns from `describe`.
    SlowDescribe slow_describe,
    /// Traps in `describe`.
    TrapInDescribe trap_in_describe,
    /// Calls itself endlessly in `describe`.
    RecursionInDescribe recursion_in_describe,
    /// Describes itself differently each time.
    Changing changing,
    /// The description has two megabytes.
    GiantDescription giant_description,
    /// The description is not UTF-8.
    GarbledDescription garbled_description,
    /// The subscriptions name thousands of resources.
    EndlessSubscription endless_subscription,
    /// Built for another version of the contract.
    WrongVersion wrong_version,
    /// Exports no function that judges.
    MissingExport missing_export,
    /// Imports an interface of the host that is not granted.
    UngrantedImport ungranted_import,
    /// Imports WASI.
    WasiImport wasi_import,
    /// Cites an event that does not exist.
    UnknownEvent unknown_event,
    /// The evidence belongs to an event that the finding does not cite.
    EvidenceOfAnother evidence_of_another,
    /// The title is not UTF-8.
    InvalidTitle invalid_title,
    /// The title extends beyond the guest's memory.
    TitleBeyondMemory title_beyond_memory,
    /// A list extends beyond the guest's memory.
    ListBeyondMemory list_beyond_memory,
    /// The result is at an odd address.
    UnalignedResult unaligned_result,
    /// The result is neither `ok` nor `error`.
    NoSuchCase no_such_case,
    /// Allocates events at an address outside its memory.
    WildAllocation wild_allocation,
    /// Never returns from the allocation of events.
    SlowAllocation slow_allocation,
    /// Overwrites its own memory, then traps.
    OutOfBounds out_of_bounds,
}

impl Text {
    /// Builds the guest's file.
    pub fn build(self) -> Vec<u8> {
        self.module().build()
    }

    /// Builds the guest with another name, of the same length as `test-guest-N`.
    pub fn named(self, name: &str) -> Vec<u8> {
        let mut module = self.module();
        module
            .image
            .replace(module::NAME.as_bytes(), name.as_bytes());
        module.build()
    }

    fn module(self) -> Module {
        let mut module = Module::good();
        match self {
            Self::EndlessRecursion => {
                module.fields = DEEPER.into();
                module.judge = Some("(call $deeper (i32.const 0))".into());
            }
            Self::TableGrowth => {
                module.fields = "(table $table 1 funcref)".into();
                // Traps when the table cannot grow, as an allocator would.
                module.judge = Some(
                    "(loop $again
                        (br_if $again (i32.ne (i32.const -1)
                            (table.grow $table (ref.null func) (i32.const 1000)))))
                     unreachable"
                        .into(),
                );
            }
            Self::HugeMemory => module.pages = 2000,
            Self::TrapInStart => module.fields = "(func $start unreachable) (start $start)".into(),
            Self::SlowStart => {
                module.fields = "(func $start (loop $again (br $again))) (start $start)".into();
            }
            Self::SlowDescribe => module.describe = "(loop $again (br $again)) unreachable".into(),
            Self::TrapInDescribe => {
                module.describe = "(i32.div_u (i32.const 1) (i32.const 0))".into();
            }
            Self::RecursionInDescribe => {
                module.fields = DEEPER.into();
                module.describe = "(call $deeper (i32.const 0))".into();
            }
            Self::Changing => return changing(),
            Self::GiantDescription => return Module::described(&vec![b'a'; 2 << 20]),
            Self::GarbledDescription => return Module::described(b"caf\xe9"),
            Self::EndlessSubscription => return Module::subscribed(&["pods/exec"; 5000]),
            Self::WrongVersion => module.version = "0.2.0",
            Self::MissingExport => {
                module.world = exports(&["lifecycle"]);
                module.judge = None;
            }
            Self::UngrantedImport => {
                module.world.push_str("import wardline:detector/raw@0.1.0;");
                module.imports = r#"(import "wardline:detector/raw@0.1.0" "json"
                    (func (param i64 i32 i32 i32)))"#;
            }
            Self::WasiImport => {
                module.world.push_str("import wasi:cli/environment@0.2.0;");
                module.packages = "package wasi:cli@0.2.0 {
                    interface environment { get-arguments: func() -> list<string>; }
                }";
                module.imports = r#"(import "wasi:cli/environment@0.2.0" "get-arguments"
                    (func (param i32)))"#;
            }
            Self::UnknownEvent => {
                return raising(|image| {
                    let title = image.text(b"A command was run");
                    finding(image, title, u64::MAX, u64::MAX)
                });
            }
            Self::EvidenceOfAnother => return evidence_of_another(),
            Self::InvalidTitle => {
                return raising(|image| {
                    let title = image.text(b"caf\xe9");
                    finding(image, title, 1, 1)
                });
            }
            Self::TitleBeyondMemory => return raising(|image| finding(image, beyond(), 1, 1)),
            Self::ListBeyondMemory => {
                let result = [vec![0; 8], beyond(), vec![0; 16]].concat();
                let address = module.image.add(&result, 8);
                return module.answer(address);
            }
            Self::UnalignedResult => {
                let address = module.image.add(&[0; 48], 8);
                return module.answer(address + 1);
            }
            Self::NoSuchCase => {
                let address = module.image.add(&[7; 32], 8);
                return module.answer(address);
            }
            Self::WildAllocation => {
                // Except for the empty list of settings.
                module.realloc =
                    "(select (i32.const 0x7ffffff0) (i32.const 1024) (local.get 3))".into();
            }
            Self::SlowAllocation => {
                // Except for the empty list of settings.
                module.realloc =
                    "(if (local.get 3) (then (loop $again (br $again)))) i32.const 1024".into();
            }
            Self::OutOfBounds => {
                module.judge = Some(
                    "(local $at i32)
                     (loop $again
                        (i32.store (local.get $at) (i32.const -1))
                        (local.set $at (i32.add (local.get $at) (i32.const 4)))
                        (br $again))
                     unreachable"
                        .into(),
                );
            }
        }
        module
    }
}

/// A function that never ends and that no compiler can turn into a loop.
const DEEPER: &str = "(func $deeper (param i32) (result i32)
    (i32.add (call $deeper (i32.add (local.get 0) (i32.const 1))) (i32.const 1)))";

/// Returns the same finding for every batch.
fn raising(raise: impl FnOnce(&mut Image) -> Vec<u8>) -> Module {
    let mut module = Module::good();
    let finding = raise(&mut module.image);
    let address = ok(&mut module.image, &finding);
    module.answer(address)
}

/// Cites the first event of the batch, with evidence of event 0.
fn evidence_of_another() -> Module {
    let mut module = Module::good();
    let title = module.image.text(b"A command was run");
    let finding = finding(&mut module.image, title, 1, 0);
    // The address of the list of events follows type, severity, title, and description.
    let events = u32::from_le_bytes(finding[40..44].try_into().unwrap());
    let address = ok(&mut module.image, &finding);
    module.judge = Some(forget_and(&format!(
        "(i64.store (i32.const {events}) (i64.load (local.get 0))) i32.const {address}"
    )));
    module
}

/// Alternates between two descriptions.
fn changing() -> Module {
    let mut module = Module::good();
    let other = module.descriptor("Changes with every call.");
    let first = std::mem::take(&mut module.describe);
    module.fields = "(global $asked (mut i32) (i32.const 0))".into();
    module.describe = format!(
        "(global.set $asked (i32.xor (global.get $asked) (i32.const 1)))
         (select ({first}) (i32.const {other}) (global.get $asked))"
    );
    module
}
