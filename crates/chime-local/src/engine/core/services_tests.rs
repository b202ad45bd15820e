//! Tests of an engine with two services that share routes.

#![allow(unreachable_pub, reason = "documents are public")]

use chime_model::events::Event;
use chime_model::{Api, Violations, meetings, messaging};
use serde_json::Value;
use time::OffsetDateTime;

use super::*;
use crate::engine::dispatch::{Context, Handlers, Hosted, HostedService, Moment};
use crate::engine::document::document;
use crate::engine::errors::{self, bad_request};
use crate::engine::events::EventRules;
use crate::engine::faults::Fault;
use crate::engine::rows::tables;
use crate::engine::seeding::Seeding;
use crate::engine::table::Table;
use crate::engine::view::{Cell, Page, Shown};
use crate::engine::world::{Refusal, Verb};
use crate::testing::{at_once, request, sign};

/// The keys of tags.
type Tags = Table<String, ()>;

tables! {
    struct Pair {
        of_meetings: Tags = "meetings",
        of_messaging: Tags = "messaging",
    }
}

document! {
    #[derive(Default)]
    pub struct Keys {
        list credentials("Credentials"): Credential,
    }
}

impl Seed for Keys {
    fn credentials(&self) -> &[Credential] {
        &self.credentials
    }

    fn drop_unmodelled(_: &mut serde_json::Value) {}
}

struct Meetings;
struct Messaging;

impl Hosted for Meetings {
    const API: &'static Api = &meetings::API;
    type Call<'a> = &'a mut Tags;
}

impl Hosted for Messaging {
    const API: &'static Api = &messaging::API;
    type Call<'a> = &'a mut Tags;
}

fn tag_meeting(tags: &mut &mut Tags, request: meetings::TagResourceRequest) -> Result<()> {
    for tag in request.tags {
        tags.insert(tag.key.clone(), ());
        if tag.key == "forbidden" {
            return Err(bad_request("after all"));
        }
    }
    Ok(())
}

fn tag_channel(tags: &mut &mut Tags, request: messaging::TagResourceRequest) -> Result<()> {
    request.tags.into_iter().for_each(|tag| tags.insert(tag.key.expose().to_owned(), ()));
    Ok(())
}

impl World for Pair {
    type Rules = ();
    type Seed = Keys;

    fn services() -> Vec<Box<dyn HostedService<Self, ()>>> {
        fn of_meetings<'a>(pair: &'a mut Pair, (): &'a (), _: Context<'a>) -> Result<&'a mut Tags> {
            Ok(&mut pair.of_meetings)
        }
        fn of_messaging<'a>(
            pair: &'a mut Pair,
            (): &'a (),
            _: Context<'a>,
        ) -> Result<&'a mut Tags> {
            Ok(&mut pair.of_messaging)
        }
        fn invalid((): &(), why: &Violations) -> ServiceError {
            errors::invalid(why)
        }
        vec![
            Box::new(Handlers::<_, _, Meetings>::new(of_meetings, invalid, |handlers| {
                handlers.on(tag_meeting);
            })),
            Box::new(Handlers::<_, _, Messaging>::new(of_messaging, invalid, |handlers| {
                handlers.on(tag_channel);
            })),
        ]
    }

    fn check((): &()) -> Result<(), InvalidDocument> {
        Ok(())
    }

    fn event_rules((): &()) -> EventRules {
        EventRules::default()
    }

    fn settle(&mut self, _: Moment<'_>, (): &()) -> Option<OffsetDateTime> {
        None
    }

    fn seed(&mut self, _: Keys, (): &(), _: &mut Seeding<'_>) {}

    fn export(&self) -> Keys {
        Keys::default()
    }

    fn control(&mut self, _: &Verb<'_>, _: Moment<'_>, (): &()) -> Result<Option<Value>, Refusal> {
        Err(Refusal::Unknown)
    }

    fn verbs() -> &'static [(&'static str, &'static str)] {
        &[]
    }

    fn view(&self, _: &mut Page<'_>) -> Option<Shown> {
        None
    }

    fn subject(_: &Event) -> Option<Cell> {
        None
    }
}

fn engine() -> Engine<Pair> {
    let faults = Faults::default();
    let setup = Setup {
        credentials: vec![Credential::default()],
        clock: Clock::default(),
        random_seed: 0,
        rules: (),
        faults,
        on_response: None,
        access: Access::default(),
        seed: Keys::default(),
    };
    Engine::in_memory(setup).unwrap()
}

/// Calls `TagResource` of a service. Returns the status.
fn tag(engine: &Engine<Pair>, service: &str, keys: &[&str]) -> u16 {
    let tags: Vec<_> =
        keys.iter().map(|key| serde_json::json!({"Key": key, "Value": "v"})).collect();
    let body = serde_json::json!({"ResourceARN": "arn:aws:chime:us-east-1:1:x/y", "Tags": tags});
    let target = format!("{service}/tags?operation=tag-resource");
    let mut request = request("POST", &target, &body.to_string());
    sign(&mut request, &Credential::default(), engine.clock().wall());
    at_once(engine.handle(&request)).unwrap().status().as_u16()
}

/// The number of tags of each service.
fn tags(engine: &Engine<Pair>) -> (usize, usize) {
    let store = engine.store();
    (store.state.world.of_meetings.len(), store.state.world.of_messaging.len())
}

#[test]
fn each_request_reaches_the_service_that_it_names() {
    let engine = engine();
    assert_eq!(tag(&engine, "/chime-sdk-messaging", &["a", "b"]), 204);
    assert_eq!(tags(&engine), (0, 2));
    assert_eq!(tag(&engine, "/chime-sdk-meetings", &["a"]), 204);
    // Without a prefix, the request goes to the first service.
    assert_eq!(tag(&engine, "", &["b"]), 204);
    assert_eq!(tags(&engine), (2, 2));
    let last = &engine.requests()[0];
    assert_eq!((last.service, last.operation), (Some("Chime SDK Meetings"), Some("TagResource")));
    assert_eq!(tag(&engine, "/chime", &["a"]), 404);
}

#[test]
fn the_changes_of_a_handler_that_fails_are_undone() {
    let engine = engine();
    assert_eq!(tag(&engine, "/chime-sdk-messaging", &["a"]), 204);
    assert_eq!(tag(&engine, "/chime-sdk-meetings", &["a", "b", "forbidden", "c"]), 400);
    assert_eq!(tags(&engine), (0, 1));
}

#[test]
fn a_fault_rule_applies_to_one_operation_of_one_service() {
    let engine = engine();
    let fault = |service: &str| {
        let (service, operation) = (Some(service.to_owned()), Some("TagResource".to_owned()));
        Faults {
            faults: vec![Fault {
                service,
                operation,
                cut: Some(CutPoint::Before),
                ..Fault::default()
            }],
            ..Faults::default()
        }
    };
    assert!(engine.set_faults(fault("chime")).is_err());
    engine.set_faults(fault("chime-sdk-messaging")).unwrap();
    assert_eq!(tag(&engine, "/chime-sdk-meetings", &["a"]), 204);
    let mut request = request("POST", "/chime-sdk-messaging/tags?operation=tag-resource", "{}");
    sign(&mut request, &Credential::default(), engine.clock().wall());
    assert!(!at_once(engine.handle(&request)).unwrap_err().applied());
}

#[test]
fn an_operation_without_a_handler_is_not_implemented() {
    let engine = engine();
    let mut request = request("GET", "/chime-sdk-meetings/meetings/m", "");
    sign(&mut request, &Credential::default(), engine.clock().wall());
    assert_eq!(at_once(engine.handle(&request)).unwrap().status(), 501);
}
