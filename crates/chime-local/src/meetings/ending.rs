//! How meetings end: by a call, when they are empty or old, or with their primary meeting.

use chime_model::events::MeetingEventType as Kind;
use chime_model::meetings::MeetingId;
use time::{Duration, OffsetDateTime};

use crate::engine::dispatch::Moment;
use crate::meetings::Meetings;
use crate::meetings::record::{MeetingRecord, MeetingRow, TranscriptionState};
use crate::meetings::rules::MeetingRules;

/// Another service that has to know of meetings.
pub(crate) trait Watcher {
    /// A meeting ends. Its attendees have left, and its record is still there.
    fn meeting_ends(&mut self, id: &MeetingId, at: &mut Moment<'_>);

    /// Attendees have joined or left.
    fn attendees_change(&mut self, meetings: &Meetings, at: &mut Moment<'_>);
}

impl Meetings {
    /// When something becomes due next.
    pub(crate) fn next_due(&self, rules: &MeetingRules) -> Option<OffsetDateTime> {
        self.meetings.values().map(|record| due(record, rules)).min()
    }

    /// Does what is due at this moment.
    pub(crate) fn act(
        &mut self,
        at: &mut Moment<'_>,
        rules: &MeetingRules,
        watcher: &mut dyn Watcher,
    ) {
        let due = self.meetings.rows().filter(|(_, row)| due(row, rules) <= at.now);
        for id in due.map(|(id, _)| id.clone()).collect::<Vec<_>>() {
            self.act_on_transcription(&id, at);
            // It may have ended with its primary meeting.
            if self.get(&id).is_some_and(|row| end(row, rules) <= at.now) {
                self.end(&id, rules, at, watcher);
            }
        }
    }

    /// Ends a meeting, and then its replicas.
    pub(crate) fn end(
        &mut self,
        id: &MeetingId,
        rules: &MeetingRules,
        at: &mut Moment<'_>,
        watcher: &mut dyn Watcher,
    ) {
        let Some(row) = self.meetings.get(id) else { return };
        let running = row.transcription.as_ref();
        if running.is_some_and(|running| running.state != TranscriptionState::Starting) {
            at.events.extend(row.tell_of_transcription(Kind::TranscriptionStopped, None, at.now));
        }
        let connected = row.below.attendees.values().filter(|it| it.connection.is_some());
        for attendee in connected {
            at.events.extend(row.departure(attendee, Kind::AttendeeLeft, at.now));
        }
        watcher.meeting_ends(id, at);
        let Some(row) = self.meetings.get(id) else { return };
        at.events.push(row.tell(row.event(Kind::MeetingEnded, at.now), at.now));
        let record = row.value.clone();
        self.set_indexes(id, &record, false);
        self.meetings.remove(id);
        if let (Some(token), false) = (&record.token, rules.ended_meeting_frees_token) {
            let key = (record.home.clone(), token.clone());
            self.spent_tokens.insert(key, (id.clone(), record));
        }
        for replica in self.replicas.after(id, None).cloned().collect::<Vec<_>>() {
            self.end(&replica, rules, at, watcher);
        }
    }
}

/// When something is due for a meeting.
fn due(record: &MeetingRecord, rules: &MeetingRules) -> OffsetDateTime {
    let starts = record.transcription.as_ref().and_then(|transcription| transcription.starts);
    starts.map_or(end(record, rules), |starts| starts.min(end(record, rules)))
}

/// When a meeting ends by itself, if nobody joins.
fn end(record: &MeetingRecord, rules: &MeetingRules) -> OffsetDateTime {
    let after = |since: OffsetDateTime, seconds: u32| {
        since.saturating_add(Duration::seconds(seconds.into()))
    };
    let age = after(record.created, rules.meeting_max_seconds);
    let idle = record.idle_since.filter(|_| !record.is_replica());
    idle.map_or(age, |since| after(since, rules.meeting_idle_seconds).min(age))
}

impl Meetings {
    /// Notes whether anybody is connected to a meeting.
    pub(crate) fn note_presence(
        &mut self,
        id: &MeetingId,
        rules: &MeetingRules,
        now: OffsetDateTime,
    ) {
        let is_used = |row: &MeetingRow| {
            row.below.attendees.values().any(|attendee| {
                let counts = rules.pipelines_keep_meetings_alive || !attendee.is_pipeline();
                attendee.connection.is_some() && counts
            })
        };
        let Some(row) = self.meetings.get(id) else { return };
        let is_used = is_used(row);
        if is_used == row.idle_since.is_some()
            && let Some(record) = self.meetings.get_mut(id)
        {
            record.idle_since = (!is_used).then_some(now);
        }
    }
}
