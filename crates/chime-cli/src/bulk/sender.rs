//! Sends the calls with limited concurrency, and records the outcome of each row.

use std::future::poll_fn;
use std::io::{self, Write};
use std::pin::pin;
use std::task::Poll;

use futures_util::stream::{FuturesUnordered, Stream, StreamExt as _};

use super::plan::Call;
use super::results::{Line, Outcome, Results};

/// The number of unsent rows in succession after which the run stops.
const MAX_UNSENT: usize = 10;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Every row was sent.
    Complete,
    /// The user interrupted the run.
    Interrupted,
    /// Too many rows in succession could not be sent.
    Aborted,
}

/// Sends the calls. After an interrupt, no further call starts and those in flight are awaited; a second
/// interrupt abandons them.
///
/// # Errors
/// Returns the error of the results file. Calls in flight are abandoned then, since their
/// outcome could not be recorded.
pub(super) async fn send<W: Write, F: Future<Output = Vec<Line>>>(
    calls: Vec<Call>,
    results: &mut Results<W>,
    concurrency: usize,
    interrupts: impl Stream<Item = ()>,
    call: impl Fn(Call) -> F,
    mut progress: impl FnMut(&[Line]),
) -> io::Result<End> {
    let mut interrupts = pin!(interrupts.fuse());
    let mut calls = calls.into_iter();
    let mut in_flight = FuturesUnordered::new();
    let mut end = End::Complete;
    let mut unsent = 0;
    loop {
        while end == End::Complete && in_flight.len() < concurrency {
            let Some(next) = calls.next() else { break };
            let begun = next.parts.iter().map(|part| Line {
                token: part.token.clone(),
                ..Line::new(part.row, Outcome::Begun)
            });
            results.write(&begun.collect::<Vec<_>>())?;
            in_flight.push(call(next));
        }
        // A call to an embedded server never yields, and signals need a turn of the runtime.
        tokio::task::yield_now().await;
        let event = poll_fn(|context| match interrupts.as_mut().poll_next(context) {
            Poll::Ready(Some(())) => Poll::Ready(Event::Interrupt),
            _ => in_flight.poll_next_unpin(context).map(Event::Ended),
        });
        match event.await {
            Event::Interrupt if end == End::Interrupted => return Ok(end),
            Event::Interrupt => end = End::Interrupted,
            Event::Ended(None) => return Ok(end),
            Event::Ended(Some(lines)) => {
                results.write(&lines)?;
                progress(&lines);
                for line in lines {
                    unsent = if line.outcome == Outcome::Unsent { unsent + 1 } else { 0 };
                }
                if unsent >= MAX_UNSENT && end == End::Complete {
                    end = End::Aborted;
                }
            }
        }
    }
}

enum Event {
    Interrupt,
    /// A call ended, or no call is in flight.
    Ended(Option<Vec<Line>>),
}

#[cfg(test)]
mod tests;
