//! The engine: everything that an emulated AWS service needs, independent of the services.
//!
//! The services implement the traits of [`world`] and [`dispatch`].

pub(crate) mod auth;
pub(crate) mod clock;
pub(crate) mod control;
pub(crate) mod core;
pub(crate) mod credential;
pub(crate) mod dates;
pub(crate) mod dispatch;
pub(crate) mod document;
pub(crate) mod errors;
pub(crate) mod events;
pub mod faults;
pub(crate) mod hex;
pub(crate) mod home;
pub(crate) mod ids;
pub(crate) mod index;
pub(crate) mod indexed;
pub(crate) mod page;
pub(crate) mod paging;
pub(crate) mod requests;
pub(crate) mod routing;
pub(crate) mod rows;
pub(crate) mod rules;
pub(crate) mod seeding;
pub(crate) mod server;
pub(crate) mod store;
pub(crate) mod sts;
pub(crate) mod table;
pub(crate) mod tags;
pub(crate) mod text;
pub(crate) mod view;
pub(crate) mod violations;
pub(crate) mod world;
