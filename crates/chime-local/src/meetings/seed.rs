//! Meetings put in place by a seed, and exported as one.

use std::mem;

use chime_model::meetings::MeetingId;

use crate::engine::home::Home;
use crate::engine::seeding::{Seeding, TWICE};
use crate::meetings::Meetings;
use crate::meetings::record::{MeetingRecord, SdkMeeting};
use crate::meetings::rules::MeetingRules;

impl Meetings {
    /// Puts the meetings of an account and region in place. They replace meetings of the same ids.
    /// Returns their ids and paths, to [check](Self::check_replicas) once all are in place.
    pub(crate) fn put(
        &mut self,
        home: &Home,
        meetings: Vec<SdkMeeting>,
        rules: &MeetingRules,
        at: &mut Seeding<'_>,
    ) -> Vec<(MeetingId, String)> {
        let mut placed = Vec::new();
        at.each("Meetings", meetings, |at, of| {
            let mut meeting = of.complete(home, &rules.media_domain, at.now);
            let id = meeting.meeting_id.clone();
            at.once("SDK meeting", id.as_str(), "MeetingId", TWICE);
            self.meetings.remove(&id);
            if let Some(token) = &meeting.client_request_token {
                let taken = self.meetings.indexes().tokens.contains(&(home.clone(), token.clone()));
                let problem = "must be unique among the meetings of the region";
                at.problem_if(taken, "ClientRequestToken", problem);
            }
            let attendees = mem::take(&mut meeting.attendees);
            self.meetings.insert(id.clone(), MeetingRecord { home: home.clone(), meeting });
            at.each("Attendees", attendees, |at, attendee| {
                let key = format!("{id} {}", attendee.attendee_id);
                at.once("attendee", key, "AttendeeId", TWICE);
                self.put_attendee(&id, attendee);
            });
            // A meeting with a connected attendee is not idle.
            self.update_idle_timer(&id, rules, at.now);
            placed.push((id, at.path_of("")));
        });
        placed
    }

    /// Checks that the primary meeting of each replica is in its region and is not itself a replica.
    pub(crate) fn check_replicas(&self, placed: Vec<(MeetingId, String)>, at: &mut Seeding<'_>) {
        for (id, path) in placed {
            let Some(row) = self.get(&id) else { continue };
            if let Some(primary) = &row.meeting.primary_meeting_id {
                let is_elsewhere = at.alone && self.get(primary).is_none();
                if self.primary(&row.home, primary).is_none() && !is_elsewhere {
                    let path = format!("{path}.PrimaryMeetingId");
                    at.problem_at(&path, "must be a primary meeting of the region");
                }
            }
            let mut replicas = self.meetings.indexes().replicas.after(&id, None);
            let is_primary = replicas.all(|replica| {
                self.get(replica).is_none_or(|row| self.primary(&row.home, &id).is_some())
            });
            if !is_primary {
                let problem = "has replicas, so it must be a primary meeting of their region";
                at.problem_at(&path, problem);
            }
        }
    }

    /// Returns the meetings of an account and region as seeds.
    pub(crate) fn export(&self, home: &Home) -> Vec<SdkMeeting> {
        let here = self.meetings.rows().map(|(_, row)| row).filter(|row| row.home == *home);
        let export = here.map(|row| SdkMeeting {
            attendees: row.below.attendees.values().cloned().collect(),
            ..row.meeting.clone()
        });
        export.collect()
    }

    /// Returns the accounts and regions that have meetings.
    pub(crate) fn homes(&self) -> impl Iterator<Item = &Home> {
        self.meetings.values().map(|record| &record.home)
    }
}
