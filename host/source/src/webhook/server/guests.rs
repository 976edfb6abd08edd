//! Connections that have shown no credentials.
//!
//! Anybody can open connections: health checks do, and so does an attacker who wants to keep API
//! servers out. Such connections have a budget of their own. When it is used up, the oldest one of
//! the address with the most makes room for the next, so that a new sender always gets in. A connection leaves
//! the budget with its first request that has valid credentials, and counts against
//! `webhook.connections` from then on.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, oneshot};

/// All connections of a webhook.
#[derive(Clone)]
pub(super) struct Guests(Arc<Shared>);

struct Shared {
    /// The maximum number of connections with credentials, and of those without.
    limit: usize,
    state: Mutex<State>,
    left: Notify,
}

#[derive(Default)]
struct State {
    next: u64,
    /// Connections without credentials, the oldest first.
    guests: BTreeMap<u64, Guest>,
    /// The number of connections with credentials.
    promoted: usize,
    /// The number of connections.
    open: usize,
}

struct Guest {
    address: IpAddr,
    /// Dropped to close the connection.
    _close: oneshot::Sender<()>,
}

/// The place of a connection, until it is dropped.
pub(super) struct GuestPass {
    guests: Guests,
    number: u64,
    is_promoted: AtomicBool,
    /// Keeps the connection from being closed once it has credentials.
    kept: Mutex<Option<Guest>>,
}

impl std::fmt::Debug for GuestPass {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("GuestPass")
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

impl Guests {
    /// Admits at most `limit` connections with credentials, and as many without.
    pub fn new(limit: usize) -> Self {
        Self(Arc::new(Shared {
            limit,
            state: Mutex::default(),
            left: Notify::new(),
        }))
    }

    /// Admits a connection, and returns a future that is ready when it has to be closed.
    pub fn enter(&self, address: IpAddr) -> (GuestPass, impl Future<Output = ()> + Send + use<>) {
        let (close, closed) = oneshot::channel();
        let mut state = self.state();
        if state.guests.len() >= self.0.limit
            && let Some(oldest) = state.most_crowding()
        {
            state.guests.remove(&oldest);
        }
        let number = state.next;
        state.next += 1;
        state.open += 1;
        let guest = Guest {
            address,
            _close: close,
        };
        state.guests.insert(number, guest);
        drop(state);
        let pass = GuestPass {
            guests: self.clone(),
            number,
            is_promoted: AtomicBool::new(false),
            kept: Mutex::default(),
        };
        let closed = async {
            // An error means that the other side is gone: close.
            let _ = closed.await;
        };
        (pass, closed)
    }

    /// Waits until no connection is open.
    pub async fn until_empty(&self) {
        loop {
            let left = self.0.left.notified();
            if self.state().open == 0 {
                return;
            }
            left.await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Returns the oldest connection of the address that has the most.
    fn most_crowding(&self) -> Option<u64> {
        let mut counts: HashMap<IpAddr, usize> = HashMap::new();
        for guest in self.guests.values() {
            *counts.entry(guest.address).or_default() += 1;
        }
        let most = counts.values().copied().max()?;
        self.guests
            .iter()
            .find(|(_, guest)| counts.get(&guest.address) == Some(&most))
            .map(|(number, _)| *number)
    }
}

impl GuestPass {
    /// Notes that the connection has shown valid credentials. Returns false if there are too many
    /// such connections, or if it is being closed.
    pub fn promote(&self) -> bool {
        if self.is_promoted() {
            return true;
        }
        let mut state = self.guests.state();
        if state.promoted >= self.guests.0.limit {
            return false;
        }
        let Some(guest) = state.guests.remove(&self.number) else {
            return false;
        };
        state.promoted += 1;
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(guest);
        self.is_promoted.store(true, Ordering::SeqCst);
        true
    }

    /// Returns whether the connection has shown valid credentials.
    pub fn is_promoted(&self) -> bool {
        self.is_promoted.load(Ordering::SeqCst)
    }
}

impl Drop for GuestPass {
    fn drop(&mut self) {
        let mut state = self.guests.state();
        state.open -= 1;
        if self.is_promoted() {
            state.promoted -= 1;
        }
        state.guests.remove(&self.number);
        drop(state);
        self.guests.0.left.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::net::IpAddr;
    use std::pin::Pin;
    use std::task::{Context, Waker};

    use super::Guests;

    fn is_ready(future: Pin<&mut (impl Future<Output = ()> + ?Sized)>) -> bool {
        let mut context = Context::from_waker(Waker::noop());
        future.poll(&mut context).is_ready()
    }

    fn address(last: u8) -> IpAddr {
        [10, 0, 0, last].into()
    }

    #[test]
    fn oldest_of_the_most_crowding_address_makes_room() {
        let guests = Guests::new(3);
        let quiet = guests.enter(address(1));
        let crowd = [guests.enter(address(2)), guests.enter(address(2))];
        let late = guests.enter(address(3));
        let closed: Vec<bool> = [quiet]
            .into_iter()
            .chain(crowd)
            .chain([late])
            .map(|(pass, closed)| {
                let is_closed = is_ready(Box::pin(closed).as_mut());
                std::mem::forget(pass);
                is_closed
            })
            .collect();
        assert_eq!(closed, [false, true, false, false]);
    }

    #[test]
    fn connection_with_credentials_is_not_closed_and_has_a_limit() {
        let guests = Guests::new(2);
        let (first, closed) = guests.enter(address(1));
        let mut closed = Box::pin(closed);
        assert!(first.promote() && first.promote());
        let crowd: Vec<_> = (0..10).map(|_| guests.enter(address(1)).0).collect();
        assert!(!is_ready(closed.as_mut()));
        assert!(!crowd[0].promote(), "it is being closed");
        assert!(crowd[9].promote());
        assert!(!crowd[8].promote(), "two have credentials");
        drop(first);
        assert!(crowd[8].promote());
        drop(crowd);
        assert!(is_ready(Box::pin(guests.until_empty()).as_mut()));
    }
}
