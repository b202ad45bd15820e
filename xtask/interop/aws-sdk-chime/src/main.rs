//! The official crate against the local Chime: calls every operation, and matches on typed errors.
//!
//! The URL of the local Chime is the first argument.

mod accounts;
mod phones;
mod record;
mod rooms;

use std::error::Error;
use std::process::ExitCode;

use aws_sdk_chime::Client;
use aws_sdk_chime::config::{Config, Credentials, Region};
use aws_sdk_chime::error::DisplayErrorContext;
use aws_smithy_http_client::Builder;

use record::Record;

/// A call that fails ends the program.
type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// A call that must be refused, with the typed error that the service answers with.
#[macro_export]
macro_rules! refused {
    ($call:expr, $error:pat) => {
        match $call.send().await.map_err(|error| error.into_service_error()) {
            Err($error) => {}
            other => panic!("{} should be {}, is {other:?}", stringify!($call), stringify!($error)),
        }
    };
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
    let url = std::env::args().nth(1).ok_or("the URL of the local Chime is missing")?;
    let client = client(&url, record);
    accounts::team(&client).await?;
    let northwind = accounts::find(&client, "Northwind").await?;
    accounts::enterprise(&client, &northwind).await?;
    accounts::directory(&client).await?;
    rooms::rooms(&client, &northwind).await?;
    rooms::messages(&client, &northwind).await?;
    rooms::bots(&client, &northwind).await?;
    phones::numbers(&client, &northwind).await?;
    phones::settings(&client).await
}

fn client(url: &str, record: &Record) -> Client {
    let key = Credentials::new("AKIDINTEROP", "interop-secret", None, None, "interop");
    let config = Config::builder()
        .endpoint_url(url)
        .region(Region::new("eu-central-1"))
        .credentials_provider(key)
        .http_client(Builder::new().build_http())
        .interceptor(record.clone())
        .behavior_version_latest();
    Client::from_conf(config.build())
}
