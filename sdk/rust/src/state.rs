//! State that a detector keeps between events.
//!
//! The host stores it, so that it survives a new version of the detector, a trap, and a restart. If
//! a batch fails, its writes are undone.
//!
//! Each detector has keys of its own. Every access is on behalf of an event, and time is that
//! event's time, so that values expire at the same points of a replay.
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

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use crate::calls;
use crate::contract::{self, Scope, StateKey};
use crate::descriptor::nanoseconds;
use crate::view::{EventRef, Referenced};

pub use crate::contract::StateError;

/// Keeps a value until it is deleted, or evicted by the quota.
pub const FOREVER: Duration = Duration::ZERO;

/// Returns the state of the event's actor: the authenticated user of a request, the container of a
/// runtime event, or the actor of a signal's finding. Actors of different clusters share nothing.
#[must_use]
pub fn actor(event: impl Referenced) -> Values {
    Values::new(&event, Scope::Actor)
}

/// Returns the state of the event's whole cluster. Only for detectors whose descriptor is
/// [`ordered_by_cluster`](crate::Descriptor::ordered_by_cluster).
#[must_use]
pub fn cluster(event: impl Referenced) -> Values {
    Values::new(&event, Scope::Cluster)
}

/// The state of one scope, accessed on behalf of an event.
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

    /// Returns the value with this key. Use a key for one kind of value only: a counter and a
    /// window need two keys.
    #[must_use]
    pub fn key(self, name: impl Into<String>) -> Value {
        Value(StateKey {
            event: self.event.number(),
            scope: self.scope,
            key: name.into(),
        })
    }
}

/// A value with a key.
#[derive(Debug, Clone, PartialEq)]
pub struct Value(StateKey);

impl Value {
    /// Returns the bytes, or none if they were never set or have expired.
    ///
    /// # Errors
    /// Returns a [`StateError`] if the host cannot read the value.
    pub fn get(&self) -> Result<Option<Vec<u8>>, StateError> {
        calls::state_get(&self.0)
    }

    /// Sets the bytes. They expire after `keep`, or never if that is [`FOREVER`].
    ///
    /// # Errors
    /// Returns [`StateError::TooLarge`] if key and value exceed the quota of one entry, and another
    /// [`StateError`] if the host cannot store the value.
    pub fn set(&self, value: &[u8], keep: Duration) -> Result<(), StateError> {
        calls::state_set(&self.0, value, nanoseconds(keep))
    }

    /// Returns the bytes as text, with U+FFFD in place of invalid UTF-8.
    ///
    /// # Errors
    /// As [`Value::get`].
    pub fn get_text(&self) -> Result<Option<String>, StateError> {
        let bytes = self.get()?;
        Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// Sets a text. One that exceeds the quota of one entry is not kept, and what was there is
    /// deleted, as if the event had not been seen: whoever sends a large object must not keep a
    /// detector from judging it.
    ///
    /// # Errors
    /// Returns a [`StateError`] if the host cannot store the value.
    pub fn set_text(&self, text: &str, keep: Duration) -> Result<(), StateError> {
        match self.set(text.as_bytes(), keep) {
            Err(StateError::TooLarge) => self.delete(),
            result => result,
        }
    }

    /// Sets a text, and returns whether it differs from the one that was there. A text that has
    /// not changed keeps the time at which it expires; one that [is not kept](Self::set_text)
    /// always differs.
    ///
    /// # Errors
    /// As [`Value::get`] and [`Value::set`].
    pub fn replace_text(&self, text: &str, keep: Duration) -> Result<bool, StateError> {
        if self.get_text()?.as_deref() == Some(text) {
            return Ok(false);
        }
        self.set_text(text, keep)?;
        Ok(true)
    }

    /// Deletes the value.
    ///
    /// # Errors
    /// Returns a [`StateError`] if the host cannot delete the value.
    pub fn delete(&self) -> Result<(), StateError> {
        calls::state_delete(&self.0)
    }

    /// Returns whether a member was not seen within the last `keep`, or never if that is
    /// [`FOREVER`], and marks it as seen now.
    ///
    /// # Errors
    /// As [`Value::set`].
    pub fn first_seen(&self, member: &str, keep: Duration) -> Result<bool, StateError> {
        calls::state_first_seen(&self.0, &shortened(member), nanoseconds(keep))
    }

    /// Returns a counter, which restarts at zero `keep` after its first use, or never if that is
    /// [`FOREVER`].
    #[must_use]
    pub fn counter(self, keep: Duration) -> Counter {
        Counter {
            place: self.0,
            keep: nanoseconds(keep),
        }
    }

    /// Returns a sliding window of this length. It keeps the newest `limit` observations.
    #[must_use]
    pub fn window(self, length: Duration, limit: u32) -> SlidingWindow {
        SlidingWindow {
            place: self.0,
            length: nanoseconds(length),
            limit,
        }
    }
}

/// A counter.
#[derive(Debug, Clone, PartialEq)]
pub struct Counter {
    place: StateKey,
    keep: u64,
}

impl Counter {
    /// Adds to the counter, and returns the sum.
    ///
    /// # Errors
    /// As [`Value::set`].
    pub fn add(&self, delta: i64) -> Result<i64, StateError> {
        calls::state_increment(&self.place, delta, self.keep)
    }

