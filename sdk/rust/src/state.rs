//! What a detector remembers. The host keeps it, so that it survives a new version
//! of the detector, a trap and a restart; what a batch wrote is undone if the batch
//! fails.
//!
//! Names are the detector's own. Every value is used on behalf of an event, and
//! time is the time of that event: a replay forgets at the same places.
//!
//! ```
//! use std::time::Duration;
//! use wardline_sdk::{AuditEvent, DetectError, Finding, Findings, state};
//!
//! fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
//!     let reads = state::actor(event)
//!         .key("reads")
//!         .window(Duration::from_secs(300), 100);
//!     let seen = reads.observe(event.name())?;
//!     if seen.distinct() >= 20 {
//!         findings.raise(
//!             Finding::new("Discovery:Kubernetes/SecretEnumeration")
//!                 .on(event)
//!                 .events(seen.events())
//!                 .evidence(event, "objectRef.name", seen.members().join(", ")),
//!         );
//!         reads.clear()?;
//!     }
//!     Ok(())
//! }
//! # let _ = judge;
//! ```

use std::time::Duration;

use crate::calls;
use crate::contract::{self, Place, Scope};
use crate::descriptor::nanoseconds;
use crate::view::{EventRef, Referenced};

pub use crate::contract::StateError;

/// Keeps a value until it is deleted or pushed out by the quota.
pub const FOREVER: Duration = Duration::ZERO;

/// Values that each actor has one of: who made the request (the authenticated
/// user), or the container that acts.
#[must_use]
pub fn actor(event: impl Referenced) -> Values {
    Values::new(&event, Scope::Actor)
}

/// Values that the whole cluster has one of. Only for detectors whose descriptor is
/// [`ordered_by_cluster`](crate::Descriptor::ordered_by_cluster).
#[must_use]
pub fn cluster(event: impl Referenced) -> Values {
    Values::new(&event, Scope::Cluster)
}

/// The values of a scope, on behalf of an event.
#[derive(Debug, Clone, Copy)]
pub struct Values {
    event: EventRef,
    scope: Scope,
}

impl Values {
    fn new(event: &impl Referenced, scope: Scope) -> Self {
        Self {
            event: event.reference(),
            scope,
        }
    }

    /// The value of this name. Use one name for one kind of value: a counter is
    /// not a window.
    #[must_use]
    pub fn key(self, name: impl Into<String>) -> Value {
        Value(Place {
            event: self.event.number(),
            scope: self.scope,
            key: name.into(),
        })
    }
}

/// One place for a value.
#[derive(Debug, Clone, PartialEq)]
pub struct Value(Place);

impl Value {
    /// The bytes, or none if there are none or they have expired.
    ///
    /// # Errors
    /// If the host does not give them.
    pub fn get(&self) -> Result<Option<Vec<u8>>, StateError> {
        calls::state_get(&self.0)
    }

    /// Sets the bytes; they are forgotten after `keep`, or never if that is
    /// [`FOREVER`].
    ///
    /// # Errors
    /// If the host does not keep them.
    pub fn set(&self, value: &[u8], keep: Duration) -> Result<(), StateError> {
        calls::state_set(&self.0, value, nanoseconds(keep))
    }

    /// The bytes as text. Bytes that are no UTF-8 are replaced (U+FFFD).
    ///
    /// # Errors
    /// As [`Value::get`].
    pub fn get_text(&self) -> Result<Option<String>, StateError> {
        let bytes = self.get()?;
        Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// Sets a text.
    ///
    /// # Errors
    /// As [`Value::set`].
    pub fn set_text(&self, text: &str, keep: Duration) -> Result<(), StateError> {
        self.set(text.as_bytes(), keep)
    }

    /// Sets a text, and returns whether it differs from the one that was there. A text that has
    /// not changed keeps the time at which it expires.
    ///
    /// # Errors
    /// Returns a [`StateError`] if the host does not give or keep the text.
    pub fn replace_text(&self, text: &str, keep: Duration) -> Result<bool, StateError> {
        if self.get_text()?.as_deref() == Some(text) {
            return Ok(false);
        }
        self.set_text(text, keep)?;
        Ok(true)
    }

    /// Forgets the value.
    ///
    /// # Errors
    /// If the host refuses.
    pub fn delete(&self) -> Result<(), StateError> {
        calls::state_delete(&self.0)
    }

    /// Whether this member was never seen here in the last `keep`, or ever if that
    /// is [`FOREVER`]; marks it as seen now.
    ///
    /// # Errors
    /// If the host does not keep it.
    pub fn first_seen(&self, member: &str, keep: Duration) -> Result<bool, StateError> {
        calls::state_first_seen(&self.0, member, nanoseconds(keep))
    }

    /// A counter, which begins again at zero this long after its first use, or
    /// never if that is [`FOREVER`].
    #[must_use]
    pub fn counter(self, keep: Duration) -> Counter {
        Counter {
            place: self.0,
            keep: nanoseconds(keep),
        }
    }

    /// A sliding window of this length that holds at most `limit` observations; the
    /// oldest goes first.
    #[must_use]
    pub fn window(self, length: Duration, limit: u32) -> SlidingWindow {
        SlidingWindow {
            place: self.0,
            length: nanoseconds(length),
            limit,
        }
    }
}

/// A counter that the host keeps.
#[derive(Debug, Clone, PartialEq)]
pub struct Counter {
    place: Place,
    keep: u64,
}

impl Counter {
    /// Adds to the counter, and gives the sum.
    ///
    /// # Errors
    /// If the host does not keep it.
    pub fn add(&self, delta: i64) -> Result<i64, StateError> {
        calls::state_increment(&self.place, delta, self.keep)
    }

