//! What is true of every call, whatever its server does.

use chime_client::model::chime::CreateAccountResponse;
use chime_client::{Error, ErrorKind, TransportErrorKind};
use proptest::prelude::*;

use super::script::Message;
use super::server::{Met, Seen};

pub(super) type CallResult = Result<CreateAccountResponse, Error>;

/// What a call is, and what its server saw of it.
pub(super) struct Call {
    pub(super) name: String,
    pub(super) idempotent: bool,
    pub(super) seen: Vec<Seen>,
    /// How many connections before its end may have been closed when they seemed fit for use.
    pub(super) traps: u32,
}

impl Call {
    fn requests(&self) -> impl DoubleEndedIterator<Item = &Met> {
        self.seen.iter().filter_map(|seen| match seen {
            Seen::Request(met) => Some(met),
            Seen::Way(_) => None,
        })
    }

    pub(super) fn throttled(&self) -> u32 {
        let is_throttled = |met: &&Met| {
            matches!(met.answer.message, Message::Throttled(_) | Message::Status(429))
                && !met.answer.is_cut()
        };
        self.requests().filter(is_throttled).count() as u32
    }

    /// How many attempts that makes.
    pub(super) fn attempts(&self) -> u32 {
        let counts = |seen: &&Seen| !matches!(seen, Seen::Way(way) if !way.is_closed());
        self.seen.iter().filter(counts).count() as u32
    }

    /// Whether the service refused a signature that another one could replace, which is worth one
    /// more attempt.
    fn was_resigned(&self) -> bool {
        let is_refused =
            |met: &Met| matches!(met.answer.message, Message::Expired | Message::ClockJumps);
        self.requests().any(is_refused)
    }

    /// The numbers of its acts.
    fn acts(&self) -> Vec<u32> {
        self.requests().filter_map(|met| met.act).collect()
    }

    /// Whether the call did no harm.
    pub(super) fn check_acts(&self) -> Result<(), TestCaseError> {
        let acts = self.acts().len();
        prop_assert!(self.idempotent || acts <= 1, "it acted {} times", acts);
        let mut ids: Vec<_> = self.requests().map(|met| &met.invocation).collect();
        ids.dedup();
        prop_assert!(ids.len() <= 1, "one call, one id");
        // A throttled request goes again without using up an attempt.
        let most = 3 + self.throttled() + u32::from(self.was_resigned());
        let attempts = self.attempts();
        prop_assert!(attempts <= most.min(8 + self.traps), "{} attempts", attempts);
        Ok(())
    }

    /// Whether it ended with the truth.
    pub(super) fn check_end(&self, result: &CallResult) -> Result<(), TestCaseError> {
        let (acts, attempts) = (self.acts(), self.attempts());
        match result {
            Ok(response) => {
                let cut = |met: &&Met| met.answer.message == Message::Endless;
                let last = self.requests().next_back();
                match &response.account {
                    Some(account) => {
                        let act = account.account_id.as_str().parse().unwrap();
                        prop_assert_eq!((&account.name, acts.last()), (&self.name, Some(&act)));
                    }
                    // Nobody can tell that there was more.
                    None => prop_assert!(last.as_ref().is_some_and(cut)),
                }
            }
            Err(error) => {
                let fine = |met: &Met| met.answer.is_fine();
                prop_assert!(!matches!(self.seen.last(), Some(Seen::Request(met)) if fine(met)));
                prop_assert!(error.may_have_acted() || acts.is_empty(), "it acted");
                let refused = self.seen.iter().all(|seen| match seen {
                    Seen::Way(way) => way.is_closed(),
                    Seen::Request(met) => met.answer.is_refusal(),
                });
                let certain = refused && self.traps == 0;
                prop_assert!(!(certain && error.may_have_acted()), "nothing was done");
                // One on a closed connection, or on the way to one, is not seen; and what was slow to
                // tell of credentials may have been too late.
                let is_slow =
                    |met: &&Met| met.answer.message == Message::Expired && !met.answer.is_prompt();
                let slow = self.requests().filter(is_slow).count() as u32;
                let unseen = self.traps + slow + u32::from(has_timed_out(error));
                let made = error.attempts().map_or(1, |attempts| attempts.made);
                prop_assert!((attempts..=attempts + unseen).contains(&made), "{} made", made);
            }
        }
        Ok(())
    }
}

fn has_timed_out(error: &Error) -> bool {
    use TransportErrorKind::{AttemptTimeout, OperationTimeout};
    matches!(error.kind(), ErrorKind::Transport(error)
        if matches!(error.kind(), AttemptTimeout | OperationTimeout))
}
