//! Encodes requests.
//!
//! A message is written front to back into one buffer: path, query, body, headers. For each part the
//! input is serialized, and members of other parts are skipped, so members may come in any order.

mod serializer;

use std::io::Write as _;

use bytes::Bytes;
use chime_model::{MemberInfo, Operation, OperationInfo, Place, Rule, Violation, Violations};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, Method, Request, Uri};
use serde::Serialize;

use self::serializer::{Input, text_of};
use crate::text::push_encoded;

/// The initial size of the buffer, in bytes. Most requests fit without a reallocation.
const INITIAL_CAPACITY: usize = 256;

/// The longest path with query, in bytes, that the `http` crate accepts.
const MAX_PATH: usize = u16::MAX as usize - 1;

/// Encodes the request of an operation as an HTTP message, without authority and signature.
///
/// # Errors
/// Returns a violation if a path member is missing or is not a valid path segment. Constraints are
/// not checked: see [`chime_model::Validate`].
pub fn encode_request<O: Operation>(request: &O) -> Result<Request<Bytes>, Violations> {
    encode_input(O::INFO, request, None).map(|(message, _)| message)
}

/// Encodes any serializable input of an operation, such as its request or a JSON document, as an HTTP
/// message without authority and signature.
///
/// `idempotency_token` is sent if the operation takes one and the input leaves it unset. Also returns whether
/// it is in the message. The input is serialized once for the path, and once more for each of query, body and
/// headers that the operation has members for. If it does not list the labels in the order of the path, it is
/// serialized for the path again.
///
/// # Errors
/// Returns a violation if a path member is missing or is not a valid path segment, or if the operation
/// has no member of a name in the input. Constraints are not checked: see [`chime_model::check`].
pub fn encode_input<T: Serialize + ?Sized>(
    info: &'static OperationInfo,
    input: &T,
    idempotency_token: Option<&str>,
) -> Result<(Request<Bytes>, bool), Violations> {
    let mut encoder = Encoder {
        info,
        unset_token: info.idempotency_token.zip(idempotency_token),
        has_token: false,
        buffer: Vec::with_capacity(INITIAL_CAPACITY),
        label: None,
        template: info.path,
        part: Part::Path,
        part_start: 0,
        next: 0,
        // Content type and length, and the user agent that the client adds.
        headers: HeaderMap::with_capacity(3),
    };
    encoder.path(input)?;
    encoder.query(input)?;
    let path_length = encoder.buffer.len();
    encoder.body(input)?;
    encoder.headers(input)?;
    let has_token = encoder.has_token;
    Ok((encoder.finish(path_length)?, has_token))
}

/// A message under construction.
struct Encoder<'t> {
    info: &'static OperationInfo,
    /// The member for the idempotency token and the token to send; `None` once the member is written.
    unset_token: Option<(&'static str, &'t str)>,
    /// Whether that token is written.
    has_token: bool,
    buffer: Vec<u8>,
    /// The label of the path that is to be written next.
    label: Option<&'static str>,
    /// The path template after that label.
    template: &'static str,
    /// The part that is being written. Members of other parts are skipped.
    part: Part,
    /// The position in the buffer where this part starts.
    part_start: usize,
    /// The index in the row where the search for the next member starts: most inputs follow its order.
    next: usize,
    headers: HeaderMap,
}

#[derive(Clone, Copy)]
enum Part {
    Path,
    Query,
    Body,
    Headers,
}

