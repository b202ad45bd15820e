//! The end of meetings: by a call, when they are empty or old, or with their primary meeting.

use chime_model::events::MeetingEventType as Kind;
use chime_model::meetings::MeetingId;
use time::{Duration, OffsetDateTime};

use crate::engine::dispatch::Moment;
use crate::meetings::record::{MeetingRecord, SdkAttendee, SdkMeeting};
use crate::meetings::rules::MeetingRules;
use crate::meetings::{Meetings, Service};

/// How long the client request token of a meeting that has ended is known, counted from the creation of the
/// meeting.
const SPENT_TOKEN_LIFE: Duration = Duration::days(2);

/// A service that depends on meetings.
pub(crate) trait Watcher {
    /// Is called when a meeting ends. Its attendees have left, and its record is still there.
    fn meeting_ends(&mut self, id: &MeetingId, at: &mut Moment<'_>);

    /// Is called when attendees of a meeting have joined or left.
    fn attendees_change(&mut self, id: &MeetingId, meetings: &Meetings, at: &mut Moment<'_>);
}

impl Service<'_> {
    /// Does what is due now.
    pub(crate) fn run_due(&mut self) {
        while let Some((due, timer, id)) = self.meetings.next_timer(self.rules)
            && due <= self.at.now
        {
            match timer {
                Timer::Transcription => self.begin_transcription(&id),
                Timer::Idle | Timer::Age => self.end(&id),
            }
        }
    }

    /// Ends a meeting, and then its replicas.
    pub(super) fn end(&mut self, id: &MeetingId) {
        self.stop_transcription(id);
        self.disconnect_all(id);
        let Self { meetings, rules, at, watcher } = self;
        if let Some(watcher) = watcher {
            watcher.meeting_ends(id, at);
        }
        let Some(row) = meetings.meetings.remove(id) else { return };
        at.events.push(row.event(Kind::MeetingEnded, at.now));
        let record = row.value.clone();
        if !rules.ended_meeting_frees_token
            && let Some(token) = record.meeting.client_request_token.clone()
        {
            meetings.spent_tokens.remove_while(|record| has_spent_token_expired(record, at.now));
            meetings.spent_tokens.insert((record.home.clone(), token), record);
        }
        while let Some(replica) = self.meetings.meetings.indexes().replicas.first(id).cloned() {
            self.end(&replica);
        }
    }

    /// Tells the watcher that attendees of a meeting have joined or left.
    pub(super) fn tell_of_attendees(&mut self, id: &MeetingId) {
        if let Some(watcher) = &mut self.watcher {
            watcher.attendees_change(id, self.meetings, &mut self.at);
        }
    }
}

impl Meetings {
    /// Returns when something becomes due next.
    pub(crate) fn next_due(&self, rules: &MeetingRules) -> Option<OffsetDateTime> {
        self.next_timer(rules).map(|(due, ..)| due)
    }

    /// Returns the next timer, when it is due, and its meeting.
    fn next_timer(&self, rules: &MeetingRules) -> Option<(OffsetDateTime, Timer, MeetingId)> {
        let next = Timer::ALL.into_iter().filter_map(|timer| {
            let (since, id) = self.meetings.indexes().timers.first(&timer)?;
            Some((since.saturating_add(timer.length(rules)), timer, id))
        });
        let (due, timer, id) = next.min_by_key(|(due, ..)| *due)?;
        Some((due, timer, id.clone()))
    }

    /// Starts or stops the idle timer of a meeting whose attendees may have changed.
    pub(super) fn update_idle_timer(
        &mut self,
        id: &MeetingId,
        rules: &MeetingRules,
        now: OffsetDateTime,
    ) {
        let Some(row) = self.meetings.get(id) else { return };
        let counts = |it: &SdkAttendee| rules.pipelines_keep_meetings_alive || !it.is_pipeline();
        let is_used = row.below.connected().any(counts);
        let idle_since = if is_used { None } else { row.meeting.idle_since.or(Some(now)) };
        if idle_since != row.meeting.idle_since {
            self.meetings.change(id, |record| record.meeting.idle_since = idle_since);
        }
    }
}

/// Whether the client request token of a meeting that has ended is no longer known.
pub(super) fn has_spent_token_expired(record: &MeetingRecord, now: OffsetDateTime) -> bool {
    let created = record.meeting.created_timestamp;
    created.is_none_or(|created| now - created >= SPENT_TOKEN_LIFE)
}

/// What happens to a meeting after some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Timer {
    /// Transcription starts or fails.
    Transcription,
    /// The meeting ends because nobody is connected.
    Idle,
    /// The meeting ends because of its age.
    Age,
}

impl Timer {
    /// All timers, in the order in which they act at the same time.
    const ALL: [Self; 3] = [Self::Transcription, Self::Idle, Self::Age];

    fn length(self, rules: &MeetingRules) -> Duration {
        let seconds = match self {
            Self::Transcription => 0,
            Self::Idle => rules.meeting_idle_seconds,
            Self::Age => rules.meeting_max_seconds,
        };
        Duration::seconds(seconds.into())
    }
}

impl SdkMeeting {
    /// Returns each timer with the time when it started; `None` if it is not running.
    pub(super) fn timers(&self) -> [(Timer, Option<OffsetDateTime>); 3] {
        let transcription = self.transcription.as_ref();
        [
            (Timer::Transcription, transcription.and_then(|transcription| transcription.starts)),
            // A replica ends with its primary meeting.
            (Timer::Idle, self.idle_since.filter(|_| !self.is_replica())),
            (Timer::Age, self.created_timestamp.filter(|_| !self.is_replica())),
        ]
    }
}
