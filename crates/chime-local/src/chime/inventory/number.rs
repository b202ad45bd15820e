//! A phone number of an inventory.

use chime_model::SensitiveString;
use chime_model::chime::*;
use chime_model::timestamp::Iso8601;
use serde::{Deserialize, Serialize};
use serde_with::As;
use time::OffsetDateTime;

use crate::ChimeRules;
use crate::engine::errors::{Result, not_found};

/// A number with its pending calling name.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct NumberRecord {
    pub(crate) number: PhoneNumber,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name_change: Option<NameChange>,
}

/// A pending calling name, and the time of the request.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct NameChange {
    pub(crate) name: SensitiveString,
    #[serde(with = "As::<Iso8601>")]
    pub(crate) since: OffsetDateTime,
}

/// Converts an id that a caller sent, in the form `%2B1…`, `+1…` or `1…`, to the form of the
/// service, `%2B1…`.
///
/// # Errors
/// `NotFoundException` if the id has another form.
pub(crate) fn canonical(id: &PhoneNumberId) -> Result<PhoneNumberId> {
    let number = id.to_e164().and_then(|number| PhoneNumberId::from_e164(number.expose()).ok());
    number.ok_or_else(|| not_found("Phone number"))
}

impl NumberRecord {
    pub(crate) fn is(&self, status: &PhoneNumberStatus) -> bool {
        self.number.status.as_ref() == Some(status)
    }

    /// Whether the number is neither being acquired nor being deleted.
    pub(crate) fn is_usable(&self) -> bool {
        self.is(&PhoneNumberStatus::Unassigned) || self.is(&PhoneNumberStatus::Assigned)
    }

    pub(crate) fn associations(&self) -> &[PhoneNumberAssociation] {
        self.number.associations.as_deref().unwrap_or_default()
    }

    /// The value of an association.
    pub(crate) fn associated(&self, name: &PhoneNumberAssociationName) -> Option<&str> {
        let mut associations = self.associations().iter();
        associations.find(|found| found.name.as_ref() == Some(name))?.value.as_deref()
    }

    /// The account and the user that the number is associated with.
    pub(crate) fn user(&self) -> Option<(AccountId, UserId)> {
        let account = self.associated(&PhoneNumberAssociationName::AccountId)?;
        let user = self.associated(&PhoneNumberAssociationName::UserId)?;
        Some((account.into(), user.into()))
    }

    /// The number as responses show it.
    pub(crate) fn shown(&self, rules: &ChimeRules) -> PhoneNumber {
        let mut number = self.number.clone();
        if let Some(change) = self.name_change.as_ref().filter(|_| rules.pending_name_shows) {
            number.calling_name = Some(change.name.clone());
        }
        number
    }

    /// Makes the pending calling name effective.
    pub(super) fn finish_name_change(&mut self, then: OffsetDateTime) {
        if let Some(change) = self.name_change.take() {
            self.number.calling_name = Some(change.name);
            self.number.calling_name_status = Some(CallingNameStatus::UpdateSucceeded);
            self.number.updated_timestamp = Some(then);
        }
    }

    /// Completes the acquisition of the number. Returns whether it was being acquired.
    pub(super) fn acquire(&mut self, then: OffsetDateTime) -> bool {
        let is_reserved = self.is(&PhoneNumberStatus::AcquireInProgress);
        if is_reserved {
            self.move_to(PhoneNumberStatus::Unassigned, then);
        }
        is_reserved
    }

    pub(crate) fn move_to(&mut self, status: PhoneNumberStatus, then: OffsetDateTime) {
        self.number.status = Some(status);
        self.number.updated_timestamp = Some(then);
    }
}
