//! The details of all kinds of events.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::*;

open_enum! {
    /// The kinds of events that Amazon Chime sends to EventBridge.
    DetailType {
        /// A meeting, an attendee or live transcription: [`Detail::Meeting`].
        MeetingStateChange = "Chime Meeting State Change",
        /// A media pipeline or one of its streams: [`Detail::MediaPipeline`].
        MediaPipelineStateChange = "Chime Media Pipeline State Change",
        /// A pool of Kinesis video streams: [`Detail::StreamPool`].
        StreamPoolStateChange = "Chime Media Pipeline Kinesis Video Pool State Change",
        /// A media insights pipeline: [`Detail::MediaInsights`].
        MediaInsightsStateChange = "Media Insights State Change",
        /// A rule of a real-time alert matched.
        MediaInsightsRulesMatched = "Media Insights Rules Matched",
        /// Media streaming of a Voice Connector: [`Detail::VoiceConnector`].
        VoiceConnectorStreamingStatus = "Chime VoiceConnector Streaming Status",
        /// The processor of a channel flow: [`Detail::ChannelFlow`].
        ChannelFlowProcessingStatus = "Chime ChannelFlow Processing Status",
        /// A bot could not invoke Amazon Lex.
        BotLexFailure = "Chime Messaging AppInstanceBot Lex Failure",
        /// A push notification could not be delivered to an endpoint.
        EndpointDeliveryFailure = "Chime Messaging AppInstanceUserEndpoint Delivery Failure",
    }
}

/// Declares the details, each with its feature.
macro_rules! details {
    ($($(#[$doc:meta])* $variant:ident($type:ident) if $feature:literal;)+) => {
        /// The detail of an event.
        ///
        /// The event type determines the variant, not the envelope's detail-type, so that a detail without
        /// an envelope can be read. Each variant needs the feature of its service. Without the feature, the
        /// detail is [`Other`](Self::Other).
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum Detail {
            $(
                #[cfg(feature = $feature)]
                $(#[$doc])*
                $variant(Box<$type>),
            )+
            /// A detail unknown to this version.
            Other(SensitiveMap<Value>),
        }

        $(
            #[cfg(feature = $feature)]
            impl From<$type> for Detail {
                fn from(event: $type) -> Self {
                    Self::$variant(Box::new(event))
                }
            }
        )+

        impl Serialize for Detail {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $(
                        #[cfg(feature = $feature)]
                        Self::$variant(event) => event.serialize(serializer),
                    )+
                    Self::Other(members) => members.serialize(serializer),
                }
            }
        }

        #[derive(Debug, PartialEq)]
        enum Kind {
            $($variant,)+
            Other,
        }

        impl<'de> Deserialize<'de> for Detail {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let members = BTreeMap::deserialize(deserializer)?;
                match Kind::of(&members) {
                    $(
                        #[cfg(feature = $feature)]
                        Kind::$variant => $type::deserialize(Value::Map(members))
                            .map(Self::from)
                            .map_err(serde::de::Error::custom),
                    )+
                    _ => Ok(Self::Other(members.into())),
                }
            }
        }
    };
}

details! {
    /// A meeting, an attendee or live transcription.
    Meeting(MeetingEvent) if "meetings";
    /// A media pipeline or one of its streams.
    MediaPipeline(MediaPipelineEvent) if "media-pipelines";
    /// A pool of Kinesis video streams.
    StreamPool(StreamPoolEvent) if "media-pipelines";
    /// A media insights pipeline.
    MediaInsights(MediaInsightsEvent) if "media-pipelines";
    /// Media streaming of a Voice Connector.
    VoiceConnector(VoiceConnectorEvent) if "voice";
    /// A channel flow.
    ChannelFlow(ChannelFlowEvent) if "messaging";
}

impl Default for Detail {
    fn default() -> Self {
        Self::Other(SensitiveMap::default())
    }
}

impl Kind {
    /// Determines the kind of an event from its members.
    fn of(members: &BTreeMap<String, Value>) -> Self {
        let text = |name| members.get(name).and_then(Value::as_text);
        let Some(event_type) = text("eventType") else {
            return match text("streamingStatus") {
                Some(_) => Self::VoiceConnector,
                None => Self::Other,
            };
        };
        // A prefix of another prefix comes after it.
        let kinds = [
            ("chime:MediaPipelineKinesisVideoStreamPool", Self::StreamPool),
            ("chime:MediaPipeline", Self::MediaPipeline),
            ("chime:MediaInsights", Self::MediaInsights),
            ("chime:Meeting", Self::Meeting),
            ("chime:Attendee", Self::Meeting),
            ("chime:Transcript", Self::Meeting),
            ("ProcessorInvocation", Self::ChannelFlow),
        ];
        let found = kinds.into_iter().find(|(prefix, _)| event_type.starts_with(prefix));
        found.map_or(Self::Other, |(_, kind)| kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{from_value, json};

    #[test]
    fn the_event_type_determines_the_kind() {
        for (json, kind) in [
            (json!({"eventType": "chime:MeetingStarted"}), Kind::Meeting),
            (json!({"eventType": "chime:AttendeeWaved"}), Kind::Meeting),
            (json!({"eventType": "chime:TranscriptFailed"}), Kind::Meeting),
            (json!({"eventType": "chime:MediaPipelineResumed"}), Kind::MediaPipeline),
            (json!({"eventType": "chime:MediaPipelineKinesisVideoStreamEnd"}), Kind::MediaPipeline),
            (
                json!({"eventType": "chime:MediaPipelineKinesisVideoStreamPoolActive"}),
                Kind::StreamPool,
            ),
            (json!({"eventType": "chime:MediaInsightsPaused"}), Kind::MediaInsights),
            (json!({"eventType": "ProcessorInvocationFailure"}), Kind::ChannelFlow),
            (json!({"streamingStatus": "STARTED"}), Kind::VoiceConnector),
            (json!({"eventType": "chime:Later"}), Kind::Other),
            (json!({"eventType": 1}), Kind::Other),
            (json!({}), Kind::Other),
        ] {
            let members = from_value(json.clone()).unwrap();
            assert_eq!(Kind::of(&members), kind, "{json}");
        }
    }

    #[test]
    fn the_error_names_the_invalid_member() {
        let error =
            from_value::<Detail>(json!({"eventType": "chime:MeetingEnded", "timestamp": "soon"}));
        let expected = "timestamp: invalid value: string, expected milliseconds since 1970 or an ISO \
             8601 time";
        #[cfg(feature = "meetings")]
        assert_eq!(error.unwrap_err().to_string(), expected);
        #[cfg(not(feature = "meetings"))]
        assert!(error.is_ok(), "{expected}");
        assert!(from_value::<Detail>(json!("text")).is_err());
    }
}