    /// Begins again at zero.
    ///
    /// # Errors
    /// If the host refuses.
    pub fn reset(&self) -> Result<(), StateError> {
        calls::state_delete(&self.place)
    }
}

/// A sliding window that the host keeps.
#[derive(Debug, Clone, PartialEq)]
pub struct SlidingWindow {
    place: Place,
    length: u64,
    limit: u32,
}

impl SlidingWindow {
    /// Adds an observation of a member, and gives what the window then holds.
    ///
    /// # Errors
    /// If the host does not keep it.
    pub fn observe(&self, member: &str) -> Result<Window, StateError> {
        calls::state_observe(&self.place, member, self.length, self.limit).map(Window::new)
    }

    /// Adds a member, and returns the window if it now holds at least `min_distinct` different
    /// members. The window is then empty, so that the next burst is counted from zero.
    ///
    /// ```
    /// use wardline_sdk::rules::time::MINUTE;
    /// use wardline_sdk::{AuditEvent, DetectError, Finding, Findings, state};
    ///
    /// const MIN_SECRETS: u32 = 20;
    ///
    /// fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    ///     let reads = state::actor(event).key("reads").window(MINUTE * 5, 100);
    ///     if let Some(burst) = reads.burst(event.name(), MIN_SECRETS)? {
    ///         findings.raise(
    ///             Finding::new("Discovery:Kubernetes/SecretEnumeration")
    ///                 .on(event)
    ///                 .events(burst.events())
    ///                 .evidence(event, "objectRef.name", burst.members().join(", ")),
    ///         );
    ///     }
    ///     Ok(())
    /// }
    /// # let _ = judge;
    /// ```
    ///
    /// # Errors
    /// Returns a [`StateError`] if the host does not keep the observation.
    pub fn burst(&self, member: &str, min_distinct: u32) -> Result<Option<Window>, StateError> {
        self.burst_if(member, |window| window.distinct() >= min_distinct)
    }

    /// Adds a member, and returns the window if `is_burst` holds for what it then contains.
    /// Like [`SlidingWindow::burst`], for another condition than the number of different members.
    ///
    /// # Errors
    /// Returns a [`StateError`] if the host does not keep the observation.
    pub fn burst_if(
        &self,
        member: &str,
        is_burst: impl FnOnce(&Window) -> bool,
    ) -> Result<Option<Window>, StateError> {
        let window = self.observe(member)?;
        if !is_burst(&window) {
            return Ok(None);
        }
        self.clear()?;
        Ok(Some(window))
    }

    /// Empties the window, so that the same events are not counted again.
    ///
    /// # Errors
    /// If the host refuses.
    pub fn clear(&self) -> Result<(), StateError> {
        calls::state_clear(&self.place)
    }
}

/// What a window holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    count: u32,
    distinct: u32,
    events: Vec<EventRef>,
    members: Vec<String>,
}

impl Window {
    fn new(window: contract::Window) -> Self {
        Self {
            count: window.count,
            distinct: window.distinct,
            events: window.events.into_iter().map(EventRef::new).collect(),
            members: window.members,
        }
    }

    /// How many observations, the last included; not more than the limit.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.count
    }

    /// How many different members.
    #[must_use]
    pub fn distinct(&self) -> u32 {
        self.distinct
    }

    /// The event of the first observation of each member, oldest first: what a
    /// finding cites.
    #[must_use]
    pub fn events(&self) -> &[EventRef] {
        &self.events
    }

    /// The members, in the same order.
    #[must_use]
    pub fn members(&self) -> &[String] {
        &self.members
    }
}
