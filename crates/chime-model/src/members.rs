//! The part of `Deserialize` that all structures share.
//!
//! A derived `Deserialize` generates two visitors for each structure, one for maps and one for sequences. They
//! took half of this crate's compile time, and the second one is useless: unset members are left out, so
//! members have no fixed positions. Here, one function reads a structure from a map.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use time::OffsetDateTime;

use crate::timestamp::Iso8601;
use crate::{SensitiveMap, SensitiveString};

/// A structure that can be read from a map of its members.
pub(crate) trait FromMembers: Sized {
    const NAME: &'static str;
    const MEMBERS: &'static [&'static str];

    fn from_members<'de, A: MapAccess<'de>>(members: A) -> Result<Self, A::Error>;
}

/// Reads a structure.
pub(crate) fn structure<'de, T: FromMembers, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    deserializer.deserialize_struct(T::NAME, T::MEMBERS, Structure(PhantomData))
}

struct Structure<T>(PhantomData<T>);

impl<'de, T: FromMembers> Visitor<'de> for Structure<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "struct {}", T::NAME)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<T, A::Error> {
        T::from_members(members)
    }
}

/// Reads the name of a member and finds its field; `None` if the name is unknown.
pub(crate) struct Name<F: 'static>(pub(crate) &'static [(&'static str, F)]);

impl<'de, F> DeserializeSeed<'de> for Name<F> {
    type Value = Option<&'static F>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl<F> Visitor<'_> for Name<F> {
    type Value = Option<&'static F>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a member")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().find(|(known, _)| *known == name).map(|(_, field)| field))
    }

    fn visit_bytes<E: Error>(self, name: &[u8]) -> Result<Self::Value, E> {
        std::str::from_utf8(name).map_or(Ok(None), |name| self.visit_str(name))
    }
}

/// The type of a member of a structure.
pub(crate) trait Member<'de>: Sized {
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;

    /// The value of an absent member; `None` if the member is required.
    fn absent() -> Option<Self> {
        None
    }
}

/// Implements [`Member`] for types that implement `Deserialize`.
macro_rules! member {
    ($([$($generic:tt)*] $type:ty),+ $(,)?) => {$(
        impl<'de, $($generic)*> $crate::members::Member<'de> for $type {
            #[inline]
            fn read<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                serde::Deserialize::deserialize(deserializer)
            }
        }
    )+};
}

member! {
    [] String,
    [] bool,
    [] f64,
    [] i32,
    [] SensitiveString,
    [T: Deserialize<'de>] Vec<T>,
    [T: Deserialize<'de>] SensitiveMap<T>,
}

/// Accepts both formats of timestamps.
impl<'de> Member<'de> for OffsetDateTime {
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <Iso8601 as serde_with::DeserializeAs<Self>>::deserialize_as(deserializer)
    }
}

impl<'de, T: Member<'de>> Member<'de> for Option<T> {
    fn read<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_option(Optional(PhantomData))
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

struct Optional<T>(PhantomData<T>);

impl<'de, T: Member<'de>> Visitor<'de> for Optional<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value or null")
    }

    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        T::read(deserializer).map(Some)
    }
}

/// Reads the value of a member into its slot.
pub(crate) fn read<'de, T: Member<'de>, A: MapAccess<'de>>(
    slot: &mut Option<T>,
    members: &mut A,
    name: &'static str,
) -> Result<(), A::Error> {
    if slot.is_some() {
        return Err(Error::duplicate_field(name));
    }
    let Value(value) = members.next_value()?;
    *slot = Some(value);
    Ok(())
}

/// Skips the value of an unknown member.
pub(crate) fn skip<'de, A: MapAccess<'de>>(members: &mut A) -> Result<(), A::Error> {
    members.next_value::<IgnoredAny>().map(drop)
}

/// Takes the value of a member from its slot.
pub(crate) fn finish<'de, T: Member<'de>, E: Error>(
    slot: Option<T>,
    name: &'static str,
) -> Result<T, E> {
    slot.or_else(T::absent).ok_or_else(|| Error::missing_field(name))
}

