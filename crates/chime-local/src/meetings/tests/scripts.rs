//! Random scripts of calls, actions, moves of the clock, restarts and kills, against a small model of
//! meetings.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use time::OffsetDateTime;

use super::*;
use crate::AttendeeAction;
use crate::engine::store::tests::{FakeStorage, durable_with};
use crate::testing::slow_property;

const USERS: [&str; 3] = ["ana", "bo", "cleo"];

/// A step of a script. Its numbers pick among the existing resources.
#[derive(Clone, Debug)]
enum Step {
    Create {
        token: u8,
        replica_of: Option<u8>,
    },
    Delete(u8),
    Attend {
        meeting: u8,
        user: usize,
    },
    Remove {
        meeting: u8,
        user: usize,
    },
    Act {
        meeting: u8,
        user: usize,
        join: bool,
    },
    Pass(i64),
    /// Kills the local Chime and starts another one with the saved rows.
    Restart,
    /// Kills it while calls wait for a save that does not come.
    KillInCalls(u8),
}

fn step() -> impl Strategy<Value = Step> {
    let (meeting, user) = (0..8u8, 0..USERS.len());
    prop_oneof![
        3 => (0..6u8, proptest::option::weighted(0.3, 0..8u8))
            .prop_map(|(token, replica_of)| Step::Create { token, replica_of }),
        1 => (0..8u8).prop_map(Step::Delete),
        3 => (meeting.clone(), user.clone())
            .prop_map(|(meeting, user)| Step::Attend { meeting, user }),
        1 => (meeting.clone(), user.clone())
            .prop_map(|(meeting, user)| Step::Remove { meeting, user }),
        3 => (meeting, user, any::<bool>())
            .prop_map(|(meeting, user, join)| Step::Act { meeting, user, join }),
        3 => prop_oneof![1..600i64, Just(43_200)].prop_map(Step::Pass),
        1 => Just(Step::Restart),
        1 => (0..8u8).prop_map(Step::KillInCalls),
    ]
}

/// A meeting as the model knows it.
struct Known {
    token: u8,
    primary: Option<MeetingId>,
    created: OffsetDateTime,
    idle_since: Option<OffsetDateTime>,
    attendees: BTreeMap<&'static str, (AttendeeId, bool)>,
}

impl Known {
    fn end(&self) -> OffsetDateTime {
        let age = self.created + Duration::days(1);
        let idle = self.idle_since.filter(|_| self.primary.is_none());
        idle.map_or(age, |since| age.min(since + Duration::minutes(5)))
    }

    fn note_presence(&mut self, now: OffsetDateTime) {
        let is_used = self.attendees.values().any(|(_, connected)| *connected);
        self.idle_since = if is_used { None } else { self.idle_since.or(Some(now)) };
    }
}

#[derive(Default)]
struct Model {
    meetings: Vec<(MeetingId, Known)>,
    started: usize,
    /// The events before the last restart.
    earlier_events: Vec<String>,
}

impl Model {
    fn settle(&mut self, now: OffsetDateTime) {
        let ended: BTreeSet<_> = self
            .meetings
            .iter()
            .filter(|(_, known)| known.end() <= now)
            .map(|(id, _)| id.clone())
            .collect();
        ended.iter().for_each(|id| self.end(id));
    }

    fn end(&mut self, id: &MeetingId) {
        self.meetings.retain(|(other, known)| other != id && known.primary.as_ref() != Some(id));
    }

    fn pick(&mut self, which: u8) -> Option<&mut (MeetingId, Known)> {
        let count = self.meetings.len();
        self.meetings.get_mut(usize::from(which) % count.max(1))
    }
}

/// Starts another local Chime with the saved rows. Its log has no events yet.
fn restart(bench: &mut Bench, storage: &FakeStorage, model: &mut Model) {
    model.earlier_events.extend(bench.events());
    *bench = storage.restarted(&bench.clock, Config::default());
}

