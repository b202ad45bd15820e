//! What an AWS account can have and no structure of the API describes.

use chime_model::SensitiveString;
use chime_model::chime::{MeetingId, PhoneNumberId};
use chime_model::timestamp::Iso8601;
use serde::{Deserialize, Serialize};
use serde_with::As;
use time::OffsetDateTime;

/// A meeting, as far as this API knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Meeting {
    /// The meeting, a GUID.
    pub meeting_id: MeetingId,
    /// The tokens of its attendees: 2 to 2,048 letters, digits, `+` and `/` each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub join_tokens: Vec<SensitiveString>,
}

/// A calling name on its way to the carriers, while the number still has another one or none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CallingNameChange {
    /// The number, one of the same AWS account and seed.
    #[serde(rename = "E164PhoneNumber")]
    pub e164_phone_number: SensitiveString,
    /// The name that it gets: 2 to 15 letters, digits and spaces.
    pub calling_name: SensitiveString,
    /// When that was asked for; by default when the number changed last.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "As::<Option<Iso8601>>")]
    pub since: Option<OffsetDateTime>,
}

impl CallingNameChange {
    /// A change that began when the number changed last.
    #[must_use]
    pub fn new(
        e164_phone_number: impl Into<SensitiveString>,
        calling_name: impl Into<SensitiveString>,
    ) -> Self {
        Self {
            e164_phone_number: e164_phone_number.into(),
            calling_name: calling_name.into(),
            since: None,
        }
    }

    /// The id of the number. `None` if it is none.
    pub(crate) fn id(&self) -> Option<PhoneNumberId> {
        PhoneNumberId::from_e164(self.e164_phone_number.expose()).ok()
    }
}
