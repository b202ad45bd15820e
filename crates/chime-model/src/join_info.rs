//! The JSON document that a client of the Chime SDK needs to join a meeting.

use std::collections::BTreeMap;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Value;
use crate::meetings::{Attendee, ExternalMeetingId, Meeting};
use crate::nulls::without_nulls;

/// The document that a backend sends to a client of the Chime SDK, so that the client can join a meeting.
///
/// It has two JSON forms, [`nested`](Self::nested) and [`flat`](Self::flat), and deserializes from both. The
/// client libraries accept meeting and attendee in either form. The demo apps for iOS and Android read only
/// the nested form.
///
/// The document contains the attendee's `JoinToken`, which is a secret: send it only to this attendee. `Debug`
/// and [`Masked`](crate::Masked) redact it.
///
/// ```
/// use chime_model::JoinInfo;
/// use chime_model::meetings::{Attendee, Meeting};
///
/// let meeting = Meeting::default().meeting_id("3f9c2a71-84d5-4e0b-9c36-7a1e5b082713");
/// let attendee = Attendee::default().attendee_id("5b0e7d92").join_token("secret");
/// let info = JoinInfo::new(meeting, attendee);
///
/// let nested = serde_json::to_value(info.nested()).unwrap();
/// assert_eq!(nested["JoinInfo"]["Attendee"]["Attendee"]["JoinToken"], "secret");
/// let flat = serde_json::to_value(info.flat()).unwrap();
/// assert_eq!(flat["Attendee"]["JoinToken"], "secret");
///
/// assert_eq!(serde_json::from_value::<JoinInfo>(nested).unwrap(), info);
/// assert_eq!(serde_json::from_value::<JoinInfo>(flat).unwrap(), info);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct JoinInfo {
    /// The meeting, as the service returned it.
    ///
    /// The demo apps need all URLs of its media placement.
    pub meeting: Meeting,
    /// The attendee, as the service returned it.
    pub attendee: Attendee,
    /// The external id of the primary meeting, if the meeting is a replica.
    pub primary_external_meeting_id: Option<ExternalMeetingId>,
}

impl JoinInfo {
    /// Creates the document for an attendee of a meeting.
    #[must_use]
    pub fn new(meeting: Meeting, attendee: Attendee) -> Self {
        Self { meeting, attendee, primary_external_meeting_id: None }
    }

    setters! { primary_external_meeting_id, set_primary_external_meeting_id: ExternalMeetingId }

    /// Serializes as `{"JoinInfo":{"Attendee":{"Attendee":{…}},"Meeting":{"Meeting":{…}}}}`.
    ///
    /// Unset members are left out, even inside [`WithNulls`](crate::WithNulls), because the JavaScript client
    /// fails on null.
    #[must_use]
    pub fn nested(&self) -> impl Serialize + '_ {
        BTreeMap::from([(
            "JoinInfo",
            WithoutNulls(Halves {
                attendee: BTreeMap::from([("Attendee", &self.attendee)]),
                meeting: BTreeMap::from([("Meeting", &self.meeting)]),
                primary_external_meeting_id: self.primary_external_meeting_id.as_ref(),
            }),
        )])
    }

    /// Serializes as `{"Attendee":{…},"Meeting":{…}}`. Unset members are left out.
    #[must_use]
    pub fn flat(&self) -> impl Serialize + '_ {
        WithoutNulls(Halves {
            attendee: &self.attendee,
            meeting: &self.meeting,
            primary_external_meeting_id: self.primary_external_meeting_id.as_ref(),
        })
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Halves<'a, A, M> {
    attendee: A,
    meeting: M,
    #[serde(skip_serializing_if = "Option::is_none")]
    primary_external_meeting_id: Option<&'a ExternalMeetingId>,
}

struct WithoutNulls<T>(T);

impl<T: Serialize> Serialize for WithoutNulls<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        without_nulls(|| self.0.serialize(serializer))
    }
}

impl<'de> Deserialize<'de> for JoinInfo {
    /// Reads both forms. Meeting and attendee may each be nested or not, as in the service's responses.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut members = BTreeMap::deserialize(deserializer)?;
        if let Some(Value::Map(inner)) = members.remove("JoinInfo") {
            members = inner;
        }
        let id = members.remove("PrimaryExternalMeetingId").unwrap_or_default();
        Ok(Self {
            meeting: half(&mut members, "Meeting")?,
            attendee: half(&mut members, "Attendee")?,
            primary_external_meeting_id: Deserialize::deserialize(id).map_err(D::Error::custom)?,
        })
    }
}

