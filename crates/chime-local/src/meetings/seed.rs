//! Meetings put in place by a seed, and exported as one.

use std::mem;

use crate::engine::home::Home;
use crate::engine::seeding::{Seeding, TWICE, with_paths};
use crate::meetings::Meetings;
use crate::meetings::record::{MeetingRecord, MeetingRow, SdkMeeting};
use crate::meetings::rules::MeetingRules;

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
        self.update_idle_timer(&id, rules, at.now);
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
