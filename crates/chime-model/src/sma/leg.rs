//! The legs of a call.

ids! {
    /// The id of a leg of a call: a GUID.
    CallId;
}

open_enum! {
    /// The tag of a leg.
    ParticipantTag {
        /// The first leg: the caller, or the party that the application called.
        LegA = "LEG-A",
        /// The second leg: whom the call is bridged to, or a meeting.
        LegB = "LEG-B",
    }
}

as_serde_reads!(CallId);

impl super::parameter::Parameter for ParticipantTag {
    fn read(value: crate::Value) -> Result<Self, super::parameter::Flaw> {
        value.as_text().map(Self::normalized).ok_or(super::parameter::Flaw::Value)
    }

    fn check(&self) -> Result<(), super::parameter::Flaw> {
        // The service treats an empty tag as absent.
        match self.is_known() || self.as_str().is_empty() {
            true => Ok(()),
            false => Err(super::parameter::Flaw::Value),
        }
    }
}

impl ParticipantTag {
    /// Reads a tag in upper or lower case: old events have `Leg-A`.
    pub(super) fn normalized(text: &str) -> Self {
        match Self::from(text.to_ascii_uppercase()) {
            Self::Unknown(_) => Self::from(text),
            known => known,
        }
    }
}

/// A leg of a call.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Leg {
    /// The first leg: the caller, or the party that the application called.
    A,
    /// The second leg: whom the call is bridged to, or a meeting.
    B,
    /// The leg with this id.
    Call(CallId),
}

impl Leg {
    /// The leg with this id or tag. The id takes precedence.
    pub(super) fn of(call_id: Option<&CallId>, tag: Option<&ParticipantTag>) -> Option<Self> {
        match (call_id, tag) {
            (Some(call_id), _) => Some(Self::Call(call_id.clone())),
            (None, Some(ParticipantTag::LegA)) => Some(Self::A),
            (None, Some(ParticipantTag::LegB)) => Some(Self::B),
            (None, _) => None,
        }
    }

    pub(super) fn into_members(self) -> (Option<CallId>, Option<ParticipantTag>) {
        match self {
            Self::A => (None, Some(ParticipantTag::LegA)),
            Self::B => (None, Some(ParticipantTag::LegB)),
            Self::Call(call_id) => (Some(call_id), None),
        }
    }
}

impl From<CallId> for Leg {
    fn from(call_id: CallId) -> Self {
        Self::Call(call_id)
    }
}
