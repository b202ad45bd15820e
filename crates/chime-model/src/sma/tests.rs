//! Tests of events, actions and responses.

mod checks;
mod events;
mod forms;
mod responses;
mod samples;
mod strategies;
