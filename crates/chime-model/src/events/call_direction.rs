//! The direction of a call.

open_enum! {
    /// The direction of a call, seen from the Voice Connector.
    CallDirection {
        /// From the public network to the customer's SIP system.
        Inbound = "Inbound",
        /// From the customer's SIP system to the public network.
        Outbound = "Outbound",
    }
}
