//! Meetings put in place by a seed, and exported as one.

use std::mem;

use time::OffsetDateTime;

use crate::engine::home::Home;
use crate::engine::seeding::{Seeding, TWICE, with_paths};
use crate::engine::tags::by_key;
use crate::meetings::placement::{join_token, media_placement};
use crate::meetings::record::{MeetingRecord, MeetingRow, SdkAttendee, SdkMeeting, VOIP};
use crate::meetings::rules::MeetingRules;
use crate::meetings::{Meetings, capabilities};

impl Meetings {
    /// Puts a meeting in place. It replaces a meeting of the same id.
    pub(crate) fn put(
        &mut self,
        home: &Home,
        of: SdkMeeting,
        path: &str,
        rules: &MeetingRules,
        at: &mut Seeding<'_>,
    ) {
        let id = of.meeting_id.clone();
        at.once("SDK meeting", id.as_str(), || format!("{path}.MeetingId"), TWICE);
        if let Some(primary) = &of.primary_meeting_id {
            let row = self.at_home(home, primary);
            let wrong = row.is_none_or(|row| row.meeting.is_replica());
            let path = || format!("{path}.PrimaryMeetingId");
            at.problem_if(wrong, path, "must be a primary meeting earlier in the list");
        }
        if let Some(token) = &of.client_request_token {
            let key = (home.clone(), token.clone());
            let taken = self.indexes.tokens.first(&key).is_some_and(|other| *other != id);
            at.problem_if(
                taken,
                || format!("{path}.ClientRequestToken"),
                "must be unique among the meetings of the region",
            );
        }
        self.remove(&id);
        let mut meeting = of.complete(home, &rules.media_domain, at.now);
        let attendees = mem::take(&mut meeting.attendees);
        let attendees: Vec<_> = attendees.into_iter().map(|it| it.complete(&meeting)).collect();
        self.add(MeetingRecord { home: home.clone(), meeting });
        for (attendee, path) in with_paths(attendees, path, "Attendees") {
            let key = format!("{id} {}", attendee.attendee_id);
            at.once("attendee", key, || format!("{path}.AttendeeId"), TWICE);
            if let Some(attendees) = self.attendees_mut(&id) {
                attendees.insert(attendee.attendee_id.clone(), attendee);
            }
        }
        // A meeting with a connected attendee is not idle.
        self.note_presence(&id, rules, at.now);
    }

    /// Returns the meetings of an account and region as seeds.
    pub(crate) fn export(&self, home: &Home) -> Vec<SdkMeeting> {
        let here = self.meetings.rows().filter(|(_, row)| row.home == *home);
        let export = |row: &MeetingRow| SdkMeeting {
            attendees: row.below.attendees.values().cloned().collect(),
            ..row.meeting.clone()
        };
        here.map(|(_, row)| export(row)).collect()
    }

    /// Returns the accounts and regions that have meetings.
    pub(crate) fn homes(&self) -> impl Iterator<Item = &Home> {
        self.meetings.values().map(|record| &record.home)
    }
}

impl SdkMeeting {
    /// Sets the unset members to their defaults.
    pub(super) fn complete(mut self, home: &Home, media_domain: &str, now: OffsetDateTime) -> Self {
        let media = self.media_region.get_or_insert_with(|| home.region.as_str().into());
        let placement = || media_placement(&self.meeting_id, home, media, media_domain);
        self.media_placement.get_or_insert_with(placement);
        let created = *self.created_timestamp.get_or_insert(now);
        self.idle_since.get_or_insert(created);
        self.tags = by_key(self.tags);
        self
    }
}

impl SdkAttendee {
    /// Sets the unset members to their defaults.
    fn complete(mut self, meeting: &SdkMeeting) -> Self {
        let id = self.attendee_id.as_str();
        self.join_token.get_or_insert_with(|| join_token(id, id));
        self.capabilities.get_or_insert_with(|| capabilities::default_of(meeting));
        if self.connected {
            self.network_type.get_or_insert_with(|| VOIP.to_owned());
            self.shares_video &= self.shares_content;
        } else {
            self.disconnect();
        }
        self
    }
}
