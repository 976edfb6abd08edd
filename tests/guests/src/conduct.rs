//! The ways in which a guest written in Rust misbehaves.

/// Makes the enum, the list of all its cases, and the macro `conducts!`, which
/// hands every case to another macro: the tests are made by it, so that none can
/// be forgotten.
macro_rules! conducts {
    ($d:tt $($(#[$doc:meta])* $case:ident $name:ident $text:literal,)*) => {
        /// A way to misbehave. The text is the value of the setting.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Conduct {
            $($(#[$doc])* $case,)*
        }

        impl Conduct {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$case,)*];

            /// The value of the setting.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$case => $text,)*
                }
            }
        }

        /// Hands `Case function_name` of every conduct to a macro.
        #[macro_export]
        macro_rules! conducts {
            ($d callback:ident) => {
                $d callback! { $($case $name)* }
            };
        }
    };
}

conducts! { $
    /// Never comes back.
    EndlessLoop endless_loop "endless-loop",
    /// Takes memory until there is none.
    MemoryBomb memory_bomb "memory-bomb",
    /// Stops without a word on one event.
    PoisonEvent poison_event "poison-event",
    /// Panics on every event, and says why.
    Panic panic "panic",
    /// Panics before it has seen an event.
    PanicInConfigure panic_in_configure "panic-in-configure",
    /// Refuses its settings.
    RefusesSettings refuses_settings "refuses-settings",
    /// Panics on some events in a row, and is well again after them.
    Crisis crisis "crisis",
    /// Says of every event that it cannot judge it.
    BadEvents bad_events "bad-events",
    /// Says that it cannot judge an event which it was not handed.
    BadStranger bad_stranger "bad-stranger",
    /// Gives up on every batch.
    GivesUp gives_up "gives-up",
    /// A thousand findings for each event.
    FindingsFlood findings_flood "findings-flood",
    /// A thousand log lines for each event.
    LogFlood log_flood "log-flood",
    /// Calls the host without end.
    HostCallFlood host_call_flood "host-call-flood",
    /// A finding of a megabyte of text.
    GiantFinding giant_finding "giant-finding",
    /// A finding with a hundred thousand attributes that hold nothing.
    HollowFinding hollow_finding "hollow-finding",
    /// A log line of a hundred kilobytes.
    GiantLogLine giant_log_line "giant-log-line",
    /// A log line that is more than one call may carry.
    GiantTransfer giant_transfer "giant-transfer",
    /// Text that would steer a terminal and forge lines of a log.
    HostileText hostile_text "hostile-text",
    /// Cites an event that is no longer at hand.
    StaleEvent stale_event "stale-event",
    /// Raises what it has not declared.
    UndeclaredType undeclared_type "undeclared-type",
    /// A severity above the scale.
    Severity severity "severity",
}
