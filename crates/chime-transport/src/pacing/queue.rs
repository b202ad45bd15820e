//! Who waits for a slot, in the order in which they came.

use std::sync::atomic::{AtomicU32, Ordering};

use tokio::sync::{Mutex, MutexGuard};

/// One waiter at a time has the turn; the others wait for it in the order in which they came. A
/// waiter that is dropped gives its place, or its turn, to the next.
#[derive(Debug, Default)]
pub(super) struct Queue {
    /// Newcomers come to the turn one by one, so that those who come again wait for one at most.
    newcomers: Mutex<()>,
    turn: Mutex<()>,
    /// How many came, and how many of them went or were dropped.
    came: AtomicU32,
    left: AtomicU32,
}

/// The turn, until it is dropped.
pub(super) struct Turn<'a> {
    _newcomer: Option<MutexGuard<'a, ()>>,
    _turn: MutexGuard<'a, ()>,
}

impl Queue {
    pub(super) async fn turn(&self, again: bool) -> Turn<'_> {
        let _newcomer = if again { None } else { Some(self.newcomers.lock().await) };
        Turn { _newcomer, _turn: self.turn.lock().await }
    }

    /// Whether somebody has the turn.
    pub(super) fn is_busy(&self) -> bool {
        self.turn.try_lock().is_err()
    }

    /// Notes that somebody came.
    pub(super) fn enter(&self) -> Place<'_> {
        Place { queue: self, number: self.came.fetch_add(1, Ordering::Relaxed) }
    }
}

/// Somebody's place in the queue, until it is dropped.
pub(super) struct Place<'a> {
    queue: &'a Queue,
    number: u32,
}

impl Place<'_> {
    /// How many go first, or fewer: those behind that were dropped count as if they had gone.
    pub(super) fn ahead(&self) -> u32 {
        let ahead = self.number.wrapping_sub(self.queue.left.load(Ordering::Relaxed));
        // Below zero where more were dropped behind than are ahead.
        if ahead > u32::MAX / 2 { 0 } else { ahead }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.queue.left.fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_knows_how_many_go_first() {
        for start in [0, u32::MAX] {
            let mut queue = Queue::default();
            (queue.came, queue.left) = (start.into(), start.into());
            let mut places: Vec<_> = (0..4).map(|_| queue.enter()).collect();
            assert_eq!(places.iter().map(Place::ahead).collect::<Vec<_>>(), [0, 1, 2, 3]);
            places.remove(0);
            assert_eq!(places.iter().map(Place::ahead).collect::<Vec<_>>(), [0, 1, 2]);
            places.truncate(1);
            assert_eq!(places[0].ahead(), 0, "no more than there are");
        }
    }
}
