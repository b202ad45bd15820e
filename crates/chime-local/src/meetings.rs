//! Chime SDK meetings: meetings, their attendees, who is connected, and live transcription.

mod attendees;
mod call;
mod capabilities;
mod control;
mod ending;
pub(crate) mod events;
mod features;
mod lifecycle;
mod pipeline_attendees;
mod placement;
pub(crate) mod presence;
pub(crate) mod record;
pub(crate) mod rules;
pub(crate) mod seed;
mod tags;
mod transcription;
mod view;

use bytes::Bytes;
use chime_model::meetings::{API, AttendeeId, MeetingId};
use chime_model::{Api, SensitiveString, ServiceError};
use http::Response;

use crate::engine::dispatch::{Handlers, Hosted};
use crate::engine::home::Home;
use crate::engine::index::Index;
use crate::engine::rows::tables;
use crate::engine::table::Table;
use crate::meetings::record::{AttendeeRecord, MeetingRecord, MeetingRow};

pub(crate) use call::{Call, invalid};
pub(crate) use ending::Watcher;
pub(crate) use view::view;

tables! {
    /// The meetings that have not ended.
    pub(crate) struct Meetings indexed by Meetings::index {
        meetings: Table<MeetingId, MeetingRecord, MeetingTables> = "meetings",
        /// Meetings by their client request token.
        tokens: Index<(Home, SensitiveString), MeetingId> = "",
        /// Meetings by their AWS account and control region.
        homes: Index<Home, MeetingId> = "",
        /// Replica meetings by their primary meeting.
        replicas: Index<MeetingId, MeetingId> = "",
        /// Client request tokens of meetings that have ended, if a rule keeps them.
        spent_tokens: Table<(Home, SensitiveString), (MeetingId, MeetingRecord)> = "spent-tokens",
    }
}

tables! {
    /// The resources of a meeting.
    pub(crate) struct MeetingTables {
        attendees: Table<AttendeeId, AttendeeRecord> = "attendees",
    }
}

impl Hosted for Meetings {
    const API: &'static Api = &API;
    type Call<'a> = Call<'a>;

    fn encode_error(error: ServiceError) -> Response<Bytes> {
        chime_wire::encode_error_with_request_id(&error)
    }
}

/// The handlers of all operations.
pub(crate) fn handlers() -> Handlers<Meetings> {
    let mut handlers = Handlers::new();
    for register in
        [attendees::register, lifecycle::register, tags::register, transcription::register]
    {
        register(&mut handlers);
    }
    handlers
}

impl Meetings {
    /// A meeting of any AWS account and control region.
    pub(crate) fn get(&self, id: &MeetingId) -> Option<&MeetingRow> {
        self.meetings.get(id)
    }

    /// A meeting of an AWS account, in any control region.
    pub(crate) fn of_account(&self, account: &str, id: &MeetingId) -> Option<&MeetingRow> {
        self.get(id).filter(|row| row.home.account == account)
    }

    /// A meeting of an AWS account and control region.
    fn at_home(&self, home: &Home, id: &MeetingId) -> Option<&MeetingRow> {
        self.get(id).filter(|row| row.home == *home)
    }

    /// The meeting that was created with a client request token, or an ended one whose token is kept.
    fn made_with(&self, key: &(Home, SensitiveString)) -> Option<(&MeetingId, &MeetingRecord)> {
        let spent = || self.spent_tokens.get(key).map(|row| (&row.value.0, &row.value.1));
        let Some(id) = self.tokens.first(key) else { return spent() };
        self.get(id).map(|row| (id, &row.value))
    }

    fn add(&mut self, id: MeetingId, record: MeetingRecord) {
        self.set_indexes(&id, &record, true);
        self.meetings.insert(id, record);
    }

    fn set_indexes(&mut self, id: &MeetingId, record: &MeetingRecord, present: bool) {
        let MeetingRecord { home, token, meeting, .. } = record;
        self.homes.set(home.clone(), id.clone(), present);
        if let Some(token) = token {
            self.tokens.set((home.clone(), token.clone()), id.clone(), present);
        }
        if let Some(primary) = &meeting.primary_meeting_id {
            self.replicas.set(primary.clone(), id.clone(), present);
        }
    }

    fn index(&mut self) {
        let rows = self.meetings.rows().map(|(id, row)| (id.clone(), row.value.clone()));
        for (id, record) in rows.collect::<Vec<_>>() {
            self.set_indexes(&id, &record, true);
        }
    }
}

#[cfg(test)]
mod tests;
