//! An Amazon Chime of your own.
//!
//! [`LocalChime`] stands in for the service: it keeps state, checks signatures and answers as the
//! service is documented to. Embed it as a [`tower::Service`] wherever a client's transport goes,
//! or let it listen on a port with [`LocalChime::serve`].
//!
//! ```
//! use chime_local::LocalChime;
//! use tower::Service;
//!
//! let mut chime = LocalChime::sample();
//! let unsigned = http::Request::get("/accounts").body(bytes::Bytes::new()).unwrap();
//! let response = chime.call(unsigned).into_inner().unwrap();
//! assert_eq!(response.status(), 403);
//! assert_eq!(response.headers()["x-amzn-errortype"], "MissingAuthenticationTokenException");
//! ```
//!
//! It answers 25 of the 62 operations: those of accounts, users, rooms and memberships, settings
//! left out. The others are refused with `NotImplementedException`, HTTP 501. Where the behaviour
//! of the service is not documented, it is our choice; [`Rules`] has the choices that you can
//! change.

mod accounts;
mod auth;
mod aws_account;
mod call;
mod config;
mod dates;
mod dispatch;
mod hex;
mod ids;
mod inventory;
mod meetings;
mod memberships;
mod numbers;
mod organisation;
mod paging;
mod record;
mod refusal;
mod rooms;
mod rules;
pub mod sample;
mod server;
mod service;
mod settings;
mod state;
mod table;
#[cfg(test)]
mod testing;
mod users;

pub use aws_account::{AwsAccount, Meeting};
pub use config::{Clock, Config, Credential};
pub use organisation::Organisation;
pub use rules::Rules;
pub use service::LocalChime;
