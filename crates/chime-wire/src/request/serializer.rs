//! Two serializers: one splits an input into its members, and one converts a value of the path, the query
//! or a header to text.

use std::fmt;

use chime_model::{NUMBER_NEWTYPE, Rule, Violation, Violations};
use serde::ser::{self, Impossible, Serialize, Serializer};

use super::Encoder;

/// Refuses values of these types. The error has no text, because the text could be a value.
macro_rules! refuse {
    ($($method:ident($($argument:ty),*) -> $ok:ty;)+) => {$(
        fn $method(self, $(_: $argument),*) -> Result<$ok, Self::Error> {
            Err(ser::Error::custom(""))
        }
    )+};
}

/// Refuses everything that neither serializer accepts.
macro_rules! refuse_compounds {
    () => {
        type SerializeSeq = Impossible<Self::Ok, Self::Error>;
        type SerializeTuple = Impossible<Self::Ok, Self::Error>;
        type SerializeTupleStruct = Impossible<Self::Ok, Self::Error>;
        type SerializeTupleVariant = Impossible<Self::Ok, Self::Error>;
        type SerializeStructVariant = Impossible<Self::Ok, Self::Error>;

        refuse! {
            serialize_bytes(&[u8]) -> Self::Ok;
            serialize_none() -> Self::Ok;
            serialize_unit() -> Self::Ok;
            serialize_unit_struct(&'static str) -> Self::Ok;
            serialize_seq(Option<usize>) -> Self::SerializeSeq;
            serialize_tuple(usize) -> Self::SerializeTuple;
            serialize_tuple_struct(&'static str, usize) -> Self::SerializeTupleStruct;
            serialize_tuple_variant(&'static str, u32, &'static str, usize)
                -> Self::SerializeTupleVariant;
            serialize_struct_variant(&'static str, u32, &'static str, usize)
                -> Self::SerializeStructVariant;
        }

        fn serialize_newtype_variant<T: Serialize + ?Sized>(
            self,
            _: &'static str,
            _: u32,
            _: &'static str,
            _: &T,
        ) -> Result<Self::Ok, Self::Error> {
            Err(ser::Error::custom(""))
        }

        fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Self::Ok, Self::Error> {
            value.serialize(self)
        }
    };
}

/// Accepts a structure or a map and passes each of its members to the encoder.
pub(super) struct Input<'a, 't>(pub(super) &'a mut Encoder<'t>);

/// The members of an input.
pub(super) struct Members<'a, 't> {
    encoder: &'a mut Encoder<'t>,
    /// The last key of a map.
    name: String,
}

/// A violation as an error of serde.
#[derive(Debug)]
pub(super) struct Refused(Violation);

impl From<Refused> for Violations {
    fn from(refused: Refused) -> Self {
        refused.0.into()
    }
}

impl From<Violation> for Refused {
    fn from(violation: Violation) -> Self {
        Self(violation)
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Refused {}

impl ser::Error for Refused {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self(Violation::new("", Rule::Type { expected: "a structure" }))
    }
}

impl<'a, 't> Serializer for Input<'a, 't> {
    type Ok = ();
    type Error = Refused;
    type SerializeMap = Members<'a, 't>;
    type SerializeStruct = Members<'a, 't>;

    fn serialize_map(self, _: Option<usize>) -> Result<Members<'a, 't>, Refused> {
        Ok(Members { encoder: self.0, name: String::new() })
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Members<'a, 't>, Refused> {
        self.serialize_map(None)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Refused> {
        value.serialize(self)
    }

    refuse_compounds! {}
    refuse! {
        serialize_bool(bool) -> ();
        serialize_i8(i8) -> ();
        serialize_i16(i16) -> ();
        serialize_i32(i32) -> ();
        serialize_i64(i64) -> ();
        serialize_u8(u8) -> ();
        serialize_u16(u16) -> ();
        serialize_u32(u32) -> ();
        serialize_u64(u64) -> ();
        serialize_f32(f32) -> ();
        serialize_f64(f64) -> ();
        serialize_char(char) -> ();
        serialize_str(&str) -> ();
        serialize_unit_variant(&'static str, u32, &'static str) -> ();
    }
}

impl ser::SerializeStruct for Members<'_, '_> {
    type Ok = ();
    type Error = Refused;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Refused> {
        Ok(self.encoder.member(name, value)?)
    }

    fn end(self) -> Result<(), Refused> {
        Ok(())
    }
}

impl ser::SerializeMap for Members<'_, '_> {
    type Ok = ();
    type Error = Refused;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, name: &T) -> Result<(), Refused> {
        self.name.clear();
        text_of(name, |text| self.name.push_str(text)).ok_or_else(|| ser::Error::custom(""))
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refused> {
        Ok(self.encoder.member(&self.name, value)?)
    }

    fn end(self) -> Result<(), Refused> {
        Ok(())
    }
}

/// Passes the text of a string, a number or a boolean to `take` and returns its result; `None` for
/// null and for values that have no text.
pub(super) fn text_of<T: Serialize + ?Sized, R>(
    value: &T,
    take: impl FnOnce(&str) -> R,
) -> Option<R> {
    value.serialize(Scalar(take)).ok()
}

/// Accepts a string, a number or a boolean.
struct Scalar<F>(F);

/// The value has no text.
#[derive(Debug)]
struct NoText;

impl fmt::Display for NoText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the value is not a string, a number or a boolean")
    }
}

impl std::error::Error for NoText {}

impl ser::Error for NoText {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// Accepts values of these types in the form of `Display`.
macro_rules! accept {
    ($($method:ident($argument:ty);)+) => {$(
        fn $method(self, value: $argument) -> Result<R, NoText> {
            self.serialize_str(&value.to_string())
        }
    )+};
}

impl<R, F: FnOnce(&str) -> R> Serializer for Scalar<F> {
    type Ok = R;
    type Error = NoText;
    type SerializeMap = Impossible<R, NoText>;
    type SerializeStruct = Impossible<R, NoText>;

    fn serialize_str(self, text: &str) -> Result<R, NoText> {
        Ok((self.0)(text))
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
    ) -> Result<R, NoText> {
        self.serialize_str(name)
    }

    fn serialize_bool(self, value: bool) -> Result<R, NoText> {
        self.serialize_str(if value { "true" } else { "false" })
    }

    accept! {
        serialize_i8(i8);
        serialize_i16(i16);
        serialize_i32(i32);
        serialize_i64(i64);
        serialize_u8(u8);
        serialize_u16(u16);
        serialize_u32(u32);
        serialize_u64(u64);
        serialize_f32(f32);
        serialize_f64(f64);
        serialize_char(char);
    }

    /// In a path, the id of a phone number is the plain number.
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<R, NoText> {
        if name != NUMBER_NEWTYPE {
            return value.serialize(self);
        }
        // Boxed, so that this type does not contain itself.
        let plain: Box<dyn FnOnce(&str) -> R + '_> =
            Box::new(|text| (self.0)(&text.replacen("%2B", "+", 1)));
        value.serialize(Scalar(plain))
    }

    refuse_compounds! {}
    refuse! {
        serialize_map(Option<usize>) -> Self::SerializeMap;
        serialize_struct(&'static str, usize) -> Self::SerializeStruct;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn text<T: Serialize + ?Sized>(value: &T) -> Option<String> {
        text_of(value, str::to_owned)
    }

    #[test]
    fn scalars_convert_to_text() {
        assert_eq!(text(&99).unwrap(), "99");
        assert_eq!(text(&true).unwrap(), "true");
        assert_eq!(text("a\"b\\c\u{1}").unwrap(), "a\"b\\c\u{1}");
        assert_eq!(text(&Some(json!(-7))).unwrap(), "-7");
        assert_eq!(text(&json!(1.5)).unwrap(), "1.5");
    }

    #[test]
    fn null_and_compounds_have_no_text() {
        assert_eq!(text(&None::<String>), None);
        for value in [Value::Null, json!([]), json!(["a"]), json!({"a": 1})] {
            assert_eq!(text(&value), None, "{value}");
        }
    }
}
