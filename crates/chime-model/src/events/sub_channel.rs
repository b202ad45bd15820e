//! Sub-channels in the records of streams.

use serde::{Deserialize, Serialize};

use crate::messaging::{ChannelArn, SubChannelId};
use crate::{SensitiveMap, Value};

/// A sub-channel of an elastic channel, in a record of a stream.
///
/// AWS does not document which members the service sends. Members that the API has too are typed; all others
/// are in `other`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct SubChannel {
    /// The elastic channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_arn: Option<ChannelArn>,
    /// The sub-channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub_channel_id: Option<SubChannelId>,
    /// The number of members in the sub-channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub membership_count: Option<u32>,
    /// All other members.
    #[serde(flatten, skip_serializing_if = "SensitiveMap::is_empty")]
    pub other: SensitiveMap<Value>,
}

impl SubChannel {
    setters! {
        channel_arn, set_channel_arn: ChannelArn,
        sub_channel_id, set_sub_channel_id: SubChannelId,
        membership_count, set_membership_count: u32,
    }
}
