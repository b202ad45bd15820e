//! What a handler of meetings works with.

use chime_model::meetings::{API, MeetingId};
use chime_model::{Exception, ServiceError, Violation, Violations};

use crate::engine::dispatch::{Context, Moment};
use crate::engine::errors::{Result, common, not_found};
use crate::engine::home::Home;
use crate::engine::violations;
use crate::meetings::Meetings;
use crate::meetings::ending::Watcher;
use crate::meetings::record::MeetingRow;
use crate::meetings::rules::MeetingRules;

/// One call of one operation.
pub(crate) struct Call<'a> {
    pub(crate) home: Home,
    pub(crate) at: Moment<'a>,
    pub(crate) rules: &'a MeetingRules,
    pub(crate) meetings: &'a mut Meetings,
    pub(crate) watcher: &'a mut dyn Watcher,
}

impl<'a> Call<'a> {
    pub(crate) fn new(
        meetings: &'a mut Meetings,
        watcher: &'a mut dyn Watcher,
        rules: &'a MeetingRules,
        context: Context<'a>,
    ) -> Result<Self> {
        let Context { caller, region, at } = context;
        let strict = rules.strict_control_regions.then_some(API.service);
        let home = Home::of(caller, region, strict)?;
        Ok(Self { home, at, rules, meetings, watcher })
    }

    /// The meeting of that id in the caller's account and region.
    pub(super) fn meeting(&self, id: &MeetingId) -> Result<&MeetingRow> {
        self.meetings.at_home(&self.home, id).ok_or_else(|| no_meeting(id))
    }

    /// The error for a broken constraint that no description has.
    pub(super) fn invalid(&self, violation: Violation) -> ServiceError {
        invalid(self.rules, &violation.into())
    }
}

pub(super) fn no_meeting(id: &MeetingId) -> ServiceError {
    not_found(&format!("Meeting <{id}>"))
}

pub(super) fn limit_exceeded(message: &str) -> ServiceError {
    ServiceError::new(Exception::LimitExceeded, message)
}

/// The error for broken constraints.
pub(crate) fn invalid(rules: &MeetingRules, broken: &Violations) -> ServiceError {
    let mut error = common(&rules.constraint_error_name, 400, violations::text(broken));
    error.code = Exception::BadRequest.code().map(str::to_owned);
    error
}
