//! The speed of the emulator, also with a million memberships.
//!
//! It measures, in this order:
//!
//! 1. The time from the start to the first response.
//! 2. Calls per second over loopback, with verified signatures, compared with a bare hyper server that reads
//!    the same requests and sends as many bytes. The server has one thread, and the client another one with 32
//!    connections. Fifteen rounds of both servers alternate in one run, once with the sample and once with a
//!    million memberships. The result is the median of the ratios of each round, because the speed of the
//!    machine changes between rounds.
//! 3. Writes per second, in memory and with a state file. With a state file, each response waits until the
//!    change is on the disk.
//! 4. Microseconds per call in process, with a thousand to a million memberships.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

#[path = "serving/load.rs"]
mod load;
#[path = "shared/server.rs"]
mod server;
#[path = "serving/states.rs"]
mod states;

use std::path::Path;
use std::time::Instant;

use chime_local::{Config, LocalChime, sample};
use chime_model::chime::{
    GetRoomRequest, ListRoomMembershipsRequest, ResetPersonalPINRequest, RoomMembershipRole,
    UpdateRoomMembershipRequest,
};

use crate::load::signed;
use crate::server::{Server, median};

const ROUNDS: usize = 15;
/// The number of concurrent connections.
const CONNECTIONS: usize = 32;
const DURABLE_ROUNDS: usize = 5;

fn main() {
    first_response();
    beside_hyper();
    durable();
    states::grow();
}

/// Measures the time to start an emulator with the sample organisation on a port, until its first response.
fn first_response() {
    let request = signed(GetRoomRequest::new(sample::ENTERPRISE_ACCOUNT_ID, sample::ROOM_ID));
    let start = Instant::now();
    let server = load::listening(LocalChime::sample());
    load::response(&server, &request);
    println!("start to first response: {:.1} ms (goal: under 20)\n", millis(start));
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
        let hyper = Server::hyper(load::response(chime, request));
        let mut rates = [Vec::new(), Vec::new()];
        for _ in 0..ROUNDS {
            for (server, rates) in [&hyper, *chime].into_iter().zip(&mut rates) {
                rates.push(load::calls_per_second(server, request, CONNECTIONS));
            }
        }
        let ratios = rates[1].iter().zip(&rates[0]).map(|(chime, hyper)| chime / hyper).collect();
        let ratio = median(ratios);
        let [hyper, chime] = rates.map(median);
        println!("{name:<24} {hyper:>12.0} {chime:>12.0} {ratio:>8.2}");
    }
    println!("goal: a ratio of at least 0.60\n");
}

/// Measures calls that change the state, with the state in memory and in a file.
fn durable() {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("serving.state");
    let _ = std::fs::remove_file(&path);
    let memory = load::listening(LocalChime::sample());
    let file = load::listening(LocalChime::open(Config::sample(), &path).unwrap());
    // Each call generates a new PIN, but all responses have the same length.
    let request =
        signed(ResetPersonalPINRequest::new(sample::ENTERPRISE_ACCOUNT_ID, sample::BO_ID));
    println!(
        "{:<24} {:>12} {:>12} {:>8}",
        "changes/s over loopback", "in memory", "in a file", "ratio"
    );
    for connections in [1, 64] {
        let mut rates = [Vec::new(), Vec::new()];
        for _ in 0..DURABLE_ROUNDS {
            for (server, rates) in [&memory, &file].into_iter().zip(&mut rates) {
                rates.push(load::calls_per_second(server, &request, connections));
            }
        }
        let [memory, file] = rates.map(median);
        let name = format!("{connections} at a time");
        println!("{name:<24} {memory:>12.0} {file:>12.0} {:>8.2}", file / memory);
    }
    println!();
    let _ = std::fs::remove_file(&path);
}
