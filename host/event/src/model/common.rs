//! Types that all event families share.

/// Nanoseconds since the Unix epoch, UTC. Zero means that the source gave no
/// time.
pub type Timestamp = u64;

/// A length of time in nanoseconds.
pub type Duration = u64;

/// Identifies one event to the host. References are unique and increase while the host
/// runs.
pub type EventRef = u64;

records! {
    /// One `key = value` pair of an open list. A key is never reused with another
    /// meaning.
    pub struct Attribute {
        pub key: String,
        pub value: String,
    }

    /// One field that made a rule fire, with its value.
    pub struct Evidence {
        /// The event that the field belongs to.
        pub event: EventRef,
        /// The path of the value in the event, as the source writes it:
        /// `user.username`, `requestObject.spec.hostPID`.
        pub field: String,
        /// The value, as text. The host truncates it to its limit and treats it as
        /// untrusted.
        pub value: String,
    }
}
