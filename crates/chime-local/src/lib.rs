//! An Amazon Chime of your own: all 62 operations, with state behind them.
//!
//! [`LocalChime`] stands in for the service: it keeps state, verifies signatures and responds as the
//! service is documented to. It is a [`tower::Service`], to be put wherever a client's transport
//! goes, and it can listen on a port for clients of any kind. Clones share their state; two that are
//! created separately share nothing.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! use chime_local::LocalChime;
//! use tower::Service;
//!
//! // Without a socket …
//! let mut chime = LocalChime::sample();
//! let unsigned = http::Request::get("/accounts").body(bytes::Bytes::new())?;
//! let response = chime.call(unsigned).await?;
//! assert_eq!(response.headers()["x-amzn-errortype"], "MissingAuthenticationTokenException");
//!
//! // … or with one, until it is dropped.
//! let listening = chime.listen("127.0.0.1:0")?;
//! println!("export AWS_ENDPOINT_URL_CHIME={}", listening.url());
//! # Ok::<_, Box<dyn std::error::Error>>(()) })?;
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! # Services
//!
//! The services of the Chime family all sign as `chime` and share some routes, so a request names its
//! service by the first segment of its path, as in the endpoint URL
//! `http://127.0.0.1:8080/chime-sdk-meetings`, or by its host, as in
//! `meetings-chime.us-east-1.amazonaws.com` and `meetings.localhost`. A request that names none is for
//! Amazon Chime, which is the only service so far.
//!
//! # Initial state
//!
//! Many states cannot be reached by any operation: an Enterprise account, a registered user, a
//! message, a phone number that can be ordered. A [`Seed`] puts them in place, as a document or from
//! Rust, at the start or later; [`sample`] is one that is ready for use. [`LocalChime::export`] writes
//! the present state as a seed.
//!
//! ```
//! use chime_local::{Config, LocalChime, Seed};
//!
//! let seed = Seed::parse(r#"{
//!     "Organisations": [{
//!         "Account": {"AwsAccountId": "111122223333", "AccountId": "a", "Name": "Harbour"},
//!         "Users": [{"UserId": "u", "PrimaryEmail": "ines@harbour.example"}]
//!     }]
//! }"#)?;
//! let chime = LocalChime::new(Config { seed, ..Config::default() })?;
//!
//! chime.take_snapshot("one user")?;
//! // … whatever a test does …
//! chime.restore_snapshot("one user")?;
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! # Time, chance and faults
//!
//! The [`Clock`] of the Chime can be frozen and moved, so that an order ends or a week passes at once;
//! signatures go by the machine's clock all the while. Ids follow from a seed and are the same in
//! every run. [`faults`] throttles, fails, delays and cuts connections on purpose, and goes by the
//! clock of the tokio runtime, which a test can pause. Where the behaviour of the service is not
//! documented, the choices are in [`Rules`].
//!
//! A call that fails changes nothing. Nor does one that could not be saved.
//!
//! # In a file
//!
//! With the feature `durable`, `LocalChime::open` saves everything in a file, over restarts and
//! crashes. With the feature `yaml`, documents may be YAML.
//!
//! # The control endpoint
//!
//! A Chime that listens serves a control endpoint below `/_chime/` on the same port, for programs on
//! the same machine that send `Authorization: Bearer TOKEN` with the control token: that of
//! [`Config`], or a random one that [`Listening::control_token`] tells. Web pages of other sites and
//! requests that a proxy forwarded are refused. Bodies are JSON.
//!
//! | request | effect |
//! | --- | --- |
//! | `GET /_chime/` | lists these requests |
//! | `GET state` | writes the present state as a [`Seed`] |
//! | `POST seed` | adds a [`Seed`] of up to 256 MiB |
//! | `POST reset` | goes back to the initial state |
//! | `DELETE domains/NAME` | releases a domain, which suspends its users |
//! | `GET snapshots` | lists the snapshots: `{"Snapshots": ["one"]}` |
//! | `PUT snapshots/NAME` | takes a snapshot |
//! | `POST snapshots/NAME/restore` | restores a snapshot |
//! | `DELETE snapshots/NAME` | deletes a snapshot |
//! | `GET clock` | reads the clock: `{"Now": "2025-03-05T12:00:00.000Z", "Mode": "Running"}` |
//! | `PUT clock` | sets `Now`, or `Mode`: `Running` or `Frozen` |
//! | `POST clock/advance` | moves the clock: `{"Seconds": 604800}` |
//! | `GET faults`, `PUT faults` | reads or sets the fault rules: a [`Faults`] |
//! | `GET page` | the state as HTML |
//! | `GET requests` | the last 200 requests: `{"Requests": [...]}`, each an [`Answered`] |
//!
//! In a browser on the same machine, `/` shows the state: accounts, users, rooms, memberships, phone
//! numbers and the last requests. It asks for the control token, or takes it from behind the `#` of its
//! URL, which browsers do not send.

mod chime;
mod config;
mod engine;
mod family;
mod local;
pub mod sample;
mod seed;
#[cfg(test)]
mod testing;

pub use chime::aws_account::AwsAccount;
pub use chime::documents::{
    CallingNameChange, ConversationMessage, Meeting, RoomMessage, SettingsOfUser,
};
pub use chime::organisation::Organisation;
pub use chime::phone_stock::{StockNumber, SupportedCountries};
pub use chime::rules::Rules;
pub use config::Config;
pub use engine::clock::{Clock, ClockMode};
pub use engine::credential::Credential;
pub use engine::document::InvalidDocument;
pub use engine::faults::{self, Cut, Faults};
pub use engine::requests::{Answered, OnAnswer};
pub use engine::server::Listening;
pub use engine::server::cors::Origin;
pub use engine::store::StoreError;
pub use local::LocalChime;
pub use seed::Seed;
