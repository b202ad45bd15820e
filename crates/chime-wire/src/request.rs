//! Encodes requests: one pass over the value, straight into the path, the query and the body.

mod serializer;

use std::ops::Range;

use bytes::Bytes;
use chime_model::{MemberInfo, Operation, OperationInfo, Place, Rule, Violation, Violations};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Uri};
use serde::Serialize;

use crate::text::{push_encoded, push_pair, text_of};

/// Most requests fit in, and grow no buffer.
const USUAL_LENGTH: usize = 128;

/// What the `http` crate takes as the length of a path and its query.
const MAX_PATH: usize = u16::MAX as usize - 1;

/// The request of an operation as an HTTP message, without authority and signature.
///
/// Its extensions hold the row of the operation, as `&'static OperationInfo`.
///
/// # Errors
/// If a member of the path is missing or cannot be a segment. Constraints are not checked here:
/// see [`chime_model::Validate`].
pub fn encode_request<O: Operation>(request: &O) -> Result<Request<Bytes>, Violations> {
    encode_input(O::INFO, request, None)
}

/// Any serializable input of an operation as an HTTP message: its request or a JSON document.
///
/// `idempotency_token` is sent if the operation has a member for one and the input leaves it out.
///
/// # Errors
/// If a member of the path is missing or cannot be a segment, and if the input has members that
/// the operation does not know. Constraints are not checked here: see [`chime_model::check`].
pub fn encode_input<T: Serialize + ?Sized>(
    info: &'static OperationInfo,
    input: &T,
    idempotency_token: Option<&str>,
) -> Result<Request<Bytes>, Violations> {
    let mut parts = Parts::new(info);
    input.serialize(serializer::TopLevel(&mut parts))?;
    if let (Some(name), Some(token)) = (info.idempotency_token, idempotency_token)
        && !parts.token_seen
    {
        parts.member(name, token)?;
    }
    parts.finish()
}

/// The message under construction.
struct Parts {
    info: &'static OperationInfo,
    /// The values of all labels, encoded, one after another.
    segments: String,
    labels: Vec<(&'static str, Range<usize>)>,
    query: String,
    body: Vec<u8>,
    scratch: Vec<u8>,
    token_seen: bool,
    /// Where the search for the next member starts: they come in the order of the row.
    next: usize,
}

impl Parts {
    fn new(info: &'static OperationInfo) -> Self {
        let mut query = String::new();
        for (name, value) in info.query {
            push_pair(&mut query, name, value);
        }
        Self {
            info,
            segments: String::with_capacity(USUAL_LENGTH),
            labels: Vec::new(),
            query,
            body: Vec::new(),
            scratch: Vec::with_capacity(USUAL_LENGTH),
            token_seen: false,
            next: 0,
        }
    }

    fn member<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Violation> {
        let Some(member) = self.find(name) else {
            return Err(Violation::new(name, Rule::Unknown));
        };
        let written = match member.place {
            Place::Label(label) => self.label(member, label, value)?,
            Place::Query(parameter) => match text_of(value, &mut self.scratch) {
                Some(text) => {
                    push_pair(&mut self.query, parameter, &text);
                    true
                }
                None => false,
            },
            Place::Body => self.body(member, value)?,
            _ => return Err(Violation::new(name, Rule::Unknown)),
        };
        self.token_seen |= written && self.info.idempotency_token == Some(member.name);
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

    fn label<T: Serialize + ?Sized>(
        &mut self,
        member: &'static MemberInfo,
        label: &'static str,
        value: &T,
    ) -> Result<bool, Violation> {
        let Some(text) = text_of(value, &mut self.scratch) else { return Ok(false) };
        if matches!(&*text, "" | "." | "..") {
            return Err(Violation::new(member.name, Rule::PathSegment));
        }
        let start = self.segments.len();
        push_encoded(&mut self.segments, &text);
        self.labels.push((label, start..self.segments.len()));
        Ok(true)
    }

    fn body<T: Serialize + ?Sized>(
        &mut self,
        member: &'static MemberInfo,
        value: &T,
    ) -> Result<bool, Violation> {
        let start = self.body.len();
        self.body.push(if start == 0 { b'{' } else { b',' });
        self.body.push(b'"');
        self.body.extend_from_slice(member.name.as_bytes());
        self.body.extend_from_slice(b"\":");
        let value_start = self.body.len();
        serde_json::to_writer(&mut self.body, value)
            .map_err(|_| Violation::new(member.name, Rule::Type { expected: "JSON" }))?;
        let written = self.body[value_start..] != *b"null";
        if !written {
            self.body.truncate(start);
        }
        Ok(written)
    }

    fn finish(mut self) -> Result<Request<Bytes>, Violations> {
        let uri = self.uri()?;
        let has_body = self.info.input.body().next().is_some();
        if has_body {
            if self.body.is_empty() {
                self.body.push(b'{');
            }
            self.body.push(b'}');
        }
        let length = self.body.len();
        let mut request = Request::new(Bytes::from(self.body));
        *request.uri_mut() = uri;
        *request.method_mut() =
            Method::from_bytes(self.info.method.as_str().as_bytes()).unwrap_or_default();
        if has_body {
            let json = HeaderValue::from_static("application/json");
            request.headers_mut().insert(CONTENT_TYPE, json);
        }
        if request.method() != Method::GET {
            request.headers_mut().insert(CONTENT_LENGTH, length.into());
        }
        request.extensions_mut().insert(self.info);
        Ok(request)
    }

    fn uri(&self) -> Result<Uri, Violations> {
        let mut uri = String::with_capacity(self.info.path.len() + self.segments.len());
        for segment in self.info.path.split('/').skip(1) {
            uri.push('/');
            match segment.strip_prefix('{').and_then(|label| label.strip_suffix('}')) {
                Some(label) => uri.push_str(self.segment(label)?),
                None => uri.push_str(segment),
            }
        }
        uri.push_str(&self.query);
        Uri::try_from(uri).map_err(|_| {
            // All characters are encoded: only its length can be wrong.
            Violation::new("", Rule::PathLength { max: MAX_PATH }).into()
        })
    }

    fn segment(&self, label: &str) -> Result<&str, Violation> {
        match self.labels.iter().find(|(name, _)| *name == label) {
            Some((_, range)) => Ok(&self.segments[range.clone()]),
            None => {
                let is_label = |member: &&MemberInfo| matches!(member.place, Place::Label(name) if name == label);
                let member = self.info.input.members.iter().find(is_label);
                Err(Violation::new(member.map_or(label, |member| member.name), Rule::Required))
            }
        }
    }
}
