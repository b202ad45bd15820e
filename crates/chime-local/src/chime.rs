//! Amazon Chime: its records, handlers, rules and seeds.

pub(crate) mod accounts;
pub(crate) mod aws_account;
pub(crate) mod bots;
pub(crate) mod call;
pub(crate) mod inventory;
pub(crate) mod meetings;
pub(crate) mod memberships;
pub(crate) mod messages;
pub(crate) mod numbers;
pub(crate) mod organisation;
pub(crate) mod phone_stock;
pub(crate) mod record;
pub(crate) mod rooms;
pub(crate) mod rules;
pub(crate) mod seed;
pub(crate) mod settings;
pub(crate) mod state;
pub(crate) mod users;
