//! Deserializes the members of a request as one serde map: first those of the path, the query and
//! the headers, then those of the body. Does not copy them to an intermediate map.

use std::borrow::Cow;
use std::fmt;

use chime_model::{Shape, Structure};
use serde::Deserializer;
use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Error, IgnoredAny, IntoDeserializer, MapAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::{Head, typed};
use crate::router::Parameter;

/// Deserializes a request from its parsed head and the JSON of its body.
pub(super) struct RequestVisitor<'h> {
    pub(super) structure: &'static Structure,
    pub(super) head: Head<'h>,
}

impl RequestVisitor<'_> {
    pub(super) fn deserialize<'de, T: DeserializeOwned, D: Deserializer<'de>>(
        self,
        body: D,
    ) -> Result<T, D::Error> {
        body.deserialize_map(Merged { request: self, output: std::marker::PhantomData })
    }
}

/// Receives the map of the body and passes on the map of the request.
struct Merged<'h, T> {
    request: RequestVisitor<'h>,
    output: std::marker::PhantomData<T>,
}

impl<'de, T: DeserializeOwned> Visitor<'de> for Merged<'_, T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, body: A) -> Result<T, A::Error> {
        let RequestVisitor { structure, head } = self.request;
        let members = Members { structure, head, value: None, body };
        T::deserialize(serde::de::value::MapAccessDeserializer::new(members))
    }
}

struct Members<'h, A> {
    structure: &'static Structure,
    head: Head<'h>,
    /// The parameter whose key was read last and whose value comes next.
    value: Option<&'h Parameter<'h>>,
    body: A,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Members<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        if let Some(parameter) = self.head.next() {
            self.value = Some(parameter);
            return seed.deserialize(key(parameter.0.name)).map(Some);
        }
        while let Some(name) = self.body.next_key::<Cow<'_, str>>()? {
            // Ignores unknown members, and members that belong in the path, query or headers.
            match self.structure.body().find(|member| member.name == name) {
                Some(member) => return seed.deserialize(key(member.name)).map(Some),
                None => self.body.next_value::<IgnoredAny>()?,
            };
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        match self.value.take() {
            Some((member, text)) => seed.deserialize(Text {
                shape: member.shape,
                text,
                error: std::marker::PhantomData,
            }),
            None => self.body.next_value_seed(seed),
        }
    }
}

fn key<E: Error>(name: &'static str) -> StrDeserializer<'static, E> {
    name.into_deserializer()
}

/// A value from the path, the query or a header, deserialized as the type of its shape.
struct Text<'h, E> {
    shape: &'static Shape,
    text: &'h str,
    error: std::marker::PhantomData<E>,
}

impl<'de, E: Error> Deserializer<'de> for Text<'_, E> {
    type Error = E;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        match typed(self.shape, self.text) {
            Some(value) => value.deserialize_any(visitor).map_err(E::custom),
            None => visitor.visit_str(self.text),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, E> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use chime_model::messaging::{API, ListChannelMessagesRequest};
    use chime_model::{Rule, Violations};
    use http::Request;

    use crate::{Router, decode_request};

    const ARN: &str = "arn:aws:chime:us-east-1:111122223333:app-instance/a";

    fn decoded(query: &str) -> Result<ListChannelMessagesRequest, Violations> {
        let path = format!("/channels/{}/messages", ARN.replace('/', "%2F"));
        let message = Request::get(format!("{path}?{query}"))
            .header("x-amz-chime-bearer", ARN)
            .body(Bytes::new())
            .unwrap();
        let uri = message.uri();
        let route = Router::new([&API]).route(message.method(), uri.path(), uri.query()).unwrap();
        decode_request(&route, &message)
    }

    #[test]
    fn a_timestamp_in_the_query_may_be_text_or_seconds() {
        for (text, millis) in [
            ("2026-11-23T16:27:45.500Z", 1_795_451_265_500_i128),
            ("1795451265.5", 1_795_451_265_500),
            ("1795451265", 1_795_451_265_000),
            ("-1", -1_000),
        ] {
            let time = decoded(&format!("not-before={text}")).unwrap().not_before.unwrap();
            assert_eq!(time.unix_timestamp_nanos(), millis * 1_000_000, "{text}");
        }
        for text in ["NaN", "inf", "1e300", "soon", ""] {
            let violations = decoded(&format!("not-before={text}")).unwrap_err();
            let [violation] = violations.as_slice() else { panic!("{violations}") };
            assert_eq!(violation.path, "NotBefore", "{text}");
            assert!(matches!(violation.rule, Rule::Type { .. }), "{violation}");
        }
        // A number is no violation beside that of another member.
        let violations = decoded("not-before=1795451265&max-results=many").unwrap_err();
        let [violation] = violations.as_slice() else { panic!("{violations}") };
        assert_eq!(violation.path, "MaxResults");
    }
}
