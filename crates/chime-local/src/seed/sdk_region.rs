//! A control region of an AWS account, as seeds have it.

use chime_model::Shape;

use crate::engine::document::{ID, document};
use crate::meetings::seed::SdkMeeting;

document! {
    /// What an AWS account has of the Chime SDK in one control region.
    pub struct SdkRegion {
        /// The control region, such as `us-east-1`.
        required control_region("ControlRegion"): String = ID,
        /// The meetings, each primary meeting before its replicas.
        list meetings("Meetings"): SdkMeeting = Shape::Structure(SdkMeeting::SHAPE),
    }
}
