//! Calls every operation of the emulator with the official crates, and checks that every exception arrives as a
//! typed error.
//!
//! The first argument is the URL of the emulator.

mod accounts;
mod control;
mod faults;
mod insights;
mod meetings;
mod phones;
mod pipelines;
mod record;
mod rooms;

use std::collections::BTreeSet;
use std::error::Error;
use std::process::ExitCode;

use aws_sdk_chime::config::retry::RetryConfig;
use aws_sdk_chime::config::{Credentials, Region};
use aws_sdk_chime::error::DisplayErrorContext;
use aws_smithy_http_client::Builder;

use control::Control;
use record::Record;

/// The result of a scenario. An error ends the program.
type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// Makes a call that must fail with this typed error.
#[macro_export]
macro_rules! refused {
    ($call:expr, $error:pat) => {
        match $call.send().await.map_err(|error| error.into_service_error()) {
            Err($error) => {}
            other => panic!("{} should be {}, is {other:?}", stringify!($call), stringify!($error)),
        }
    };
}

/// Creates the client of a crate for the emulator at this URL.
macro_rules! client {
    ($sdk:ident, $url:expr, $record:expr) => {{
        let key = Credentials::new("AKIDINTEROP", "interop-secret", None, None, "interop");
        let config = $sdk::Config::builder()
            .endpoint_url($url)
            .region(Region::new("eu-central-1"))
            .credentials_provider(key)
            .http_client(Builder::new().build_http())
            .interceptor($record.clone())
            // One attempt, so that every fault is visible.
            .retry_config(RetryConfig::disabled())
            .behavior_version_latest();
        $sdk::Client::from_conf(config.build())
    }};
}

fn main() -> ExitCode {
    let record = Record::default();
    let outcome = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Into::into)
        .and_then(|runtime| runtime.block_on(live(&record)));
    match outcome {
        Ok(()) => {
            println!("{} operations, {} errors", record.succeeded(), record.errors());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{}\nlast call: {}", DisplayErrorContext(&*error), record.last());
            ExitCode::FAILURE
        }
    }
}

async fn live(record: &Record) -> Outcome {
    let url = std::env::args().nth(1).ok_or("missing argument: the URL of the local Chime")?;
    let control = Control::of(&url)?;
    chime(&client!(aws_sdk_chime, &url, record), &control).await?;
    let meetings = client!(aws_sdk_chimesdkmeetings, format!("{url}/chime-sdk-meetings"), record);
    meetings::all(&meetings, &control).await?;
    let url = format!("{url}/chime-sdk-media-pipelines");
    let pipelines = client!(aws_sdk_chimesdkmediapipelines, url, record);
    pipelines::all(&pipelines, &meetings, &control).await?;
    complete(record)
}

async fn chime(client: &aws_sdk_chime::Client, control: &Control) -> Outcome {
    accounts::team(client).await?;
    let northwind = accounts::find(client, "Northwind").await?;
    accounts::enterprise(client, &northwind).await?;
    accounts::directory(client).await?;
    rooms::rooms(client, &northwind).await?;
    rooms::messages(client, &northwind).await?;
    rooms::bots(client, &northwind).await?;
    phones::settings(client).await?;
    faults::of_chime(client, control).await?;
    // Last, as it moves the clock.
    phones::numbers(client, control, &northwind).await
}

/// Checks that every exception was provoked.
fn complete(record: &Record) -> Outcome {
    let all: BTreeSet<(String, String)> = faults::EXCEPTIONS
        .iter()
        .flat_map(|(service, names)| {
            names.iter().map(move |name| ((*service).to_owned(), format!("{name}Exception")))
        })
        .collect();
    let met = record.met();
    if met == all {
        return Ok(());
    }
    let lacking: Vec<_> = all.difference(&met).collect();
    let surplus: Vec<_> = met.difference(&all).collect();
    Err(format!("exceptions not provoked: {lacking:?}; unexpected exceptions: {surplus:?}").into())
}
