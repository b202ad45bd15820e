//! The implementations of serde's traits, which delegate to the walker.

use std::fmt;

use serde::ser::{self, Serialize};

use super::{Compound, Expected, Walker};
use crate::Shape;

macro_rules! integers {
    ($($method:ident: $type:ty,)+) => {$(
        fn $method(self, number: $type) -> Result<bool, fmt::Error> {
            match i64::try_from(number) {
                Ok(number) => self.integer(number),
                Err(_) => self.mismatch(),
            }
        }
    )+};
}

impl<'a> ser::Serializer for Walker<'a> {
    type Ok = bool;
    type Error = fmt::Error;
    type SerializeSeq = Compound<'a>;
    type SerializeTuple = Compound<'a>;
    type SerializeTupleStruct = Compound<'a>;
    type SerializeTupleVariant = ser::Impossible<bool, fmt::Error>;
    type SerializeMap = Compound<'a>;
    type SerializeStruct = Compound<'a>;
    type SerializeStructVariant = ser::Impossible<bool, fmt::Error>;

    integers! {
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64,
    }

    fn serialize_bool(self, _: bool) -> Result<bool, fmt::Error> {
        match self.expected {
            Expected::Shape(Shape::Boolean) => Ok(true),
            _ => self.mismatch(),
        }
    }

    fn serialize_f32(self, number: f32) -> Result<bool, fmt::Error> {
        self.serialize_f64(number.into())
    }

    fn serialize_f64(self, number: f64) -> Result<bool, fmt::Error> {
        self.float(number)
    }

    fn serialize_char(self, c: char) -> Result<bool, fmt::Error> {
        self.text(c.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, text: &str) -> Result<bool, fmt::Error> {
        self.text(text)
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<bool, fmt::Error> {
        self.mismatch()
    }

    fn serialize_none(self) -> Result<bool, fmt::Error> {
        Ok(false)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<bool, fmt::Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<bool, fmt::Error> {
        Ok(false)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<bool, fmt::Error> {
        self.mismatch()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<bool, fmt::Error> {
        self.text(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<bool, fmt::Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<bool, fmt::Error> {
        self.mismatch()
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Compound<'a>, fmt::Error> {
        Ok(self.compound(|expected| matches!(expected, Expected::Shape(Shape::List(_)))))
    }

    fn serialize_tuple(self, len: usize) -> Result<Compound<'a>, fmt::Error> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        len: usize,
    ) -> Result<Compound<'a>, fmt::Error> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, fmt::Error> {
        Err(fmt::Error)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Compound<'a>, fmt::Error> {
        Ok(self.compound(|expected| {
            matches!(expected, Expected::Structure(_) | Expected::Shape(Shape::Map(_)))
        }))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Compound<'a>, fmt::Error> {
        self.serialize_map(None)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, fmt::Error> {
        Err(fmt::Error)
    }
}

impl ser::SerializeSeq for Compound<'_> {
    type Ok = bool;
    type Error = fmt::Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), fmt::Error> {
        self.item(value)
    }

    fn end(self) -> Result<bool, fmt::Error> {
        self.finish()
    }
}

impl ser::SerializeTuple for Compound<'_> {
    type Ok = bool;
    type Error = fmt::Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), fmt::Error> {
        self.item(value)
    }

    fn end(self) -> Result<bool, fmt::Error> {
        self.finish()
    }
}

impl ser::SerializeTupleStruct for Compound<'_> {
    type Ok = bool;
    type Error = fmt::Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), fmt::Error> {
        self.item(value)
    }

    fn end(self) -> Result<bool, fmt::Error> {
        self.finish()
    }
}

impl ser::SerializeMap for Compound<'_> {
    type Ok = bool;
    type Error = fmt::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, name: &T) -> Result<(), fmt::Error> {
        self.key(name)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), fmt::Error> {
        self.member(value)
    }

    fn end(self) -> Result<bool, fmt::Error> {
        self.finish()
    }
}

impl ser::SerializeStruct for Compound<'_> {
    type Ok = bool;
    type Error = fmt::Error;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), fmt::Error> {
        self.report.path.reserve(name.len() + 1);
        self.report.push_name(name);
        self.member(value)
    }

    fn end(self) -> Result<bool, fmt::Error> {
        self.finish()
    }
}