impl Encoder<'_> {
    /// Writes the path. Each pass over the input writes the labels that come in the order of the path, so
    /// one pass is enough for most inputs.
    fn path<T: Serialize + ?Sized>(&mut self, input: &T) -> Result<(), Violations> {
        self.next_label();
        loop {
            let label = self.label;
            self.members(input)?;
            match self.label {
                None => return Ok(()),
                Some(missing) if label == Some(missing) => {
                    let mut members = self.info.input.members.iter();
                    let member = members.find(|member| member.place == Place::Label(missing));
                    let name = member.map_or(missing, |member| member.name);
                    return Err(Violation::new(name, Rule::Required).into());
                }
                Some(_) => {}
            }
        }
    }

    /// Writes the template up to its next label.
    fn next_label(&mut self) {
        let (text, rest) = self.template.split_once('{').unwrap_or((self.template, ""));
        self.buffer.extend_from_slice(text.as_bytes());
        let label = rest.split_once('}');
        self.label = label.map(|(label, _)| label);
        self.template = label.map_or("", |(_, rest)| rest);
    }

    fn query<T: Serialize + ?Sized>(&mut self, input: &T) -> Result<(), Violations> {
        self.begin(Part::Query);
        for (name, value) in self.info.query {
            self.pair(name, value);
        }
        let is_query = |member: &MemberInfo| matches!(member.place, Place::Query(_));
        if self.info.input.members.iter().any(is_query) {
            self.members(input)?;
        }
        Ok(())
    }

    fn body<T: Serialize + ?Sized>(&mut self, input: &T) -> Result<(), Violations> {
        if self.has_body() {
            self.begin(Part::Body);
            self.members(input)?;
            if self.is_empty() {
                self.buffer.push(b'{');
            }
            self.buffer.push(b'}');
        }
        Ok(())
    }

    fn headers<T: Serialize + ?Sized>(&mut self, input: &T) -> Result<(), Violations> {
        let is_header = |member: &MemberInfo| matches!(member.place, Place::Header(_));
        if self.info.input.members.iter().any(is_header) {
            self.begin(Part::Headers);
            self.members(input)?;
        }
        Ok(())
    }

    fn has_body(&self) -> bool {
        self.info.input.body().next().is_some()
    }

    fn begin(&mut self, part: Part) {
        self.part = part;
        self.part_start = self.buffer.len();
    }

    /// Whether nothing of the current part is written yet.
    fn is_empty(&self) -> bool {
        self.buffer.len() == self.part_start
    }

    /// Writes the members that belong to the current part.
    fn members<T: Serialize + ?Sized>(&mut self, input: &T) -> Result<(), Violations> {
        input.serialize(Input(self))?;
        if let Some((name, token)) = self.unset_token {
            self.member(name, token)?;
            self.has_token = self.unset_token.is_none();
        }
        Ok(())
    }

    /// Writes a member if it belongs to the current part.
    fn member<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Violation> {
        let Some(member) = self.find(name) else {
            return Err(Violation::new(name, Rule::Unknown));
        };
        let written = match (self.part, member.place) {
            (Part::Path, Place::Label(label)) if self.label == Some(label) => {
                let written = self.segment(member, value)?;
                if written {
                    self.next_label();
                }
                written
            }
            (Part::Query, Place::Query(parameter)) => {
                text_of(value, |text| self.pair(parameter, text)).is_some()
            }
            (Part::Body, Place::Body) => self.body_member(member, value)?,
            (Part::Headers, Place::Header(header)) => self.header(member, header, value)?,
            (_, Place::Label(_) | Place::Query(_) | Place::Header(_) | Place::Body) => false,
            _ => return Err(Violation::new(name, Rule::Unknown)),
        };
        if written && self.unset_token.is_some_and(|(token, _)| token == member.name) {
            self.unset_token = None;
        }
        Ok(())
    }

    fn find(&mut self, name: &str) -> Option<&'static MemberInfo> {
        let members = self.info.input.members;
        let found = (self.next..members.len())
            .chain(0..self.next)
            .find(|position| members[*position].name == name)?;
        self.next = found + 1;
        members.get(found)
    }

    fn segment<T: Serialize + ?Sized>(
        &mut self,
        member: &MemberInfo,
        value: &T,
    ) -> Result<bool, Violation> {
        let segment = text_of(value, |text| match text {
            "" | "." | ".." => Err(Violation::new(member.name, Rule::PathSegment)),
            _ => {
                push_encoded(&mut self.buffer, text);
                Ok(())
            }
        });
        Ok(segment.transpose()?.is_some())
    }

    fn pair(&mut self, name: &str, value: &str) {
        self.buffer.push(if self.is_empty() { b'?' } else { b'&' });
        // Names come from the table and need no encoding.
        self.buffer.extend_from_slice(name.as_bytes());
        self.buffer.push(b'=');
        push_encoded(&mut self.buffer, value);
    }

    fn header<T: Serialize + ?Sized>(
        &mut self,
        member: &MemberInfo,
        header: &'static str,
        value: &T,
    ) -> Result<bool, Violation> {
        let value = text_of(value, |text| {
            // `HeaderValue` itself also accepts bytes outside of ASCII.
            HeaderValue::from_str(text).ok().filter(|value| value.to_str().is_ok())
        });
        let Some(value) = value else { return Ok(false) };
        let mut value = value.ok_or_else(|| Violation::new(member.name, Rule::HeaderValue))?;
        // The header identifies the caller, who may be a person.
        value.set_sensitive(true);
        self.headers.insert(HeaderName::from_static(header), value);
        Ok(true)
    }

    fn body_member<T: Serialize + ?Sized>(
        &mut self,
        member: &MemberInfo,
        value: &T,
    ) -> Result<bool, Violation> {
        let start = self.buffer.len();
        self.buffer.push(if self.is_empty() { b'{' } else { b',' });
        self.buffer.push(b'"');
        self.buffer.extend_from_slice(member.name.as_bytes());
        self.buffer.extend_from_slice(b"\":");
        let value_start = self.buffer.len();
        serde_json::to_writer(&mut self.buffer, value)
            .map_err(|_| Violation::new(member.name, Rule::Type { expected: "JSON" }))?;
        let written = self.buffer[value_start..] != *b"null";
        if !written {
            self.buffer.truncate(start);
        }
        Ok(written)
    }

    fn finish(mut self, path_length: usize) -> Result<Request<Bytes>, Violations> {
        let has_body = self.has_body();
        let body_end = self.buffer.len();
        // The length is in the buffer too, because a header value made from a number would allocate twice.
        // Writing to a vector never fails.
        let _ = write!(self.buffer, "{}", body_end - path_length);

        let mut path = Bytes::from(self.buffer);
        let content_length = path.split_off(body_end);
        let body = path.split_off(path_length);
        // All characters are percent-encoded, so only the length can be invalid.
        let too_long = |_| Violation::new("", Rule::PathLength { max: MAX_PATH });
        let uri = Uri::from_maybe_shared(path).map_err(too_long)?;

        let mut headers = self.headers;
        if has_body {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        let method = Method::from_bytes(self.info.method.as_str().as_bytes()).unwrap_or_default();
        if method != Method::GET
            && let Ok(content_length) = HeaderValue::from_maybe_shared(content_length)
        {
            headers.insert(CONTENT_LENGTH, content_length);
        }
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        Ok(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chime_model::messaging::ListChannelsRequest;

    #[test]
    fn a_header_value_is_visible_ascii() {
        let encoded = |bearer| encode_request(&ListChannelsRequest::new("arn", bearer));
        assert_eq!(encoded("ana").unwrap().headers()["x-amz-chime-bearer"], "ana");
        for bearer in ["zoë", "a\nb", "\u{7f}"] {
            let violation = Violation::new("ChimeBearer", Rule::HeaderValue);
            assert_eq!(encoded(bearer).unwrap_err(), violation.into(), "{bearer:?}");
        }
    }
}
