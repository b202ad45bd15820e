//! How fast the local Chime answers, and whether it stays so with a million memberships.
//!
//! Calls per second over loopback, signatures verified, beside a bare hyper server that reads the
//! same requests and answers as many bytes: one thread for the server, one for 32 connections that
//! ask in turn, fifteen rounds of both in one run; with the sample in place, and with a million
//! memberships. The ratio is that of one round, and the median counts: the machine may be faster in
//! one round than in the next. Then microseconds for one call in process, with states of a thousand to
//! a million memberships.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

#[path = "serving/load.rs"]
mod load;
#[path = "shared/server.rs"]
mod server;
#[path = "serving/states.rs"]
mod states;

use std::time::Instant;

use chime_local::{LocalChime, sample};
use chime_model::chime::{
    GetRoomRequest, ListRoomMembershipsRequest, RoomMembershipRole, UpdateRoomMembershipRequest,
};

use crate::load::signed;
use crate::server::{Server, median};

const ROUNDS: usize = 15;

fn main() {
    first_answer();
    beside_hyper();
    states::grow();
}

/// From nothing to the first answer: a Chime with the sample organisation, on a port.
fn first_answer() {
    let request = signed(GetRoomRequest::new(sample::ENTERPRISE_ACCOUNT_ID, sample::ROOM_ID));
    let start = Instant::now();
    let server = load::listening(LocalChime::sample());
    load::answer(&server, &request);
    println!("start to first answer: {:.1} ms (goal: under 20)\n", millis(start));
}

fn millis(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1e3
}

fn beside_hyper() {
    let (account, room) = (sample::ENTERPRISE_ACCOUNT_ID, sample::ROOM_ID);
    let update = UpdateRoomMembershipRequest::new(account, room, sample::BO_ID)
        .role(RoomMembershipRole::Administrator);
    let sample = load::listening(LocalChime::sample());
    let large = load::listening(states::largest());
    let requests = [
        ("GetRoom", &sample, signed(GetRoomRequest::new(account, room))),
        ("UpdateRoomMembership", &sample, signed(update)),
        ("ListRoomMemberships", &sample, signed(ListRoomMembershipsRequest::new(account, room))),
        ("GetRoom of a million", &large, signed(states::get_room())),
        ("A member of a million", &large, signed(states::list_memberships())),
    ];
    println!("{:<24} {:>12} {:>12} {:>8}", "calls/s over loopback", "bare hyper", "chime", "ratio");
    for (name, chime, request) in &requests {
        let hyper = Server::hyper(load::answer(chime, request));
        let mut rates = [Vec::new(), Vec::new()];
        for _ in 0..ROUNDS {
            for (server, rates) in [&hyper, *chime].into_iter().zip(&mut rates) {
                rates.push(load::calls_per_second(server, request));
            }
        }
        let ratios = rates[1].iter().zip(&rates[0]).map(|(chime, hyper)| chime / hyper).collect();
        let ratio = median(ratios);
        let [hyper, chime] = rates.map(median);
        println!("{name:<24} {hyper:>12.0} {chime:>12.0} {ratio:>8.2}");
    }
    println!("goal: a ratio of 0.60 at least\n");
}