fn run(bench: &mut Bench, storage: &FakeStorage, model: &mut Model, step: &Step) {
    let now = bench.clock.now();
    model.settle(now);
    match *step {
        Step::Create { token, replica_of } => {
            let primary = replica_of.and_then(|which| model.pick(which)).map(|(id, _)| id.clone());
            let request = asked(&format!("token-{token}")).set_primary_meeting_id(primary.clone());
            let result = bench.call(&request);
            if let Some((id, _)) = model.meetings.iter().find(|(_, known)| known.token == token) {
                assert_eq!(result.unwrap().meeting.unwrap().meeting_id.as_ref(), Some(id));
                return;
            }
            let of = |id: &MeetingId| model.meetings.iter().find(|(other, _)| other == id);
            let replicas =
                model.meetings.iter().filter(|(_, known)| known.primary == primary).count();
            let nested = primary.as_ref().is_some_and(|id| of(id).unwrap().1.primary.is_some());
            if nested || primary.is_some() && replicas >= 4 {
                assert!(result.is_err());
                return;
            }
            let id = result.unwrap().meeting.unwrap().meeting_id.unwrap();
            let attendees = BTreeMap::new();
            let known = Known { token, primary, created: now, idle_since: Some(now), attendees };
            model.meetings.push((id, known));
            model.started += 1;
        }
        Step::Delete(which) => {
            let Some((id, _)) = model.pick(which) else { return };
            let id = id.clone();
            bench.call(&DeleteMeetingRequest::new(&id)).unwrap();
            model.end(&id);
        }
        Step::Attend { meeting, user } => {
            let Some((id, known)) = model.pick(meeting) else { return };
            let attendee = attendee(bench, id, USERS[user]);
            let known = known.attendees.entry(USERS[user]).or_insert((attendee.clone(), false));
            assert_eq!(known.0, attendee);
        }
        Step::Remove { meeting, user } => {
            let Some((id, known)) = model.pick(meeting) else { return };
            let Some((attendee, _)) = known.attendees.remove(USERS[user]) else { return };
            bench.call(&DeleteAttendeeRequest::new(&*id, &attendee)).unwrap();
            known.note_presence(now);
        }
        Step::Act { meeting, user, join } => {
            let Some((id, known)) = model.pick(meeting) else { return };
            let Some((attendee, connected)) = known.attendees.get_mut(USERS[user]) else { return };
            let action = if join { AttendeeAction::Join } else { AttendeeAction::Leave };
            let done = bench.chime.act_as_attendee(id.as_str(), attendee.as_str(), action).is_ok();
            assert_eq!(done, join || *connected);
            *connected = join;
            known.note_presence(now);
        }
        Step::Restart => restart(bench, storage, model),
        Step::KillInCalls(which) => {
            storage.fail(true);
            assert!(bench.call(&asked("unsaved")).is_err());
            if let Some((id, _)) = model.pick(which) {
                assert!(bench.call(&DeleteMeetingRequest::new(&*id)).is_err());
            }
            storage.fail(false);
            restart(bench, storage, model);
        }
        Step::Pass(seconds) => {
            pass(bench, seconds);
            model.settle(bench.clock.now());
        }
    }
}

/// Compares the model with the local Chime.
fn compare(bench: &Bench, model: &Model) {
    let seed = bench.export();
    let meetings = seed["AwsAccounts"][0]["Sdk"][0]["Meetings"].as_array();
    let meetings = meetings.map_or(&[][..], Vec::as_slice);
    let ids: Vec<_> =
        meetings.iter().map(|meeting| meeting["MeetingId"].as_str().unwrap()).collect();
    assert_eq!(ids, model.meetings.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>());
    for (meeting, (_, known)) in meetings.iter().zip(&model.meetings) {
        let attendees = meeting["Attendees"].as_array().map_or(&[][..], Vec::as_slice);
        let connected = attendees.iter().filter(|one| one["Connected"] == true).count();
        let expected = known.attendees.values().filter(|(_, connected)| *connected).count();
        assert_eq!((attendees.len(), connected), (known.attendees.len(), expected));
    }
    let events = bench.events();
    let events = || model.earlier_events.iter().chain(&events);
    let count = |kind: &str| events().filter(|event| *event == kind).count();
    assert_eq!(count("MeetingStarted"), model.started);
    assert_eq!(count("MeetingEnded"), model.started - model.meetings.len());
    let connected = meetings.iter().flat_map(|meeting| meeting["Attendees"].as_array());
    let connected = connected.flatten().filter(|one| one["Connected"] == true).count();
    assert_eq!(count("AttendeeJoined") - count("AttendeeLeft"), connected);
}

proptest! {
    #![proptest_config(slow_property(4))]

    #[test]
    fn meetings_match_the_model(steps in prop::collection::vec(step(), 1..40)) {
        let (mut bench, storage) = durable_with(Config::default());
        let mut model = Model::default();
        for step in &steps {
            run(&mut bench, &storage, &mut model, step);
            compare(&bench, &model);
        }
        // An export restores the state.
        let copy = bench.copy();
        prop_assert_eq!(copy.export(), bench.export());
        // What is pending happens in both.
        let regions = |bench: &Bench| bench.export().pointer("/AwsAccounts/0/Sdk").cloned();
        for seconds in [1, 300, 86_400] {
            pass(&bench, seconds);
            pass(&copy, seconds);
            prop_assert_eq!(regions(&copy), regions(&bench));
        }
    }
}
