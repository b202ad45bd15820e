//! Requests that wait for the same limit, in order of arrival.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::Poll;
use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard, Notify};
use tokio::time::{Instant, timeout};

use super::TooLate;

/// A queue whose head is the one request that may take the next slot.
///
/// The others wait in order of arrival, resends ahead of new requests. Dropping a waiter or the head
/// passes its position on to the next.
#[derive(Debug, Default)]
pub(super) struct Queue {
    /// New requests lock `newcomers` before `head`. Only one of them at a time waits for `head`, so
    /// a resend waits for at most one of them.
    newcomers: Mutex<()>,
    head: Mutex<()>,
    /// Wakes waiters whose limit has changed.
    changed: Notify,
    /// The number of new requests that came, and of those that left again.
    came: AtomicU32,
    left: AtomicU32,
}

/// The head of the queue until dropped.
pub(super) struct Head<'a> {
    _ticket: Option<Ticket<'a>>,
    _newcomer: Option<MutexGuard<'a, ()>>,
    _head: MutexGuard<'a, ()>,
}

impl Queue {
    /// Waits to become the head. `soonest` returns the shortest wait for a slot behind a number of
    /// other requests; fails when that is not before the deadline.
    pub(super) async fn head(
        &self,
        is_resend: bool,
        deadline: Option<Instant>,
        soonest: impl Fn(u32, Instant) -> Duration,
    ) -> Result<Head<'_>, TooLate> {
        let ticket = (!is_resend).then(|| self.ticket());
        let ahead = || ticket.as_ref().map_or(0, Ticket::ahead);
        let mut locked = pin!(self.lock(is_resend));
        let (newcomer, head) = match deadline {
            None => locked.await,
            Some(deadline) => loop {
                let mut changed = pin!(self.changed.notified());
                let now = Instant::now();
                let left = TooLate::check(soonest(ahead(), now), now, deadline)?;
                let either = poll_fn(|cx| match locked.as_mut().poll(cx) {
                    Poll::Ready(head) => Poll::Ready(Some(head)),
                    Poll::Pending => changed.as_mut().poll(cx).map(|()| None),
                });
                // The queue may move more slowly than `soonest` assumed: check again half-way.
                if let Ok(Some(head)) = timeout(left / 2, either).await {
                    break head;
                }
            },
        };
        Ok(Head { _ticket: ticket, _newcomer: newcomer, _head: head })
    }

    async fn lock(&self, is_resend: bool) -> (Option<MutexGuard<'_, ()>>, MutexGuard<'_, ()>) {
        let newcomer = if is_resend { None } else { Some(self.newcomers.lock().await) };
        (newcomer, self.head.lock().await)
    }

    /// Waits as the head until `wait` returns zero; fails when that is not before the deadline.
    pub(super) async fn slot(
        &self,
        deadline: Option<Instant>,
        wait: impl Fn(Instant) -> Duration,
    ) -> Result<(), TooLate> {
        loop {
            let changed = self.changed.notified();
            let now = Instant::now();
            let wait = wait(now);
            if wait.is_zero() {
                return Ok(());
            }
            if let Some(deadline) = deadline {
                TooLate::check(wait, now, deadline)?;
            }
            tracing::debug!(?wait, "waiting for a rate-limit slot");
            let _ = timeout(wait, changed).await;
        }
    }

    /// Makes all waiters check their deadlines again.
    pub(super) fn limit_changed(&self) {
        self.changed.notify_waiters();
    }

    fn ticket(&self) -> Ticket<'_> {
        Ticket { queue: self, number: self.came.fetch_add(1, Ordering::Relaxed) }
    }
}

/// The position of a new request in the queue until dropped.
struct Ticket<'a> {
    queue: &'a Queue,
    number: u32,
}

impl Ticket<'_> {
    /// Returns at most the number of new requests ahead. Requests behind that were dropped count as
    /// if they had been ahead.
    fn ahead(&self) -> u32 {
        let ahead = self.number.wrapping_sub(self.queue.left.load(Ordering::Relaxed));
        // Negative where more were dropped behind than are ahead.
        if ahead > u32::MAX / 2 { 0 } else { ahead }
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        self.queue.left.fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_counts_the_requests_ahead() {
        for start in [0, u32::MAX] {
            let mut queue = Queue::default();
            (queue.came, queue.left) = (start.into(), start.into());
            let mut tickets: Vec<_> = (0..4).map(|_| queue.ticket()).collect();
            assert_eq!(tickets.iter().map(Ticket::ahead).collect::<Vec<_>>(), [0, 1, 2, 3]);
            tickets.remove(0);
            assert_eq!(tickets.iter().map(Ticket::ahead).collect::<Vec<_>>(), [0, 1, 2]);
            tickets.truncate(1);
            assert_eq!(tickets[0].ahead(), 0, "no more than there are");
        }
    }
}
