//! The engine: all that an AWS service needs to run here, whatever service it is.

pub(crate) mod auth;
pub(crate) mod clock;
pub(crate) mod config;
pub(crate) mod control;
pub(crate) mod dates;
pub(crate) mod dispatch;
pub(crate) mod document;
pub mod faults;
pub(crate) mod hex;
pub(crate) mod ids;
pub(crate) mod page;
pub(crate) mod paging;
pub(crate) mod refusal;
pub(crate) mod requests;
pub(crate) mod rows;
pub(crate) mod server;
pub(crate) mod service;
pub(crate) mod store;
pub(crate) mod table;
pub(crate) mod upkeep;
