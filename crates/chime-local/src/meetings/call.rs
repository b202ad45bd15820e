//! The context of a call, and of everything else that changes meetings.

use chime_model::meetings::{API, MeetingId};
use chime_model::{Exception, Pattern, Rule, ServiceError, Violation, Violations};

use crate::engine::credential::Credential;
use crate::engine::dispatch::Moment;
use crate::engine::errors::{Result, bad_request, common, not_found};
use crate::engine::home::Home;
use crate::engine::violations;
use crate::meetings::Meetings;
use crate::meetings::ending::Watcher;
use crate::meetings::record::MeetingRow;
use crate::meetings::rules::MeetingRules;

/// The characters of external ids. Only the prose of the documentation has this pattern.
static EXTERNAL_ID: Pattern = Pattern::new(r##"[-_&@+=,(){}\[\]\/«».:|'"#a-zA-Z0-9À-ÿ\s]*"##);

/// The service at one moment: its state and its rules.
pub(crate) struct Service<'a> {
    pub(crate) meetings: &'a mut Meetings,
    pub(crate) rules: &'a MeetingRules,
    pub(crate) at: Moment<'a>,
    /// The service that depends on meetings; `None` while that service itself changes them.
    pub(crate) watcher: Option<&'a mut dyn Watcher>,
}

/// One call of one operation.
pub(crate) struct Call<'a> {
    pub(crate) home: Home,
    pub(crate) service: Service<'a>,
}

impl<'a> Call<'a> {
    pub(crate) fn new(service: Service<'a>, caller: &Credential, region: &str) -> Result<Self> {
        let strict = service.rules.strict_control_regions.then_some(API.service);
        Ok(Self { home: Home::of(caller, region, strict)?, service })
    }

    /// Finds a meeting in the caller's account and region.
    pub(super) fn meeting(&self, id: &MeetingId) -> Result<&MeetingRow> {
        self.service.meetings.at_home(&self.home, id).ok_or_else(|| no_meeting(id))
    }

    /// Checks the characters of an external id, and that AWS does not reserve it.
    pub(super) fn check_external_id(&self, path: &str, id: &str) -> Result<()> {
        if !EXTERNAL_ID.matches(id) {
            let rule = Rule::Pattern { pattern: EXTERNAL_ID.as_str() };
            return Err(self.invalid(Violation::new(path, rule)));
        }
        if id.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:")) {
            return Err(bad_request(format!("{path}: must not start with aws:")));
        }
        Ok(())
    }

    /// Returns the error for a broken constraint that the API description leaves out.
    pub(super) fn invalid(&self, violation: Violation) -> ServiceError {
        invalid(self.service.rules, &violation.into())
    }
}

pub(crate) fn no_meeting(id: &MeetingId) -> ServiceError {
    not_found(&format!("Meeting <{id}>"))
}

/// Returns the error for broken constraints.
pub(crate) fn invalid(rules: &MeetingRules, broken: &Violations) -> ServiceError {
    let mut error = common(&rules.constraint_error_name, 400, violations::text(broken));
    error.code = Exception::BadRequest.code().map(str::to_owned);
    error
}
