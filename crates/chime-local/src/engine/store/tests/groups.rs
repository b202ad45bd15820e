//! Calls that are saved together, and what becomes of them if that fails.

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

/// Begins a call, which has to wait.
fn begin<'a>(bench: &'a Bench, request: &'a Request<Bytes>) -> Answering<'a> {
    let mut answering: Answering<'_> = Box::pin(bench.chime.engine().answer(request));
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

/// Waits until that many saves were begun.
fn begun(kept: &Kept, saves: usize) {
    while kept.1.load(Ordering::SeqCst) < saves {
        thread::yield_now();
    }
}

/// Stops the disk; the first save of the Chime itself is done.
fn stop(kept: &Kept) -> MutexGuard<'_, Disk> {
    kept.0.lock().unwrap()
}

/// What was kept is the state.
fn is_kept(bench: &Bench, kept: &Kept) {
    let rows = bench.chime.engine().store().state.rows().unwrap();
    assert_eq!(kept.rows(), shown(&rows));
}

#[test]
fn calls_that_come_while_the_disk_writes_are_saved_together() {
    let (bench, kept) = kept();
    let before = names(&bench);
    let requests: Vec<_> = (0..20).map(|i| create(&bench, &format!("{i}"))).collect();
    let list = signed(&bench, "GET", "", "");

    let mut disk = stop(&kept);
    disk.saves = 0;
    let calls: Vec<_> = requests.iter().map(|request| begin(&bench, request)).collect();
    // It sees what is not saved yet.
    let list = begin(&bench, &list);
    drop(disk);
    assert!(calls.into_iter().map(status).all(|status| status == 201));
    assert_eq!(status(list), 200);
    let saves = stop(&kept).saves;
    assert!((1..=2).contains(&saves), "{saves}");
    assert_eq!(names(&bench).len(), before.len() + 20);
    is_kept(&bench, &kept);
}

#[test]
fn a_group_that_fails_takes_with_it_what_rests_on_it() {
    let (bench, kept) = kept();
    let before = seen(&bench);
    let (one, two, list) =
        (create(&bench, "One"), create(&bench, "Two"), signed(&bench, "GET", "", ""));

    let mut disk = stop(&kept);
    let saves = kept.1.load(Ordering::SeqCst);
    let one = begin(&bench, &one);
    begun(&kept, saves + 1);
    let (two, list) = (begin(&bench, &two), begin(&bench, &list));
    disk.next.push_back(true);
    drop(disk);
    assert_eq!([one, two, list].map(status), [500, 500, 500]);
    assert_eq!(seen(&bench), before);
    is_kept(&bench, &kept);

    assert_eq!(wait(bench.chime.engine().answer(&create(&bench, "Three"))).unwrap().status(), 201);
    assert_eq!(names(&bench).last().unwrap(), "Three");
    is_kept(&bench, &kept);
}

#[test]
fn a_group_that_fails_leaves_the_one_before_it() {
    let (bench, kept) = kept();
    let (one, two) = (create(&bench, "One"), create(&bench, "Two"));

    let mut disk = stop(&kept);
    let saves = kept.1.load(Ordering::SeqCst);
    let one = begin(&bench, &one);
    begun(&kept, saves + 1);
    let two = begin(&bench, &two);
    disk.next.extend([false, true]);
    drop(disk);
    assert_eq!([one, two].map(status), [201, 500]);
    assert_eq!(names(&bench).last().unwrap(), "One");
    is_kept(&bench, &kept);
}