/// Reads the meeting or the attendee, which may be nested in an object with one member of the same name.
fn half<T: for<'de> Deserialize<'de>, E: Error>(
    members: &mut BTreeMap<String, Value>,
    name: &'static str,
) -> Result<T, E> {
    let mut half = members.remove(name).ok_or_else(|| E::missing_field(name))?;
    if let Value::Map(entries) = &mut half
        && let Some(inner) = entries.remove(name)
    {
        half = inner;
    }
    T::deserialize(half).map_err(|error| E::custom(format_args!("{name}: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meetings::{MediaPlacement, MeetingFeaturesConfiguration, VideoFeatures};
    use crate::{Masked, WithNulls};
    use serde_json::{from_value, json, to_string, to_value};

    fn info() -> JoinInfo {
        let placement = MediaPlacement::default().audio_host_url("a.test:3478");
        let features = MeetingFeaturesConfiguration::default()
            .video(VideoFeatures::default().max_resolution("HD"));
        let meeting = Meeting::default()
            .meeting_id("m-1")
            .media_placement(placement)
            .meeting_features(features);
        let attendee =
            Attendee::default().attendee_id("a-1").external_user_id("ana").join_token("secret");
        JoinInfo::new(meeting, attendee)
    }

    #[test]
    fn both_forms_survive_a_round_trip() {
        let attendee = json!({"AttendeeId": "a-1", "ExternalUserId": "ana", "JoinToken": "secret"});
        let meeting = json!({
            "MediaPlacement": {"AudioHostUrl": "a.test:3478"},
            "MeetingFeatures": {"Video": {"MaxResolution": "HD"}},
            "MeetingId": "m-1",
        });
        let info = info().primary_external_meeting_id("standup");
        let nested = json!({"JoinInfo": {
            "Attendee": {"Attendee": attendee},
            "Meeting": {"Meeting": meeting},
            "PrimaryExternalMeetingId": "standup",
        }});
        let flat = json!({
            "Attendee": attendee,
            "Meeting": meeting,
            "PrimaryExternalMeetingId": "standup",
        });
        assert_eq!(to_value(info.nested()).unwrap(), nested);
        assert_eq!(to_value(info.flat()).unwrap(), flat);
        assert_eq!(from_value::<JoinInfo>(nested).unwrap(), info);
        assert_eq!(from_value::<JoinInfo>(flat).unwrap(), info);
    }

    #[test]
    fn mixed_forms_are_read() {
        let mixed = json!({
            "Attendee": {"Attendee": {"AttendeeId": "a-1"}},
            "Meeting": {"MeetingId": "m-1", "Later": null},
            "Title": "Standup",
        });
        let read: JoinInfo = from_value(mixed).unwrap();
        assert_eq!(read.attendee, Attendee::default().attendee_id("a-1"));
        assert_eq!(read.meeting, Meeting::default().meeting_id("m-1"));
        for (json, expected) in [
            (json!({"Attendee": {}}), "missing field `Meeting`"),
            (json!({"JoinInfo": {"Meeting": {}}}), "missing field `Attendee`"),
            (
                json!({"Attendee": {}, "Meeting": {"MeetingId": 1}}),
                "Meeting: MeetingId: invalid type: integer `1`, expected a string",
            ),
        ] {
            assert_eq!(from_value::<JoinInfo>(json).unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn unset_members_are_left_out_everywhere() {
        let info = info();
        for json in [
            to_string(&WithNulls(&info.nested())).unwrap(),
            to_string(&WithNulls(&info.flat())).unwrap(),
        ] {
            assert!(!json.contains("null"), "{json}");
        }
    }

    #[test]
    fn debug_and_masked_redact_the_join_token() {
        let info = info();
        assert!(!format!("{info:?}").contains("secret"));
        assert!(!to_string(&Masked(&info.nested())).unwrap().contains("secret"));
        assert!(!to_string(&Masked(&info.flat())).unwrap().contains("secret"));
        assert!(to_string(&info.nested()).unwrap().contains("secret"));
    }
}