    /// Restarts at zero.
    ///
    /// # Errors
    /// As [`Value::delete`].
    pub fn reset(&self) -> Result<(), StateError> {
        calls::state_delete(&self.place)
    }
}

/// A sliding window of observations, each of a member.
#[derive(Debug, Clone, PartialEq)]
pub struct SlidingWindow {
    place: StateKey,
    length: u64,
    limit: u32,
}

impl SlidingWindow {
    /// Adds an observation of a member, and returns the contents of the window. The end of a long
    /// member, beyond 1 KiB, is replaced with a hash, so that neither the member exceeds the quota
    /// of one entry nor a few of them fill the window.
    ///
    /// # Errors
    /// As [`Value::set`].
    pub fn observe(&self, member: &str) -> Result<Window, StateError> {
        let member = shortened(member);
        calls::state_observe(&self.place, &member, self.length, self.limit).map(Window::new)
    }

    /// Adds an observation, and returns the contents of the window if they are at least
    /// `min_distinct` different members. The window is then emptied, so that the next burst is
    /// counted from zero.
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
    /// As [`SlidingWindow::observe`].
    pub fn burst(&self, member: &str, min_distinct: u32) -> Result<Option<Window>, StateError> {
        self.burst_if(member, |window| window.distinct() >= min_distinct)
    }

    /// Does the same as [`SlidingWindow::burst`] with a condition other than the number of
    /// different members.
    ///
    /// # Errors
    /// As [`SlidingWindow::observe`].
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
    /// As [`Value::delete`].
    pub fn clear(&self) -> Result<(), StateError> {
        calls::state_clear(&self.place)
    }
}

/// The longest member that is kept whole, in bytes. Names of Kubernetes have at most 253.
const MEMBER_BYTES: usize = 1024;

/// Returns a member, whose end is replaced with a hash of the whole if it is long.
fn shortened(member: &str) -> Cow<'_, str> {
    if member.len() <= MEMBER_BYTES {
        return Cow::Borrowed(member);
    }
    let mut hasher = DefaultHasher::new();
    member.hash(&mut hasher);
    let (start, _) = member.split_at(member.floor_char_boundary(MEMBER_BYTES));
    Cow::Owned(format!("{start}…{:016x}", hasher.finish()))
}

/// The contents of a sliding window.
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

    /// The number of observations, including the last; at most the limit.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.count
    }

    /// The number of different members.
    #[must_use]
    pub fn distinct(&self) -> u32 {
        self.distinct
    }

    /// The event of the first observation of each member, oldest first, for
    /// [`Finding::events`](crate::Finding::events).
    #[must_use]
    pub fn events(&self) -> &[EventRef] {
        &self.events
    }

    /// The different members, in the order of [`Window::events`].
    #[must_use]
    pub fn members(&self) -> &[String] {
        &self.members
    }
}
