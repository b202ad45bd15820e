//! A local emulator of Amazon Chime, Chime SDK meetings and Chime SDK media pipelines, with all
//! their operations.
//!
//! [`LocalChime`] keeps the resources that calls create, verifies signatures, and responds as the
//! services are documented to. It is a [`tower::Service`] that takes the place of a client's
//! transport, and it can listen on a port for any other client. Clones share their state.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! use chime_local::LocalChime;
//! use tower::Service;
//!
//! // In process, without a socket …
//! let mut chime = LocalChime::sample();
//! let unsigned = http::Request::get("/accounts").body(bytes::Bytes::new())?;
//! let response = chime.call(unsigned).await?;
//! assert_eq!(response.headers()["x-amzn-errortype"], "MissingAuthenticationTokenException");
//!
//! // … or on a port, until `listening` is dropped.
//! let listening = chime.listen("127.0.0.1:0")?;
//! println!("export AWS_ENDPOINT_URL_CHIME={}", listening.url());
//! # Ok::<_, Box<dyn std::error::Error>>(()) })?;
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! # Services
//!
//! All services of the Chime family have the signing name `chime`, and some of their routes
//! overlap. A request therefore names its service in the first segment of its path, as in the
//! endpoint URL `http://127.0.0.1:8080/chime-sdk-meetings`, or in its host, as in
//! `meetings-chime.us-east-1.amazonaws.com` and `meetings.localhost`. A request that names no
//! service is for Amazon Chime.
//!
//! The resources of the Chime SDK belong to an AWS account and a control region, which is the
//! region that a request is signed for.
//!
//! # Meetings and events
//!
//! Meetings carry no media. [`AttendeeAction`]s simulate what attendees do, and meetings end after
//! five minutes without attendees or after a day. Events have the form in which EventBridge, SQS
//! and SNS deliver them; read them with [`LocalChime::events`] or [`LocalChime::subscribe`].
//!
//! Media pipelines join their meetings, change their status and stop when the meeting ends. They
//! write no artifacts, or empty files below [`PipelineRules::artifact_directory`] if it is set.
//!
//! # Initial state
//!
//! Some resources cannot be created by any operation, such as an Enterprise account, a message or a
//! phone number that can be ordered. A [`Seed`] adds them, from a document or from Rust, at the
//! start or later. [`sample`] is a small seed that is ready for use. [`LocalChime::export`] returns
//! the current state as a seed.
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
//! # Time, ids and faults
//!
//! The [`Clock`] can be frozen and moved, so that a test completes a phone number order or skips a
//! week at once. Signatures are always checked against the machine's clock. Ids are generated from
//! [`Config::random_seed`] and are the same in every run. [`faults`] throttle calls, fail them,
//! delay them or cut their connections. They use the clock of the tokio runtime, which a test can
//! pause. [`Rules`] set the limits, and the behaviour where that of the services is not documented.
//!
//! A call that fails, or whose changes cannot be saved, changes nothing.
//!
//! # State file
//!
//! With the feature `durable`, `LocalChime::open` saves the state in a file, which survives
//! restarts and crashes. With the feature `yaml`, documents can be YAML.
//!
//! # Control endpoint
//!
//! An emulator that listens serves a control endpoint below `/_chime/` on the same port, for programs
//! on the same machine that send `Authorization: Bearer TOKEN` with the control token. The token is
//! set in [`Config`], or random: see [`Listening::control_token`]. Requests from web pages of other
//! sites and through proxies are refused. Bodies are JSON.
//!
//! | request | effect |
//! | --- | --- |
//! | `GET /_chime/` | lists these requests |
//! | `GET state` | returns the current state as a [`Seed`] |
//! | `POST seed` | adds a [`Seed`] of up to 256 MiB |
//! | `POST reset` | restores the initial state |
//! | `GET meetings` | lists the SDK meetings, their attendees, who is connected, and the targets that get no events, with the reason |
//! | `POST meetings/ID/attendees/ID/ACTION` | makes an attendee `join`, `leave`, `drop`, …: see [`AttendeeAction`]. For `join`, the body can have `JoinToken` and `NetworkType` |
//! | `POST meetings/ID/transcription/ACTION` | makes live transcription `interrupt`, `resume` or `fail`, with a `Message` |
//! | `POST media-pipelines/ID/ACTION` | makes a pipeline or one of its streams fail, start or end: see [`PipelineAction`]. The body can have `Message` and, for a stream, `AttendeeId` |
//! | `POST pools/NAME/ACTION` | makes a pool of Kinesis video streams `fail` or `fail-temporarily` |
//! | `DELETE domains/NAME` | releases a domain, which suspends its users |
//! | `GET snapshots` | lists the snapshots: `{"Snapshots": ["one"]}` |
//! | `PUT snapshots/NAME` | takes a snapshot |
//! | `POST snapshots/NAME/restore` | restores a snapshot |
//! | `DELETE snapshots/NAME` | deletes a snapshot |
//! | `GET clock` | reads the clock: `{"Now": "2025-03-05T12:00:00.000Z", "Mode": "Running"}` |
//! | `PUT clock` | sets `Now`, or `Mode`: `Running` or `Frozen` |
//! | `POST clock/advance` | moves the clock: `{"Seconds": 604800}` |
//! | `GET faults`, `PUT faults` | reads or sets the fault rules: a [`Faults`] |
//! | `GET events?after=N` | lists the events after a sequence number: `{"Events": [...]}`, each a [`Delivered`] |
//! | `GET events/delivery`, `PUT events/delivery` | reads or sets how events are delivered: [`EventRules`] |
//! | `GET page` | returns the content of the page at `/`, as HTML |
//! | `GET requests` | lists the last 200 requests: `{"Requests": [...]}`, each an [`LoggedRequest`] |
//!
//! In a browser on the same machine, the page at `/` shows the last requests and events and the
//! resources of all services, with buttons for the clock, faults, snapshots and attendees. It asks
//! for the control token, or takes it from the fragment (`#TOKEN`) of its URL, which browsers do
//! not send.

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
pub use engine::requests::{LoggedRequest, OnResponse};
pub use engine::server::Listening;
pub use engine::server::cors::Origin;
pub use engine::store::StoreError;
pub use engine::world::ActionError;
pub use local::LocalChime;
pub use meetings::presence::AttendeeAction;
pub use meetings::record::{SdkAttendee, SdkMeeting, SdkTranscription, TranscriptionState};
pub use meetings::rules::{MeetingRules, TokenMismatch};
pub use pipelines::concatenation::SdkConcatenationPipeline;
pub use pipelines::control::{PipelineAction, PoolAction};
pub use pipelines::documents::{
    SdkInsightsConfiguration, SdkKinesisVideoStream, SdkPipeline, SdkPipelineMeeting,
    SdkPipelineState, SdkPool, SdkTask, TaskKind,
};
pub use pipelines::rules::PipelineRules;
pub use rules::Rules;
pub use seed::Seed;
pub use seed::aws_account::AwsAccount;
pub use seed::sdk_region::SdkRegion;
