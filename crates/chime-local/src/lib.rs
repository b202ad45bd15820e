//! A Chime of your own: all operations of Amazon Chime and of Chime SDK meetings and media pipelines,
//! with state behind them.
//!
//! [`LocalChime`] stands in for the services: it keeps state, verifies signatures and responds as they
//! are documented to. It is a [`tower::Service`], to be put wherever a client's transport
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
//! Amazon Chime.
//!
//! The resources of the Chime SDK belong to an AWS account and a control region, which is the region
//! that a request is signed for.
//!
//! # Meetings and events
//!
//! Nobody speaks in a meeting of a local Chime, but everything around it works: [`AttendeeAction`]s
//! are what attendees do in it, meetings end when they are empty for five minutes or a day old, and
//! what happens is an event as EventBridge, SQS and SNS deliver it: see [`LocalChime::events`] and
//! [`LocalChime::subscribe`].
//!
//! Media pipelines join their meetings, walk through their states and stop when the meeting ends. They
//! write nothing, or empty files where [`PipelineRules::artifact_directory`] says.
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
//! | `GET meetings` | lists the SDK meetings, their attendees, who is connected, and which targets get no events and why |
//! | `POST meetings/ID/attendees/ID/ACTION` | lets an attendee `join`, `leave`, `drop`, …: see [`AttendeeAction`]. For `join`, the body may have `JoinToken` and `NetworkType` |
//! | `POST meetings/ID/transcription/ACTION` | lets live transcription `interrupt`, `resume` or `fail`, with a `Message` |
//! | `POST media-pipelines/ID/ACTION` | lets a pipeline or one of its streams fail, start or end: see [`PipelineAction`]. The body may have `Message` and, for a stream, `AttendeeId` |
//! | `POST pools/NAME/ACTION` | lets a pool of Kinesis video streams `fail` or `fail-temporarily` |
//! | `DELETE domains/NAME` | releases a domain, which suspends its users |
//! | `GET snapshots` | lists the snapshots: `{"Snapshots": ["one"]}` |
//! | `PUT snapshots/NAME` | takes a snapshot |
//! | `POST snapshots/NAME/restore` | restores a snapshot |
//! | `DELETE snapshots/NAME` | deletes a snapshot |
//! | `GET clock` | reads the clock: `{"Now": "2025-03-05T12:00:00.000Z", "Mode": "Running"}` |
//! | `PUT clock` | sets `Now`, or `Mode`: `Running` or `Frozen` |
//! | `POST clock/advance` | moves the clock: `{"Seconds": 604800}` |
//! | `GET faults`, `PUT faults` | reads or sets the fault rules: a [`Faults`] |
//! | `GET events?after=N` | the events after a sequence number: `{"Events": [...]}`, each a [`Delivered`] |
//! | `GET events/delivery`, `PUT events/delivery` | reads or sets how events are delivered: [`EventRules`] |
//! | `GET page` | what the page at `/` shows, as HTML |
//! | `GET requests` | the last 200 requests: `{"Requests": [...]}`, each an [`Answered`] |
//!
//! In a browser on the same machine, `/` shows what there is and what happens: requests, events, and the
//! resources of all services, with buttons for the clock, faults, snapshots and attendees. It asks for the
//! control token, or takes it from behind the `#` of its URL, which browsers do not send.

mod chime;
mod config;
mod engine;
mod family;
mod local;
mod meetings;
mod pipelines;
mod rules;
pub mod sample;
mod seed;
#[cfg(test)]
mod testing;

pub use chime::documents::{
    CallingNameChange, ConversationMessage, Meeting, RoomMessage, SettingsOfUser,
};
pub use chime::organisation::Organisation;
pub use chime::phone_stock::{StockNumber, SupportedCountries};
pub use chime::rules::ChimeRules;
pub use config::Config;
pub use engine::clock::{Clock, ClockMode};
pub use engine::credential::Credential;
pub use engine::document::InvalidDocument;
pub use engine::events::{Channel, Delivered, EventRules};
pub use engine::faults::{self, Cut, Faults};
pub use engine::requests::{Answered, OnAnswer};
pub use engine::server::Listening;
pub use engine::server::cors::Origin;
pub use engine::store::StoreError;
pub use engine::world::ActionError;
pub use local::LocalChime;
pub use meetings::presence::AttendeeAction;
pub use meetings::record::{SdkAttendee, SdkMeeting, SdkTranscription, TranscriptionState};
pub use meetings::rules::{MeetingRules, TokenMismatch};
pub use pipelines::control::{PipelineAction, PoolAction};
pub use pipelines::documents::{
    SdkCapturePipeline, SdkConcatenationPipeline, SdkInsightsConfiguration, SdkInsightsPipeline,
    SdkKinesisVideoStream, SdkLiveConnectorPipeline, SdkPipelineMeeting, SdkPool,
    SdkStreamPipeline, SdkTask, TaskKind,
};
pub use pipelines::rules::PipelineRules;
pub use rules::Rules;
pub use seed::Seed;
pub use seed::aws_account::AwsAccount;
pub use seed::sdk_region::SdkRegion;
