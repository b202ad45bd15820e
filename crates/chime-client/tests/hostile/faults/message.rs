//! The content of responses.

use bytes::Bytes;

/// The content of a response.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Message {
    /// The account that the request asks for.
    Fine,
    /// `Fine`, after this many informational responses.
    Early(u8),
    /// `Fine` without a length. Over HTTP/1.1 it ends with the connection.
    NoLength,
    /// An HTML page with this status.
    Status(u16),
    /// Throttled, with a hint to wait this many milliseconds.
    Throttled(u64),
    /// The credentials have expired, and stay expired.
    Expired,
    /// The clock of the service jumps 20 minutes ahead or back, and the date of the request is wrong.
    ClockJumps,
    /// A success with an HTML body.
    Html,
    /// A success with truncated JSON.
    HalfJson,
    /// `Fine`, with a content length that is too short.
    TooShort,
    /// A success with a body above [`LIMIT`], with or without a content length.
    Oversized { has_length: bool },
    /// Any bytes instead of an HTTP/1.1 response.
    Bytes(Bytes),
}

/// The response size limit of the client.
pub(crate) const LIMIT: usize = 1000;

/// The parts of a response that both protocols have.
pub(super) struct Content {
    pub(super) informational: u8,
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: String,
}

impl Message {
    /// Whether only a service that acted responds like this.
    pub(super) fn is_success(&self) -> bool {
        matches!(self, Self::Fine | Self::Early(_) | Self::NoLength)
    }

    /// Whether only a service that did not act responds like this.
    pub(super) fn is_refusal(&self) -> bool {
        match self {
            Self::Status(status) => (400..500).contains(status) || *status == 503,
            Self::Throttled(_) | Self::Expired | Self::ClockJumps => true,
            _ => false,
        }
    }

    pub(super) fn is_throttling(&self) -> bool {
        matches!(self, Self::Throttled(_) | Self::Status(429))
    }

    /// The response to a request for an account of this name, which is act number `act`.
    pub(super) fn content(&self, name: &str, act: u32, date: String) -> Content {
        let account =
            format!(r#"{{"Account":{{"AccountId":"{act}","AwsAccountId":"1","Name":"{name}"}}}}"#);
        let error = |code: &str| Some(("x-amzn-errortype", code.to_owned()));
        let html = || "<html>".to_owned();
        let (status, header, body) = match self {
            Self::Status(status) => {
                (*status, Some(("location", "http://elsewhere.invalid/".to_owned())), html())
            }
            Self::Throttled(millis) => {
                (429, Some(("x-amz-retry-after", millis.to_string())), "{}".to_owned())
            }
            Self::Expired => (403, error("ExpiredTokenException"), "{}".to_owned()),
            Self::ClockJumps => (403, error("RequestTimeTooSkewed"), "{}".to_owned()),
            Self::Html => (200, None, html()),
            Self::HalfJson => (200, None, account[..account.len() / 2].to_owned()),
            Self::Oversized { .. } => (200, None, " ".repeat(LIMIT + 1)),
            _ => (201, None, account),
        };
        let length = match self {
            Self::NoLength | Self::Oversized { has_length: false } => None,
            Self::TooShort => Some(1),
            _ => Some(body.len()),
        };
        let mut headers = vec![("date", date)];
        headers.extend(header);
        headers.extend(length.map(|length| ("content-length", length.to_string())));
        let informational = if let Self::Early(count) = self { *count } else { 0 };
        Content { informational, status, headers, body }
    }

    /// The bytes of the response in HTTP/1.1.
    pub(super) fn http1(&self, name: &str, act: u32, date: String) -> Vec<u8> {
        if let Self::Bytes(bytes) = self {
            return bytes.to_vec();
        }
        let Content { informational, status, headers, body } = self.content(name, act, date);
        let mut text =
            "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n".repeat(informational.into());
        text += &format!("HTTP/1.1 {status} Reason\r\n");
        for (name, value) in headers {
            text += &format!("{name}: {value}\r\n");
        }
        if matches!(self, Self::Oversized { has_length: false }) {
            text += "transfer-encoding: chunked\r\n\r\n";
            text += &format!("64\r\n{}\r\n", " ".repeat(100)).repeat(LIMIT / 100 + 1);
            text += "0\r\n\r\n";
        } else {
            text += "\r\n";
            text += &body;
        }
        text.into_bytes()
    }
}