#[test]
fn what_was_saved_stays_when_a_later_removal_is_undone() {
    let (bench, kept) = kept();
    let role = |role: &str| {
        let path = format!("/{ROOM_ID}/memberships/{BO_ID}");
        signed(&bench, "POST", &path, &format!(r#"{{"Role":"{role}"}}"#))
    };
    let (promote, demote) = (role("Administrator"), role("Member"));
    let remove = signed(&bench, "DELETE", &format!("/{ROOM_ID}"), "");
    let call =
        |request: &Request<Bytes>| wait(bench.chime.engine().answer(request)).unwrap().status();
    // The row that the last call writes is the one that the second call found.
    assert!(call(&demote).is_success());

    let mut disk = stop(&kept);
    let saves = kept.1.load(Ordering::SeqCst);
    let promoting = begin(&bench, &promote);
    begun(&kept, saves + 1);
    let removing = begin(&bench, &remove);
    disk.next.extend([false, true]);
    drop(disk);
    assert_eq!([promoting, removing].map(status), [200, 500]);
    // The first one writes all rows, as the last save failed.
    stop(&kept).next.extend([false, true]);
    assert_eq!(call(&create(&bench, "One")), 201);
    let before = seen(&bench);
    assert_eq!(call(&demote), 500);
    assert_eq!(seen(&bench), before);
    for request in [&create(&bench, "Two"), &demote] {
        assert!(call(request).is_success());
        is_kept(&bench, &kept);
    }
}

#[test]
fn what_a_caller_did_who_has_gone_is_saved() {
    let (bench, kept) = kept();
    let one = create(&bench, "One");
    let disk = stop(&kept);
    drop(begin(&bench, &one));
    drop(disk);
    assert_eq!(names(&bench).last().unwrap(), "One");
    is_kept(&bench, &kept);
}

#[test]
fn a_reset_waits_for_the_group_that_is_being_saved() {
    let (bench, kept) = kept();
    let before = seen(&bench);
    let (one, two) = (create(&bench, "One"), create(&bench, "Two"));
    let disk = stop(&kept);
    let saves = kept.1.load(Ordering::SeqCst);
    let one = begin(&bench, &one);
    begun(&kept, saves + 1);
    let two = begin(&bench, &two);
    thread::scope(|scope| {
        let reset = scope.spawn(|| bench.chime.reset());
        drop(disk);
        reset.join().unwrap().unwrap();
    });
    assert_eq!([one, two].map(status), [201, 201]);
    assert_eq!(seen(&bench), before);
    is_kept(&bench, &kept);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whoever_calls_at_the_same_time_and_whatever_fails_what_is_kept_is_the_state(
        callers in proptest::collection::vec(
            proptest::collection::vec((0..KINDS, 0_usize..4), 1..12),
            2..5,
        ),
        next in proptest::collection::vec(any::<bool>(), 0..12),
    ) {
        let (bench, kept) = kept();
        stop(&kept).next.extend(next);
        thread::scope(|scope| {
            for calls in &callers {
                scope.spawn(|| {
                    calls.iter().for_each(|(kind, which)| apply_failing(&bench, *kind, *which));
                });
            }
        });
        stop(&kept).next.clear();
        // After a failure all rows are written with the next change.
        apply(&bench, 0, 0);
        let mut store = bench.chime.engine().settled().0;
        let rows = shown(&store.state.rows().unwrap());
        prop_assert_eq!(kept.rows(), rows);
        store.state.world.reindex();
        drop(store);
        let again = Bench::new(config());
        let rows = bench.chime.engine().store().state.rows().unwrap();
        again.chime.engine().store().replace(State::read(rows).unwrap()).unwrap();
        prop_assert_eq!(seen(&bench), seen(&again));
    }
}

#[test]
fn a_poll_is_what_begins_a_call() {
    // What the tests above rest on: without a disk there is nothing to wait for.
    let bench = Bench::sample();
    let one = create(&bench, "One");
    let mut answering: Answering<'_> = Box::pin(bench.chime.engine().answer(&one));
    let polled = answering.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert!(matches!(polled, Poll::Ready(Ok(_))));
}

#[test]
fn a_tick_does_not_wait_for_the_disk() {
    let (bench, kept) = kept();
    let order = r#"{"ProductType":"BusinessCalling","E164PhoneNumbers":["+12065550151"]}"#;
    assert_eq!(bench.send("POST", "/phone-number-orders", order).status(), 201);
    let before = kept.rows();

    let disk = stop(&kept);
    bench.clock.advance(time::Duration::days(1));
    // It would never return.
    bench.chime.engine().tick();
    drop(disk);
    is_kept(&bench, &kept);
    assert_ne!(kept.rows(), before);
}
