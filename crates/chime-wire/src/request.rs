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
    encode_input(O::INFO, request, None)
}

/// Encodes any serializable input of an operation, such as its request or a JSON document, as an HTTP
/// message without authority and signature.
///
/// `idempotency_token` is sent if the operation takes one and the input leaves it unset. The input is
/// serialized several times: at least once for the path and once for the body.
///
/// # Errors
/// Returns a violation if a path member is missing or is not a valid path segment, or if the operation
/// has no member of a name in the input. Constraints are not checked: see [`chime_model::check`].
pub fn encode_input<T: Serialize + ?Sized>(
    info: &'static OperationInfo,
    input: &T,
    idempotency_token: Option<&str>,
) -> Result<Request<Bytes>, Violations> {
    let mut encoder = Encoder {
        info,
        idempotency_token: info.idempotency_token.zip(idempotency_token),
        buffer: Vec::with_capacity(INITIAL_CAPACITY),
        template: info.path,
        in_order: true,
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
    encoder.finish(path_length)
}

/// A message under construction.
struct Encoder<'t> {
    info: &'static OperationInfo,
    /// The member for the idempotency token and the token to send; `None` once the input has set it.
    idempotency_token: Option<(&'static str, &'t str)>,
    buffer: Vec<u8>,
    /// The rest of the path template, such as `/accounts/{accountId}/rooms`.
    template: &'static str,
    /// Whether the input lists the labels in the order of the path.
    in_order: bool,
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
    /// The whole path.
    Path,
    /// One label of the path.
    Label(&'static str),
    Query,
    Body,
    Headers,
}

impl Encoder<'_> {
    /// Writes the path. An input that lists its labels in the order of the path is serialized once; any
    /// other, once for each label.
    fn path<T: Serialize + ?Sized>(&mut self, input: &T) -> Result<(), Violations> {
        self.members(input)?;
        if self.next_label().is_none() && self.in_order {
            return Ok(());
        }
        self.buffer.clear();
        self.template = self.info.path;
        while let Some(label) = self.next_label() {
            self.label(label, input)?;
        }
        Ok(())
    }

    /// Writes the text before the next label of the template, and returns the label.
    fn next_label(&mut self) -> Option<&'static str> {
        let (text, label) = self.template.split_once('{').unwrap_or((self.template, ""));
        self.buffer.extend_from_slice(text.as_bytes());
        let label = label.split_once('}');
        self.template = label.map_or("", |(_, rest)| rest);
        label.map(|(label, _)| label)
    }

    fn label<T: Serialize + ?Sized>(
        &mut self,
        label: &'static str,
        input: &T,
    ) -> Result<(), Violations> {
        self.begin(Part::Label(label));
        self.members(input)?;
        if self.is_empty() {
            let mut members = self.info.input.members.iter();
            let member = members.find(|member| member.place == Place::Label(label));
            let name = member.map_or(label, |member| member.name);
            return Err(Violation::new(name, Rule::Required).into());
        }
        Ok(())
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

    /// Writes the body. Serializes the input even if the operation has no body, so that unknown members are
    /// found for every operation.
    fn body<T: Serialize + ?Sized>(&mut self, input: &T) -> Result<(), Violations> {
        self.begin(Part::Body);
        self.members(input)?;
        if self.has_body() {
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
        if let Some((name, token)) = self.idempotency_token {
            self.member(name, token)?;
        }
        Ok(())
    }

    /// Writes a member if it belongs to the current part.
    fn member<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Violation> {
        let Some(member) = self.find(name) else {
            return Err(Violation::new(name, Rule::Unknown));
        };
        let written = match (self.part, member.place) {
            (Part::Path, Place::Label(label)) => {
                let is_next = self.in_order && self.next_label() == Some(label);
                self.in_order = is_next && self.segment(member, value)?;
                self.in_order
            }
            (Part::Label(wanted), Place::Label(label)) if wanted == label && self.is_empty() => {
                self.segment(member, value)?
            }
            (Part::Query, Place::Query(parameter)) => {
                text_of(value, |text| self.pair(parameter, text)).is_some()
            }
            (Part::Body, Place::Body) => self.body_member(member, value)?,
            (Part::Headers, Place::Header(header)) => self.header(member, header, value)?,
            (_, Place::Label(_) | Place::Query(_) | Place::Header(_) | Place::Body) => false,
            _ => return Err(Violation::new(name, Rule::Unknown)),
        };
        self.idempotency_token =
            self.idempotency_token.filter(|(token, _)| !written || *token != member.name);
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
        let value = text_of(value, HeaderValue::from_str).transpose();
        let value = value.map_err(|_| Violation::new(member.name, Rule::HeaderValue))?;
        let Some(mut value) = value else { return Ok(false) };
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