struct Value<T>(T);

impl<'de, T: Member<'de>> Deserialize<'de> for Value<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::read(deserializer).map(Value)
    }
}

/// Implements `Deserialize` for a structure, given its fields and their names in the API.
macro_rules! from_members {
    ($structure:ident { $($field:ident $name:literal,)* }) => {
        impl $crate::members::FromMembers for $structure {
            const NAME: &'static str = stringify!($structure);
            const MEMBERS: &'static [&'static str] = &[$($name),*];

            fn from_members<'de, A: serde::de::MapAccess<'de>>(
                mut map: A,
            ) -> Result<Self, A::Error> {
                use $crate::members;
                #[allow(non_camel_case_types)]
                enum Field { $($field),* }
                const FIELDS: &[(&str, Field)] = &[$(($name, Field::$field)),*];
                $(let mut $field = None;)*
                while let Some(field) = map.next_key_seed(members::Name(FIELDS))? {
                    let Some(field) = field else {
                        members::skip(&mut map)?;
                        continue;
                    };
                    match *field {
                        $(Field::$field => members::read(&mut $field, &mut map, $name)?,)*
                    }
                }
                Ok(Self { $($field: members::finish($field, $name)?),* })
            }
        }

        impl<'de> serde::Deserialize<'de> for $structure {
            #[inline]
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::members::structure(deserializer)
            }
        }

        member! { [] $structure }
    };
}

#[cfg(all(test, feature = "chime"))]
mod tests {
    use crate::chime::{Room, RoomMembershipRole, UpdateRoomMembershipRequest};
    use crate::timestamp;

    fn request(json: &str) -> Result<UpdateRoomMembershipRequest, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn members_may_come_in_any_order_and_unknown_members_are_skipped() {
        let read = request(
            r#"{"Role":"Member","New":{"A":[1]},"MemberId":"m","RoomId":"r","AccountId":"a"}"#,
        );
        let expected =
            UpdateRoomMembershipRequest::new("a", "r", "m").role(RoomMembershipRole::Member);
        assert_eq!(read, Ok(expected));
    }

    #[test]
    fn absent_and_null_members_are_unset_if_they_are_optional() {
        let unset = Ok(UpdateRoomMembershipRequest::new("a", "r", "m"));
        let ids = r#""AccountId":"a","RoomId":"r","MemberId":"m""#;
        assert_eq!(request(&format!("{{{ids}}}")), unset);
        assert_eq!(request(&format!(r#"{{{ids},"Role":null}}"#)), unset);
        let error = request(r#"{"AccountId":"a","RoomId":"r"}"#).unwrap_err();
        assert!(error.starts_with("missing field `MemberId`"), "{error}");
        let error = request(r#"{"AccountId":null}"#).unwrap_err();
        assert!(error.starts_with("invalid type: null"), "{error}");
    }

    #[test]
    fn repeated_members_and_arrays_are_errors() {
        let error = request(r#"{"RoomId":"r","RoomId":"r"}"#).unwrap_err();
        assert!(error.starts_with("duplicate field `RoomId`"), "{error}");
        let error = request(r#"["a","r","m"]"#).unwrap_err();
        let expected = "invalid type: sequence, expected struct UpdateRoomMembershipRequest";
        assert!(error.starts_with(expected), "{error}");
    }

    #[test]
    fn timestamps_may_be_text_or_numbers() {
        let read = |json: &str| serde_json::from_str::<Room>(json).unwrap().created_timestamp;
        let time = timestamp::parse("2025-03-05T12:00:00Z").ok();
        assert_eq!(read(r#"{"CreatedTimestamp":"2025-03-05T12:00:00.000Z"}"#), time);
        assert_eq!(read(r#"{"CreatedTimestamp":1741176000}"#), time);
        assert_eq!(read(r#"{"CreatedTimestamp":null}"#), None);
        assert!(serde_json::from_str::<Room>(r#"{"CreatedTimestamp":"today"}"#).is_err());
    }
}
