//! Chime SDK meetings: meetings, their attendees, who is connected, and live transcription.

mod attendees;
mod call;
mod capabilities;
mod control;
mod ending;
pub(crate) mod events;
mod ids;
mod lifecycle;
mod pipeline_attendees;
mod placement;
pub(crate) mod presence;
pub(crate) mod record;
mod regions;
pub(crate) mod rules;
mod seed;
mod tags;
mod transcription;
mod view;

use bytes::Bytes;
use chime_model::meetings::{API, AttendeeId, MeetingId};
use chime_model::{Api, SensitiveString, ServiceError};
use http::Response;
use time::OffsetDateTime;

use crate::engine::dispatch::{Hosted, handlers};
use crate::engine::home::Home;
use crate::engine::index::Index;
use crate::engine::indexed::{Indexed, IndexesOf};
use crate::engine::rows::tables;
use crate::engine::table::Table;
use crate::meetings::record::{MeetingRecord, MeetingRow, SdkAttendee};
use crate::meetings::rules::MeetingRules;

pub(crate) use call::{Call, Service, invalid, no_meeting};
pub(crate) use ending::Watcher;
use ending::{Timer, has_spent_token_expired};
pub(crate) use view::{link, overview, subject, view};

tables! {
    /// The state of meetings.
    pub(crate) struct Meetings {
        /// The meetings that have not ended.
        meetings: Indexed<MeetingId, MeetingRecord, Indexes, MeetingTables> = "meetings",
        /// The meetings that have ended, by client request token, where a rule keeps them for a while.
        spent_tokens: Table<(Home, SensitiveString), MeetingRecord> = "spent-tokens",
    }
}

tables! {
    /// The attendees of a meeting.
    pub(crate) struct MeetingTables {
        attendees: Table<AttendeeId, SdkAttendee> = "attendees",
    }
}

impl MeetingTables {
    /// Returns the connected attendees.
    fn connected(&self) -> impl Iterator<Item = &SdkAttendee> {
        self.attendees.values().filter(|attendee| attendee.connected)
    }
}

tables! {
    /// The lookups of meetings.
    struct Indexes {
        /// The meetings by client request token.
        tokens: Index<(Home, SensitiveString), MeetingId> = index,
        /// The meetings of an AWS account and control region.
        homes: Index<Home, MeetingId> = index,
        /// The replicas of a meeting.
        replicas: Index<MeetingId, MeetingId> = index,
        /// The meetings for which a timer runs, by the time since when it runs.
        timers: Index<Timer, (OffsetDateTime, MeetingId)> = index,
    }
}

impl Hosted for Meetings {
    const API: &'static Api = &API;
    type Call<'a> = Call<'a>;

    fn encode_error(error: ServiceError) -> Response<Bytes> {
        chime_wire::encode_error_with_request_id(&error)
    }
}

handlers! {
    Meetings; with attendees, lifecycle, tags, transcription
}

impl Meetings {
    /// Finds a meeting in any account and region.
    pub(crate) fn get(&self, id: &MeetingId) -> Option<&MeetingRow> {
        self.meetings.get(id)
    }

    /// Finds a meeting in any region of an AWS account.
    pub(crate) fn of_account(&self, account: &str, id: &MeetingId) -> Option<&MeetingRow> {
        self.get(id).filter(|row| row.home.account == account)
    }

    /// Finds a meeting in an AWS account and region.
    fn at_home(&self, home: &Home, id: &MeetingId) -> Option<&MeetingRow> {
        self.get(id).filter(|row| row.home == *home)
    }

    /// Finds a meeting in an AWS account and region that can have replicas.
    fn primary(&self, home: &Home, id: &MeetingId) -> Option<&MeetingRow> {
        self.at_home(home, id).filter(|row| !row.meeting.is_replica())
    }

    /// Finds the meeting that was created with a token.
    fn made_with(
        &self,
        key: &(Home, SensitiveString),
        rules: &MeetingRules,
        now: OffsetDateTime,
    ) -> Option<&MeetingRecord> {
        match self.meetings.indexes().tokens.first(key) {
            Some(id) => self.get(id).map(|row| &row.value),
            None if rules.ended_meeting_frees_token => None,
            None => {
                let spent =
                    self.spent_tokens.get(key).filter(|row| !has_spent_token_expired(row, now));
                spent.map(|row| &row.value)
            }
        }
    }

    /// Completes an attendee and puts it in a meeting.
    fn put_attendee(&mut self, meeting: &MeetingId, attendee: SdkAttendee) {
        let Some(row) = self.meetings.get(meeting) else { return };
        let attendee = attendee.complete(&row.meeting);
        if let Some(attendees) = self.attendees_mut(meeting) {
            attendees.insert(attendee.attendee_id.clone(), attendee);
        }
    }

    /// Finds the attendees of a meeting to change them.
    fn attendees_mut(&mut self, id: &MeetingId) -> Option<&mut Table<AttendeeId, SdkAttendee>> {
        self.meetings.below_mut(id).map(|below| &mut below.attendees)
    }

    /// Finds an attendee to change it.
    fn attendee_mut(&mut self, meeting: &MeetingId, id: &AttendeeId) -> Option<&mut SdkAttendee> {
        self.attendees_mut(meeting)?.get_mut(id)
    }
}

impl IndexesOf<MeetingId, MeetingRecord> for Indexes {
    fn set(&mut self, id: &MeetingId, _: u64, record: &MeetingRecord, present: bool) {
        let MeetingRecord { home, meeting } = record;
        self.homes.set(home.clone(), id.clone(), present);
        if let Some(token) = &meeting.client_request_token {
            self.tokens.set((home.clone(), token.clone()), id.clone(), present);
        }
        if let Some(primary) = &meeting.primary_meeting_id {
            self.replicas.set(primary.clone(), id.clone(), present);
        }
        for (timer, since) in meeting.timers() {
            if let Some(since) = since {
                self.timers.set(timer, (since, id.clone()), present);
            }
        }
    }
}

#[cfg(test)]
mod tests;
