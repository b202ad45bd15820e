//! Serialization of unset members as null.

use std::cell::Cell;

use serde::{Serialize, Serializer};

use crate::note::noted;

/// A wrapper that serializes every unset member as null, at any depth, as the services write their responses.
/// For servers and their fixtures.
///
/// ```
/// use chime_model::WithNulls;
/// use chime_model::chime::{GetRoomResponse, Room};
///
/// let response = GetRoomResponse::default().room(Room::default().room_id("7f3d2b18"));
/// let json = serde_json::to_string(&WithNulls(&response)).unwrap();
/// assert!(json.starts_with(r#"{"Room":{"AccountId":null,"CreatedBy":null,"#));
/// assert_eq!(serde_json::to_string(&response).unwrap(), r#"{"Room":{"RoomId":"7f3d2b18"}}"#);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct WithNulls<'a, T: ?Sized>(pub &'a T);

thread_local! {
    /// Whether a [`WithNulls`] value is being serialized.
    static WITH_NULLS: Cell<bool> = const { Cell::new(false) };
}

impl<T: Serialize + ?Sized> Serialize for WithNulls<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        noted(&WITH_NULLS, true, || self.0.serialize(serializer))
    }
}

/// Serializes without nulls, even inside [`WithNulls`].
#[cfg(feature = "meetings")]
pub(crate) fn without_nulls<R>(serialize: impl FnOnce() -> R) -> R {
    noted(&WITH_NULLS, false, serialize)
}

/// Whether an unset member is left out when its structure is serialized.
#[allow(dead_code, reason = "without a service, there are no generated structures")]
pub(crate) fn left_out<T>(member: &Option<T>) -> bool {
    member.is_none() && !WITH_NULLS.get()
}
