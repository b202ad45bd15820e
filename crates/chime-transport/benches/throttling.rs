//! Measures how close bulk callers come to the rate that a throttling service allows.
//!
//! 2,000 calls per client, 64 at a time, each sent at most 8 times, against a token bucket of 200/s
//! that holds 200, on a simulated clock.
//!
//! - *Perfect* is the time at which the bucket accepts the last call if it never overflows:
//!   (calls − 200) / 200 s, and 3.75 s more if the rate is 50/s from second 4 to 9.
//! - *Fairness* is the fraction of calls that the slower of two clients has finished when the faster one
//!   is done. The clients share no state.
//!
//! Each line has the worst and (in parentheses) the mean of 20 runs, with latencies that vary by a
//! tenth. The last line is a single run in real time, over sockets to a hyper server on this machine.
#![allow(clippy::print_stdout)]

#[path = "../src/rate_limit/simulated.rs"]
mod simulated;

use std::time::Duration;

use bytes::Bytes;
use chime_transport::retry::RetryLayer;
use chime_transport::{Config, HttpClient};
use http::{Request, Response, Uri};
use http_body_util::Full;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use simulated::{Outcome, Phase, Simulated, bulk};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio::time::Instant;
use tower::{Layer, ServiceExt};

const CALLS: u32 = 2000;
const AT_A_TIME: u32 = 64;
const BURST: u32 = 200;
const SEEDS: u64 = 20;
const STEADY: &[Phase] = &[(0, 200.0)];
const FALLING: &[Phase] = &[(0, 200.0), (4, 50.0), (9, 200.0)];

struct Case {
    name: &'static str,
    phases: &'static [Phase],
    clients: u32,
    perfect: f64,
}

const CASES: [Case; 3] = [
    Case { name: "one client", phases: STEADY, clients: 1, perfect: 9.0 },
    Case { name: "two clients", phases: STEADY, clients: 2, perfect: 19.0 },
    Case { name: "50/s half-way", phases: FALLING, clients: 1, perfect: 12.75 },
];

/// The result of one run.
struct Run {
    lost: u32,
    seconds: f64,
    /// Throttled requests, in percent of those sent.
    refused: f64,
    fairness: f64,
}

fn main() -> std::io::Result<()> {
    println!(
        "{:<14} {:>7} {:>5} {:>9} {:>17} {:>14} {:>13} {:>13}",
        "case", "latency", "lost", "perfect s", "time s", "ratio", "429 %", "fairness"
    );
    for case in &CASES {
        for latency in [0, 20, 60, 200] {
            let mut runs = Vec::new();
            for seed in 0..SEEDS {
                // Each run has its own clock, so that all start alike.
                let runtime =
                    Builder::new_current_thread().enable_time().start_paused(true).build()?;
                runs.push(runtime.block_on(run(case, Duration::from_millis(latency), seed)));
            }
            line(case, &format!("{latency} ms"), &runs);
        }
    }
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let case = Case { name: "over loopback", ..CASES[0] };
    line(&case, "–", &[runtime.block_on(over_loopback(&case))?]);
    Ok(())
}

fn line(case: &Case, latency: &str, runs: &[Run]) {
    let worst = |of: fn(&Run) -> f64| runs.iter().map(of).fold(0.0, f64::max);
    let mean = |of: fn(&Run) -> f64| runs.iter().map(of).sum::<f64>() / runs.len() as f64;
    let fairness = if case.clients > 1 {
        let least = runs.iter().map(|run| run.fairness).fold(1.0, f64::min);
        format!("{least:.2} ({:.2})", mean(|run| run.fairness))
    } else {
        "–".to_owned()
    };
    let (time, mean_time) = (worst(|run| run.seconds), mean(|run| run.seconds));
    println!(
        "{:<14} {latency:>7} {:>5} {:>9.2} {:>17} {:>14} {:>13} {fairness:>13}",
        case.name,
        runs.iter().map(|run| run.lost).sum::<u32>(),
        case.perfect,
        format!("{time:.2} ({mean_time:.2})"),
        format!("{:.3} ({:.3})", time / case.perfect, mean_time / case.perfect),
        format!("{:.1} ({:.1})", worst(|run| run.refused), mean(|run| run.refused)),
    );
}

async fn run(case: &Case, latency: Duration, seed: u64) -> Run {
    let service = Simulated::new(case.phases, BURST, latency, seed);
    let started = Instant::now();
    let client = |_| {
        let layer = RetryLayer::from_config(&Config::default());
        tokio::spawn(bulk(layer.layer(service.clone()), CALLS, AT_A_TIME))
    };
    let clients: Vec<_> = (0..case.clients).map(client).collect();
    let mut outcomes = Vec::new();
    for client in clients {
        outcomes.push(client.await.unwrap_or_default());
    }
    came_of(&service, started, &outcomes)
}

/// One client of the case, over sockets.
async fn over_loopback(case: &Case) -> std::io::Result<Run> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let uri = Uri::builder().scheme("http").authority(listener.local_addr()?.to_string());
    let uri = uri.path_and_query("/").build().map_err(std::io::Error::other)?;
    let quota = Simulated::new(case.phases, BURST, Duration::ZERO, 0);
    tokio::spawn(listen(listener, quota.clone()));
    let client = HttpClient::new(&Config::default());
    let client = client.map_request(move |mut request: Request<Bytes>| {
        *request.uri_mut() = uri.clone();
        request
    });
    let started = Instant::now();
    let layer = RetryLayer::from_config(&Config::default());
    let outcome = bulk(layer.layer(client), CALLS, AT_A_TIME).await;
    Ok(came_of(&quota, started, &[outcome]))
}

async fn listen(listener: TcpListener, quota: Simulated) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve(stream, quota.clone()));
    }
}

async fn serve(stream: TcpStream, quota: Simulated) {
    let answer = |_| {
        let answer = quota.clone().oneshot(Request::new(Bytes::new()));
        async { answer.await.map(|response: Response<Bytes>| response.map(Full::new)) }
    };
    let service = hyper::service::service_fn(answer);
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

fn came_of(service: &Simulated, started: Instant, outcomes: &[Outcome]) -> Run {
    let seconds = started.elapsed().as_secs_f64();
    let (accepted, refused) = service.seen();
    let wanted = CALLS * u32::try_from(outcomes.len()).unwrap_or(u32::MAX);
    Run {
        lost: wanted - outcomes.iter().map(Outcome::succeeded).sum::<u32>(),
        seconds,
        refused: 100.0 * f64::from(refused) / f64::from(accepted + refused),
        fairness: simulated::fairness(outcomes),
    }
}
