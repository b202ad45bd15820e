//! Sends the calls, some at a time, and writes down what becomes of their rows.

use std::future::poll_fn;
use std::io::{self, Write};
use std::pin::pin;
use std::task::Poll;

use futures_util::stream::{FuturesUnordered, Stream, StreamExt as _};

use super::plan::Call;
use super::results::{Line, Outcome, Results};

/// The number of rows in sequence that could not be sent, after which no others are begun.
const HOPELESS: usize = 10;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Every row was begun.
    Complete,
    /// The user ended it.
    Interrupted,
    /// Rows could not be sent, for a reason that will stop the others too.
    Hopeless,
}

/// Sends the calls. An interrupt begins no more of them and awaits those under way; a second one
/// abandons these too.
///
/// # Errors
/// Returns the error of the results file. Calls under way are abandoned then, since their outcome
/// could not be kept.
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
    let mut under_way = FuturesUnordered::new();
    let mut end = End::Complete;
    let mut unsent = 0;
    loop {
        while end == End::Complete && under_way.len() < concurrency {
            let Some(next) = calls.next() else { break };
            let begun = next.parts.iter().map(|part| Line {
                token: part.token.clone(),
                ..Line::new(part.row, Outcome::Begun)
            });
            results.write(&begun.collect::<Vec<_>>())?;
            under_way.push(call(next));
        }
        // A call in process never waits, and the runtime has signals to look after.
        tokio::task::yield_now().await;
        let event = poll_fn(|context| match interrupts.as_mut().poll_next(context) {
            Poll::Ready(Some(())) => Poll::Ready(Event::Interrupt),
            _ => under_way.poll_next_unpin(context).map(Event::Ended),
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
                if unsent >= HOPELESS && end == End::Complete {
                    end = End::Hopeless;
                }
            }
        }
    }
}

enum Event {
    Interrupt,
    /// A call ended, or no call is under way.
    Ended(Option<Vec<Line>>),
}

#[cfg(test)]
mod tests;
