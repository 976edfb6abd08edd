use std::fmt;

use super::EventRef;

/// `log.level`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// The finest.
    Trace,
    /// For who debugs the detector.
    Debug,
    /// For who watches it.
    Info,
    /// Something is not as it should be.
    Warn,
    /// Something failed.
    Error,
}

/// `state.scope`: how far a value is shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// One value for each actor.
    Actor,
    /// One value for the whole cluster.
    Cluster,
}

/// `state.place`: where a value is kept, and the event on whose behalf.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// The event on whose behalf the value is used.
    pub event: EventRef,
    /// How far it is shared.
    pub scope: Scope,
    /// The name of the value.
    pub key: String,
}

/// `state.error`: why the host did not keep or give a value.
#[derive(Debug, Clone, PartialEq)]
pub enum StateError {
    /// The event is not one of the batch.
    UnknownEvent,
    /// The cluster's scope was asked for by a detector whose ordering is by actor.
    NotShared,
    /// The key or the value is larger than the quota of one entry.
    TooLarge,
    /// Something else, which the host names.
    Other(String),
}

/// `state.window`: what a window holds after an observation.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Window {
    /// How many observations.
    pub count: u32,
    /// How many different members.
    pub distinct: u32,
    /// The event of the first observation of each member, oldest first.
    pub events: Vec<EventRef>,
    /// The members, in the same order.
    pub members: Vec<String>,
}

/// `intel.error`: why a list gave no answer.
#[derive(Debug, Clone, PartialEq)]
pub enum IntelError {
    /// No list has this name.
    NoSuchList,
    /// The text is not of the kind that the list holds.
    Invalid(String),
    /// Something else, which the host names.
    Other(String),
}

/// `intel.hit`: what a list says of a value.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The name of the list.
    pub list_name: String,
    /// The entry that matched, such as the network that an address is in.
    pub entry: String,
}

/// `raw.error`: why there is no text of the event.
#[derive(Debug, Clone, PartialEq)]
pub enum RawError {
    /// The event is not one of the batch.
    UnknownEvent,
    /// The pointer is not of RFC 6901.
    InvalidPointer,
    /// The value is larger than this limit of the host, in bytes.
    TooLarge(u64),
}

impl fmt::Display for StateError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownEvent => formatter.write_str("state: the event is not one of the batch"),
            Self::NotShared => formatter.write_str(
                "state: the scope `cluster` needs a descriptor whose ordering is `cluster`",
            ),
            Self::TooLarge => formatter.write_str("state: the key or the value is too large"),
            Self::Other(reason) => write!(formatter, "state: {reason}"),
        }
    }
}

impl fmt::Display for IntelError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchList => formatter.write_str("intel: there is no list of this name"),
            Self::Invalid(reason) => write!(formatter, "intel: invalid text: {reason}"),
            Self::Other(reason) => write!(formatter, "intel: {reason}"),
        }
    }
}

impl fmt::Display for RawError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownEvent => formatter.write_str("raw: the event is not one of the batch"),
            Self::InvalidPointer => formatter.write_str("raw: the text is no JSON pointer"),
            Self::TooLarge(limit) => {
                write!(formatter, "raw: the value is larger than {limit} bytes")
            }
        }
    }
}

impl std::error::Error for StateError {}
impl std::error::Error for IntelError {}
impl std::error::Error for RawError {}
