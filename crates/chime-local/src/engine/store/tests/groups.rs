//! Tests of calls that are saved together, and of failures of such a save.

use std::pin::Pin;
use std::sync::MutexGuard;
use std::task::{Context, Poll, Waker};
use std::thread;

use bytes::Bytes;
use http::{Request, Response};

use super::*;
use crate::Cut;
use crate::testing::{request, sign, wait};

type Answering<'a> = Pin<Box<dyn Future<Output = Result<Response<Bytes>, Cut>> + 'a>>;

fn signed(bench: &Bench, method: &str, path: &str, body: &str) -> Request<Bytes> {
    let target = format!("/accounts/{ENTERPRISE_ACCOUNT_ID}/rooms{path}");
    let mut request = request(method, &target, body);
    sign(&mut request, &bench.caller, bench.clock.now());
    request
}

fn create(bench: &Bench, name: &str) -> Request<Bytes> {
    signed(bench, "POST", "", &format!(r#"{{"Name":"{name}"}}"#))
}

/// Begins a call, which must be pending.
fn begin<'a>(bench: &'a Bench, request: &'a Request<Bytes>) -> Answering<'a> {
    let mut answering: Answering<'_> = Box::pin(bench.chime.engine().handle(request));
    let polled = answering.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert!(polled.is_pending(), "{polled:?}");
    answering
}

fn status(answering: Answering<'_>) -> u16 {
    wait(answering).unwrap().status().as_u16()
}

fn names(bench: &Bench) -> Vec<String> {
    let rooms = bench.send("GET", &format!("/accounts/{ENTERPRISE_ACCOUNT_ID}/rooms"), "").json();
    let name = |room: &Value| room["Name"].as_str().unwrap().to_owned();
    rooms["Rooms"].as_array().unwrap().iter().map(name).collect()
}

/// Waits until a number of saves were begun.
fn begun(storage: &FakeStorage, saves: usize) {
    while storage.1.load(Ordering::SeqCst) < saves {
        thread::yield_now();
    }
}

/// Blocks all saves until the returned guard is dropped.
fn block(storage: &FakeStorage) -> MutexGuard<'_, Disk> {
    storage.0.lock().unwrap()
}

/// Asserts that the storage has the rows of the state.
fn assert_saved(bench: &Bench, storage: &FakeStorage) {
    let rows = bench.chime.engine().store().state.rows().unwrap();
    assert_eq!(storage.rows(), shown(&rows));
}

#[test]
fn calls_during_a_save_are_saved_together() {
    let (bench, storage) = durable();
    let before = names(&bench);
    let requests: Vec<_> = (0..20).map(|i| create(&bench, &format!("{i}"))).collect();
    let list = signed(&bench, "GET", "", "");

    let mut disk = block(&storage);
    disk.saves = 0;
    let calls: Vec<_> = requests.iter().map(|request| begin(&bench, request)).collect();
    // It reads changes that are not saved yet, so it must wait too.
    let list = begin(&bench, &list);
    drop(disk);
    assert!(calls.into_iter().map(status).all(|status| status == 201));
    assert_eq!(status(list), 200);
    let saves = block(&storage).saves;
    assert!((1..=2).contains(&saves), "{saves}");
    assert_eq!(names(&bench).len(), before.len() + 20);
    assert_saved(&bench, &storage);
}

#[test]
fn a_failed_group_undoes_all_later_changes() {
    let (bench, storage) = durable();
    let before = seen(&bench);
    let (one, two, list) =
        (create(&bench, "One"), create(&bench, "Two"), signed(&bench, "GET", "", ""));

    let mut disk = block(&storage);
    let saves = storage.1.load(Ordering::SeqCst);
    let one = begin(&bench, &one);
    begun(&storage, saves + 1);
    let (two, list) = (begin(&bench, &two), begin(&bench, &list));
    disk.next.push_back(true);
    drop(disk);
    assert_eq!([one, two, list].map(status), [500, 500, 500]);
    assert_eq!(seen(&bench), before);
    assert_saved(&bench, &storage);

    assert_eq!(wait(bench.chime.engine().handle(&create(&bench, "Three"))).unwrap().status(), 201);
    assert_eq!(names(&bench).last().unwrap(), "Three");
    assert_saved(&bench, &storage);
}

#[test]
fn a_failed_group_does_not_undo_an_earlier_one() {
    let (bench, storage) = durable();
    let (one, two) = (create(&bench, "One"), create(&bench, "Two"));

    let mut disk = block(&storage);
    let saves = storage.1.load(Ordering::SeqCst);
    let one = begin(&bench, &one);
    begun(&storage, saves + 1);
    let two = begin(&bench, &two);
    disk.next.extend([false, true]);
    drop(disk);
    assert_eq!([one, two].map(status), [201, 500]);
    assert_eq!(names(&bench).last().unwrap(), "One");
    assert_saved(&bench, &storage);
}

#[test]
fn undoing_a_removal_restores_the_saved_row() {
    let (bench, storage) = durable();
    let role = |role: &str| {
        let path = format!("/{ROOM_ID}/memberships/{BO_ID}");
        signed(&bench, "POST", &path, &format!(r#"{{"Role":"{role}"}}"#))
    };
    let (promote, demote) = (role("Administrator"), role("Member"));
    let remove = signed(&bench, "DELETE", &format!("/{ROOM_ID}"), "");
    let call =
        |request: &Request<Bytes>| wait(bench.chime.engine().handle(request)).unwrap().status();
    // The row that this call writes is the one that the last call writes again.
    assert!(call(&demote).is_success());

    let mut disk = block(&storage);
    let saves = storage.1.load(Ordering::SeqCst);
    let promoting = begin(&bench, &promote);
    begun(&storage, saves + 1);
    let removing = begin(&bench, &remove);
    disk.next.extend([false, true]);
    drop(disk);
    assert_eq!([promoting, removing].map(status), [200, 500]);
    // The save after a failure writes all rows.
    block(&storage).next.extend([false, true]);
    assert_eq!(call(&create(&bench, "One")), 201);
    let before = seen(&bench);
    assert_eq!(call(&demote), 500);
    assert_eq!(seen(&bench), before);
    for request in [&create(&bench, "Two"), &demote] {
        assert!(call(request).is_success());
        assert_saved(&bench, &storage);
    }
}

#[test]
fn the_change_of_a_cancelled_call_is_saved() {
    let (bench, storage) = durable();
    let one = create(&bench, "One");
    let disk = block(&storage);
    drop(begin(&bench, &one));
    drop(disk);
    assert_eq!(names(&bench).last().unwrap(), "One");
    assert_saved(&bench, &storage);
}

#[test]
fn a_reset_waits_for_the_group_that_is_being_saved() {
    let (bench, storage) = durable();
    let before = seen(&bench);
    let (one, two) = (create(&bench, "One"), create(&bench, "Two"));
    let disk = block(&storage);
    let saves = storage.1.load(Ordering::SeqCst);
    let one = begin(&bench, &one);
    begun(&storage, saves + 1);
    let two = begin(&bench, &two);
    thread::scope(|scope| {
        let reset = scope.spawn(|| bench.chime.reset());
        drop(disk);
        reset.join().unwrap().unwrap();
    });
    assert_eq!([one, two].map(status), [201, 201]);
    assert_eq!(seen(&bench), before);
    assert_saved(&bench, &storage);
}

proptest! {
    #![proptest_config(slow_property(10))]

    #[test]
    fn the_storage_has_the_state_after_concurrent_calls_and_failed_saves(
        callers in proptest::collection::vec(
            proptest::collection::vec((0..KINDS, 0_usize..4), 1..12),
            2..5,
        ),
        next in proptest::collection::vec(any::<bool>(), 0..12),
    ) {
        let (bench, storage) = durable();
        block(&storage).next.extend(next);
        thread::scope(|scope| {
            for calls in &callers {
                scope.spawn(|| {
                    calls.iter().for_each(|(kind, which)| apply_failing(&bench, *kind, *which));
                });
            }
        });
        block(&storage).next.clear();
        // The save after a failure writes all rows.
        apply(&bench, 0, 0);
        let mut store = bench.chime.engine().settled();
        let rows = shown(&store.state.rows().unwrap());
        prop_assert_eq!(storage.rows(), rows);
        store.state.world.reindex();
        drop(store);
        let again = Bench::new(config());
        let rows = bench.chime.engine().store().state.rows().unwrap();
        again.chime.engine().store().replace(State::read(rows).unwrap()).unwrap();
        prop_assert_eq!(seen(&bench), seen(&again));
    }
}

#[test]
fn a_call_in_memory_completes_with_the_first_poll() {
    // So in the tests above, only the save makes a call pending.
    let bench = Bench::sample();
    let one = create(&bench, "One");
    let mut answering: Answering<'_> = Box::pin(bench.chime.engine().handle(&one));
    let polled = answering.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert!(matches!(polled, Poll::Ready(Ok(_))));
}

#[test]
fn a_tick_does_not_wait_for_the_disk() {
    let (bench, storage) = durable();
    let order = r#"{"ProductType":"BusinessCalling","E164PhoneNumbers":["+12065550151"]}"#;
    assert_eq!(bench.send("POST", "/phone-number-orders", order).status(), 201);
    let before = storage.rows();

    let disk = block(&storage);
    bench.clock.advance(time::Duration::days(1));
    // If it waited for the disk, it would never return.
    bench.chime.engine().tick();
    drop(disk);
    assert_saved(&bench, &storage);
    assert_ne!(storage.rows(), before);
}
