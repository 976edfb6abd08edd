//! The ways in which a guest written in Rust misbehaves.

/// Defines the enum, the list of its cases, and the macro `conducts!`, which passes every
/// case to another macro. That macro generates the tests, so that none can be missing.
macro_rules! conducts {
    ($d:tt $($(#[$doc:meta])* $case:ident $name:ident $text:literal,)*) => {
        /// A way to misbehave.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Conduct {
            $($(#[$doc])* $case,)*
        }

        impl Conduct {
            /// All cases.
            pub const ALL: &[Self] = &[$(Self::$case,)*];

            /// The value of the setting.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$case => $text,)*
                }
            }
        }

        /// Passes `Case function_name` of every conduct to a macro.
        #[macro_export]
        macro_rules! conducts {
            ($d callback:ident) => {
                $d callback! { $($case $name)* }
            };
        }
    };
}

conducts! { $
    /// Never returns.
    EndlessLoop endless_loop "endless-loop",
    /// Allocates memory until none is left.
    MemoryBomb memory_bomb "memory-bomb",
    /// Aborts without a message on one event.
    PoisonEvent poison_event "poison-event",
    /// Panics with a message on every event.
    Panic panic "panic",
    /// Panics before its first event.
    PanicInConfigure panic_in_configure "panic-in-configure",
    /// Refuses its settings.
    RefusesSettings refuses_settings "refuses-settings",
    /// Panics on several consecutive events and recovers afterwards.
    Crisis crisis "crisis",
    /// Reports every event as bad.
    BadEvents bad_events "bad-events",
    /// Reports an event of another batch as bad.
    BadStranger bad_stranger "bad-stranger",
    /// Fails on every batch.
    GivesUp gives_up "gives-up",
    /// Raises a thousand findings for each event.
    FindingsFlood findings_flood "findings-flood",
    /// Writes a thousand log lines for each event.
    LogFlood log_flood "log-flood",
    /// Calls the host endlessly.
    HostCallFlood host_call_flood "host-call-flood",
    /// Raises a finding with a megabyte of text.
    GiantFinding giant_finding "giant-finding",
    /// Raises a finding with a hundred thousand empty attributes.
    HollowFinding hollow_finding "hollow-finding",
    /// Raises findings of a few kilobytes, each a little more severe than the one before.
    RisingFindings rising_findings "rising-findings",
    /// Overwrites a large value of its state a thousand times for each event.
    StateFlood state_flood "state-flood",
    /// Writes a log line of a hundred kilobytes.
    GiantLogLine giant_log_line "giant-log-line",
    /// Writes a log line that exceeds the transfer limit of a call.
    GiantTransfer giant_transfer "giant-transfer",
    /// Emits text that would control a terminal and forge log lines.
    HostileText hostile_text "hostile-text",
    /// Cites an event of an earlier batch.
    StaleEvent stale_event "stale-event",
    /// Raises an undeclared finding type.
    UndeclaredType undeclared_type "undeclared-type",
    /// Raises a finding with a severity above the scale.
    Severity severity "severity",
}
