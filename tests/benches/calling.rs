//! The cost of a call to the thread that makes it, compared with a bare hyper client.
//!
//! The typed client calls `UpdateRoomMembership` with all its defaults and static credentials, over one
//! persistent connection to 127.0.0.1. hyper's own client sends the same request, encoded and signed
//! beforehand, and reads the whole response without decoding it. The server runs in another thread, which is
//! not measured. The rounds of both clients alternate within one run, and the median is reported. Allocations
//! are the same in every run. CPU time, much of it in the kernel, varies with the state of the machine.
//!
//! Many virtual machines have no instruction counter. There, callgrind can count the instructions of
//! all 32,000 calls, including warm-up, of `by_hyper` or `by_chime`:
//! `valgrind --tool=callgrind --toggle-collect=calling::by_chime <the program of this bench>`.
//! It does not support the CPU's SHA-256 instructions, so signing appears more expensive than it is.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

#[path = "calling/cost.rs"]
mod cost;
#[path = "calling/response.rs"]
mod response;
#[path = "shared/server.rs"]
mod server;

use bytes::Bytes;
use chime_client::{Client, Config, Credentials};
use chime_local::sample;
use chime_model::chime::{RoomMembershipRole, UpdateRoomMembershipRequest};
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::runtime::Runtime;

use crate::cost::{Cost, Meter};
use crate::server::{Server, median, runtime, signed};

const ROUNDS: usize = 15;
const CALLS: u32 = 2000;

fn main() {
    let url = format!("http://{}", Server::hyper(response::whole()).0);
    let runtime = runtime();
    let bare = legacy::Client::builder(TokioExecutor::new()).build_http();
    let request = signed(config(&url), update());
    let chime = Client::new(config(&url)).unwrap();
    by_hyper(&runtime, &bare, &request);
    by_chime(&runtime, &chime);

    let mut meter = Meter::new();
    let mut costs = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        costs[0].push(meter.cost(|| by_hyper(&runtime, &bare, &request)));
        costs[1].push(meter.cost(|| by_chime(&runtime, &chime)));
    }
    let columns = ["a call of the client", "bare hyper", "chime", "difference"];
    row(columns.map(str::to_owned));
    line(&costs, "allocations", |cost| Some(cost.allocations));
    line(&costs, "bytes allocated", |cost| Some(cost.bytes));
    line(&costs, "CPU time, us", |cost| cost.cpu_nanos.map(|nanos| nanos / 1e3));
    line(&costs, "instructions, user", |cost| cost.instructions);
    // Measured earlier with version 1 of the official crate, not in this run.
    println!(
        "\nmeasured earlier: aws-sdk-chime 426,000 instructions, 376 allocations, 107 us per call;"
    );
    println!("bare hyper in the same run: 47,000 instructions, 32 allocations, 15 us");
}

// Not inlined, so that a profiler can tell the two functions apart.

#[inline(never)]
fn by_hyper(
    runtime: &Runtime,
    client: &legacy::Client<HttpConnector, Full<Bytes>>,
    request: &Request<Bytes>,
) {
    runtime.block_on(async {
        for _ in 0..CALLS {
            let response = client.request(request.clone().map(Full::new)).await.unwrap();
            assert!(response.status().is_success());
            let body = response.into_body().collect().await.unwrap().to_bytes();
            assert_eq!(body.len(), response::BODY.len());
        }
    });
}

#[inline(never)]
fn by_chime(runtime: &Runtime, client: &Client) {
    runtime.block_on(async {
        for _ in 0..CALLS {
            let response = client.chime().update_room_membership(update()).await.unwrap();
            assert!(response.room_membership.is_some());
        }
    });
}

fn update() -> UpdateRoomMembershipRequest {
    UpdateRoomMembershipRequest::new(sample::ENTERPRISE_ACCOUNT_ID, sample::ROOM_ID, sample::BO_ID)
        .role(RoomMembershipRole::Administrator)
}

fn config(url: &str) -> Config {
    let mut config =
        Config::new(Credentials::new(sample::ACCESS_KEY_ID, sample::SECRET_ACCESS_KEY));
    config.endpoint_url = Some(url.to_owned());
    config
}

fn line(costs: &[Vec<Cost>; 2], name: &str, number: impl Fn(&Cost) -> Option<f64>) {
    let per_call = |costs: &Vec<Cost>| {
        let numbers = costs.iter().map(&number).collect::<Option<Vec<_>>>()?;
        Some(median(numbers) / f64::from(CALLS))
    };
    let [hyper, chime] = [&costs[0], &costs[1]].map(per_call);
    let difference = hyper.zip(chime).map(|(hyper, chime)| chime - hyper);
    let shown = [hyper, chime, difference].map(|number| match number {
        Some(number) if number < 1000.0 => format!("{number:.1}"),
        Some(number) => format!("{number:.0}"),
        None => "not available here".to_owned(),
    });
    let [hyper, chime, difference] = shown;
    row([name.to_owned(), hyper, chime, difference]);
}

fn row([name, hyper, chime, difference]: [String; 4]) {
    println!("{name:<20} {hyper:>18} {chime:>18} {difference:>18}");
}
