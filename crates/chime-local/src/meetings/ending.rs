//! The end of meetings: by a call, when they are empty or old, or with their primary meeting.

use chime_model::events::MeetingEventType as Kind;
use chime_model::meetings::MeetingId;
use time::{Duration, OffsetDateTime};

use crate::engine::dispatch::Moment;
use crate::meetings::record::SdkMeeting;
use crate::meetings::rules::MeetingRules;
use crate::meetings::{Meetings, Service};

/// A service that depends on meetings.
pub(crate) trait Watcher {
    /// Is called when a meeting ends. Its attendees have left, and its record is still there.
    fn meeting_ends(&mut self, id: &MeetingId, at: &mut Moment<'_>);

    /// Is called when attendees have joined or left.
    fn attendees_change(&mut self, meetings: &Meetings, at: &mut Moment<'_>);
}

impl Service<'_> {
    /// Does what is due now.
    pub(crate) fn act(&mut self, watcher: &mut dyn Watcher) {
        let now = self.at.now;
        let all = self.meetings.meetings.rows();
        let due = all.filter(|(_, row)| due(&row.meeting, self.rules) <= now);
        for id in due.map(|(id, _)| id.clone()).collect::<Vec<_>>() {
            self.act_on_transcription(&id);
            // It may have ended with its primary meeting.
            if self.meetings.get(&id).is_some_and(|row| end(&row.meeting, self.rules) <= now) {
                self.end(&id, watcher);
            }
        }
    }

    /// Ends a meeting, and then its replicas.
    pub(crate) fn end(&mut self, id: &MeetingId, watcher: &mut dyn Watcher) {
        let Self { meetings, rules, at } = self;
        let Some(row) = meetings.get(id) else { return };
        at.events.extend(row.transcription_event(Kind::TranscriptionStopped, None, at.now));
        for attendee in row.below.attendees.values().filter(|it| it.connected) {
            let kinds = attendee.departure(Kind::AttendeeLeft);
            at.events.extend(row.attendee_events(kinds, attendee, at.now));
        }
        watcher.meeting_ends(id, at);
        let Some(row) = meetings.remove(id) else { return };
        at.events.push(row.effect(row.event(Kind::MeetingEnded, at.now), at.now));
        let record = row.value.clone();
        if let (Some(token), false) =
            (&record.meeting.client_request_token, rules.ended_meeting_frees_token)
        {
            meetings.spent_tokens.insert((record.home.clone(), token.clone()), record);
        }
        let replicas = self.meetings.indexes.replicas.after(id, None).cloned();
        for replica in replicas.collect::<Vec<_>>() {
            self.end(&replica, watcher);
        }
    }
}

impl Meetings {
    /// Returns when something becomes due next.
    pub(crate) fn next_due(&self, rules: &MeetingRules) -> Option<OffsetDateTime> {
        self.meetings.values().map(|record| due(&record.meeting, rules)).min()
    }

    /// Starts or stops the idle timer of a meeting whose attendees may have changed.
    pub(super) fn note_presence(
        &mut self,
        id: &MeetingId,
        rules: &MeetingRules,
        now: OffsetDateTime,
    ) {
        let Some(row) = self.meetings.get(id) else { return };
        let is_used = row.below.attendees.values().any(|attendee| {
            let counts = rules.pipelines_keep_meetings_alive || !attendee.is_pipeline();
            attendee.connected && counts
        });
        if is_used == row.meeting.idle_since.is_some()
            && let Some(meeting) = self.get_mut(id)
        {
            meeting.idle_since = (!is_used).then_some(now);
        }
    }
}

/// Returns when something is due for a meeting.
fn due(meeting: &SdkMeeting, rules: &MeetingRules) -> OffsetDateTime {
    let starts = meeting.transcription.as_ref().and_then(|transcription| transcription.starts);
    starts.map_or(end(meeting, rules), |starts| starts.min(end(meeting, rules)))
}

/// Returns when a meeting ends unless an attendee joins.
fn end(meeting: &SdkMeeting, rules: &MeetingRules) -> OffsetDateTime {
    let after = |since: OffsetDateTime, seconds: u32| {
        since.saturating_add(Duration::seconds(seconds.into()))
    };
    let age = after(meeting.created(), rules.meeting_max_seconds);
    let idle = meeting.idle_since.filter(|_| !meeting.is_replica());
    idle.map_or(age, |since| after(since, rules.meeting_idle_seconds).min(age))
}
