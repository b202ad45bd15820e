//! Locations in Amazon S3, and the endpoints that a call can be bridged to.

use serde::Serialize;
use serde::ser::{SerializeMap, SerializeSeq, Serializer};

use super::checked::{PhoneNumber, S3Prefix, SipUser};
use super::parameter::{Flaw, Parameter, member, members};
use crate::{SensitiveString, Value};

/// The type of every location in Amazon S3: `S3`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct S3;

impl Serialize for S3 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("S3")
    }
}

impl Parameter for S3 {
    fn read(value: Value) -> Result<Self, Flaw> {
        match value.as_text() {
            Some("S3") => Ok(Self),
            _ => Err(Flaw::Value),
        }
    }
}

structure! {
    /// An audio file in Amazon S3.
    S3Object {
        fixed { storage_type: S3 = "Type" }
        required {
            /// The bucket.
            bucket_name: String = "BucketName",
            /// The key of the file.
            key: String = "Key",
        }
        optional {}
        check |object| all_set(&[&object.bucket_name, &object.key])
    }
}

fn all_set(names: &[&String]) -> Result<(), Flaw> {
    if names.iter().any(|name| name.is_empty()) { Err(Flaw::Value) } else { Ok(()) }
}

structure! {
    /// The destination of a recording of [`RecordAudio`](super::RecordAudio).
    RecordingDestination {
        fixed { storage_type: S3 = "Type" }
        required {
            /// The bucket.
            bucket_name: String = "BucketName",
        }
        optional {
            /// The prefix of the key.
            prefix: S3Prefix = "Prefix",
        }
        check |destination| all_set(&[&destination.bucket_name])
    }
}

structure! {
    /// The destination of a recording of [`StartCallRecording`](super::StartCallRecording); in an event, the
    /// location of the recording.
    CallRecordingDestination {
        fixed { storage_type: S3 = "Type" }
        required {
            /// The bucket or `bucket/prefix`; in an event, followed by the key of the recording.
            location: String = "Location",
        }
        optional {}
        check |destination| all_set(&[&destination.location])
    }
}

/// The party that [`CallAndBridge`](super::CallAndBridge) calls.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Endpoint {
    /// A phone number in the public telephone network.
    Pstn(PhoneNumber),
    /// A SIP user behind a Voice Connector.
    VoiceConnector {
        /// The ARN of a Voice Connector or a Voice Connector group. Sensitive.
        arn: SensitiveString,
        /// The SIP user.
        user: SipUser,
    },
}

impl Serialize for Endpoint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_map(None)?;
        match self {
            Self::Pstn(number) => {
                members.serialize_entry("Type", "PSTN")?;
                members.serialize_entry("Uri", number)?;
            }
            Self::VoiceConnector { arn, user } => {
                members.serialize_entry("Type", "AWS")?;
                members.serialize_entry("Arn", arn)?;
                members.serialize_entry("Uri", user)?;
            }
        }
        members.end()
    }
}

impl Parameter for Endpoint {
    fn read(value: Value) -> Result<Self, Flaw> {
        let mut members = members(value)?;
        let kind: String = member(&mut members, "Type")?;
        match kind.as_str() {
            "PSTN" => member(&mut members, "Uri").map(Self::Pstn),
            "AWS" => Ok(Self::VoiceConnector {
                arn: member(&mut members, "Arn")?,
                user: member(&mut members, "Uri")?,
            }),
            _ => Err(Flaw::Value),
        }
    }
}

/// The endpoints of [`CallAndBridge`](super::CallAndBridge): exactly one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Endpoints(Endpoint);

impl Endpoints {
    /// The endpoint.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.0
    }
}

impl From<Endpoint> for Endpoints {
    fn from(endpoint: Endpoint) -> Self {
        Self(endpoint)
    }
}

impl Serialize for Endpoints {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(1))?;
        list.serialize_element(&self.0)?;
        list.end()
    }
}

impl Parameter for Endpoints {
    fn read(value: Value) -> Result<Self, Flaw> {
        let Value::List(endpoints) = value else { return Err(Flaw::Value) };
        match <[Value; 1]>::try_from(endpoints) {
            Ok([endpoint]) => Endpoint::read(endpoint).map(Self),
            Err(_) => Err(Flaw::EndpointCount),
        }
    }
}
