//! The direction of a call.

open_enum! {
    /// The direction of a call, seen from the Voice Connector.
    CallDirection {
        /// From the public network to the SIP system of the caller's own.
        Inbound = "Inbound",
        /// From the SIP system to the public network.
        Outbound = "Outbound",
    }
}
