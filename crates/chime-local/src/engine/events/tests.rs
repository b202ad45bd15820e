//! Tests of the publisher.

use chime_model::events::{Detail, DetailType, MeetingEvent, MeetingEventType};
use time::{Duration, OffsetDateTime};

use super::*;

fn effect(number: i64) -> Effect {
    let time = OffsetDateTime::UNIX_EPOCH + Duration::milliseconds(number);
    let kind = DetailType::MeetingStateChange;
    let event = Event::new(kind, Detail::default(), "111122223333", "us-east-1", time);
    Effect::Event(vec![Channel::Sqs("arn:aws:sqs:us-east-1:1:q".to_owned())], event)
}

fn publisher() -> Publisher {
    Publisher::new(EventRules::default(), 7, Ids::new(7))
}

/// The milliseconds of the delivered events.
fn arrived(rules: EventRules, rounds: usize) -> Vec<i64> {
    let mut publisher = Publisher::new(rules, 7, Ids::new(7));
    let mut receiver = publisher.subscribe();
    for round in 0..rounds {
        publisher.publish((0..10).map(|i| effect((10 * round + i) as i64)).collect());
    }
    publisher.publish(Outbox::new());
    let millis = |delivered: &Delivered| i64::from(delivered.body.time.millisecond());
    let received: Vec<_> = std::iter::from_fn(|| receiver.try_recv().ok()).collect();
    assert!(received.iter().eq(publisher.after(0).iter().map(|event| &**event)));
    assert!(received.iter().map(|delivered| delivered.sequence).eq(1..=received.len() as u64));
    received.iter().map(millis).collect()
}

#[test]
fn events_are_delivered_once_and_in_order_by_default() {
    assert_eq!(arrived(EventRules::default(), 3), (0..30).collect::<Vec<_>>());
}

#[test]
fn events_can_be_lost_or_duplicated() {
    let lost = arrived(EventRules { event_loss: 0.5, ..EventRules::default() }, 20);
    assert!((50..150).contains(&lost.len()), "{}", lost.len());
    let twice = arrived(EventRules { event_duplicates: 1.0, ..EventRules::default() }, 1);
    assert_eq!(twice, [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9]);
}

#[test]
fn events_are_reordered_within_a_window_and_none_is_lost() {
    let mut arrived = arrived(EventRules { event_reorder: 4, ..EventRules::default() }, 5);
    assert!(!arrived.is_sorted());
    for (place, number) in arrived.iter().enumerate() {
        assert!(place as i64 - number >= -3, "{number} is delivered too early");
    }
    arrived.sort_unstable();
    assert_eq!(arrived, (0..50).collect::<Vec<_>>());
}

#[test]
fn the_kept_events_are_bounded_in_bytes() {
    let mut publisher = publisher();
    let message = "x".repeat(1 << 20);
    for number in 0..2 * (MAX_KEPT_BYTES >> 20) as i64 {
        let Effect::Event(channels, mut event) = effect(number) else { panic!("an event") };
        let detail = MeetingEvent::new(MeetingEventType::TranscriptionFailed);
        event.detail = detail.message(&message).into();
        publisher.publish(vec![Effect::Event(channels, event)]);
    }
    let kept = publisher.after(0);
    assert!(kept.len() * message.len() <= MAX_KEPT_BYTES, "{}", kept.len());
    assert!(kept.len() + 1 >= MAX_KEPT_BYTES >> 20, "{}", kept.len());
    assert_eq!(kept.last().unwrap().sequence, publisher.sent);
}

#[test]
fn eventbridge_events_have_an_id_and_sqs_events_have_milliseconds() {
    let mut publisher = publisher();
    let Effect::Event(mut channels, event) = effect(10_482) else { panic!("an event") };
    channels.push(Channel::EventBridge);
    publisher.publish(vec![Effect::Event(channels, event)]);
    let json: Vec<_> =
        publisher.after(0).iter().map(|one| serde_json::to_value(&**one).unwrap()).collect();
    assert_eq!(json[0]["Channel"], "Sqs");
    assert_eq!(json[0]["Arn"], "arn:aws:sqs:us-east-1:1:q");
    assert_eq!(json[0]["Body"]["time"], "1970-01-01T00:00:10.482Z");
    assert_eq!(json[0]["Body"].get("id"), None);
    assert_eq!(json[1]["Channel"], "EventBridge");
    assert_eq!(json[1]["Body"]["time"], "1970-01-01T00:00:10Z");
    assert_eq!(json[1]["Body"]["resources"], serde_json::json!([]));
    assert_eq!(json[1]["Body"]["id"].as_str().unwrap().len(), 36);
    assert_eq!(publisher.after(1).len(), 1);
    assert_eq!(publisher.after(2), []);
}

#[test]
fn work_holds_up_no_events_and_ends_before_the_publisher() {
    let (begin, wait) = std::sync::mpsc::channel();
    let (tell, ended) = std::sync::mpsc::channel();
    let work = move || {
        let _ = wait.recv();
        let _ = tell.send(());
    };
    let mut publisher = publisher();
    publisher.publish(vec![Effect::Work(Box::new(work)), effect(1)]);
    assert_eq!(publisher.after(0).len(), 1);
    assert!(ended.try_recv().is_err());
    begin.send(()).unwrap();
    drop(publisher);
    assert_eq!(ended.try_recv(), Ok(()));
}
