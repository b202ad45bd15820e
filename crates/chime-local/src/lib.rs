//! An Amazon Chime of your own.
//!
//! [`LocalChime`] stands in for the service: it keeps state, checks signatures and answers as the
//! service is documented to. Embed it as a [`tower::Service`] wherever a client's transport goes,
//! or let it listen on a port with [`LocalChime::serve`].
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! use chime_local::LocalChime;
//! use tower::Service;
//!
//! let mut chime = LocalChime::sample();
//! let unsigned = http::Request::get("/accounts").body(bytes::Bytes::new()).unwrap();
//! let response = chime.call(unsigned).await.unwrap();
//! assert_eq!(response.status(), 403);
//! assert_eq!(response.headers()["x-amzn-errortype"], "MissingAuthenticationTokenException");
//! # });
//! ```
//!
//! It answers 25 of the 62 operations: those of accounts, users, rooms and memberships, settings
//! left out. The others are refused with `NotImplementedException`, HTTP 501. Where the behaviour
//! of the service is not documented, it is our choice; [`Rules`] has the choices that you can
//! change.

mod accounts;
mod auth;
mod aws_account;
mod bots;
mod call;
mod clock;
mod config;
mod control;
mod dates;
mod dispatch;
mod document;
pub mod faults;
mod hex;
mod ids;
mod inventory;
mod meetings;
mod memberships;
mod messages;
mod numbers;
mod organisation;
mod page;
mod paging;
mod record;
mod refusal;
mod requests;
mod rooms;
mod rows;
mod rules;
pub mod sample;
mod seed;
mod server;
mod service;
mod settings;
mod state;
mod store;
mod table;
#[cfg(test)]
mod testing;
mod upkeep;
mod users;

pub use aws_account::{AwsAccount, Meeting};
pub use clock::{Clock, ClockMode};
pub use config::{Config, Credential, OnAnswer};
pub use faults::{Cut, Faults};
pub use organisation::{ConversationMessage, Organisation, RoomMessage, SettingsOfUser};
pub use requests::Answered;
pub use rules::{InvalidRules, Rules};
pub use seed::{Seed, SeedError};
pub use service::LocalChime;
pub use store::StoreError;
