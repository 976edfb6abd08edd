//! What events share.

/// Nanoseconds since the Unix epoch, UTC. Zero means that the source did not say.
pub type Timestamp = u64;

/// A length of time in nanoseconds.
pub type Duration = u64;

/// Names one event to the host; unique and increasing while the host runs.
pub type EventRef = u64;

records! {
    /// One `key = value` pair of an open list. Keys are never reused for
    /// another meaning.
    pub struct Attribute {
        pub key: String,
        pub value: String,
    }

    /// One field that made a rule fire, with the value it had.
    pub struct Evidence {
        /// The event that the field belongs to.
        pub event: EventRef,
        /// Where the value stands in the event, as its source writes it:
        /// `user.username`, `requestObject.spec.hostPID`.
        pub field: String,
        /// The value, as text. The host cuts it to its limit and treats it as
        /// untrusted.
        pub value: String,
    }
}
