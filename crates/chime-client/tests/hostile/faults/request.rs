//! A request, as the server reads it.

use std::io;
use std::ops::Range;
use std::time::SystemTime;

use http::{HeaderMap, HeaderName};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt};

/// A complete request.
pub(super) struct Request {
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Request {
    pub(super) fn new(headers: HeaderMap, body: Vec<u8>) -> Self {
        Self { headers, body }
    }

    /// Reads the next HTTP/1.1 request of a connection; `None` if the client closed it.
    pub(super) async fn read(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<Self>> {
        let mut bytes = Vec::new();
        let end = loop {
            if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            if stream.read_buf(&mut bytes).await? == 0 {
                return Ok(None);
            }
        };
        let mut body = bytes.split_off(end);
        let request = Self::new(headers(&String::from_utf8(bytes).unwrap()), Vec::new());
        let length = request.header("content-length").parse().unwrap();
        while body.len() < length {
            if stream.read_buf(&mut body).await? == 0 {
                return Ok(None);
            }
        }
        Ok(Some(Self { body, ..request }))
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).expect(name).to_str().unwrap()
    }

    pub(super) fn access_key_id(&self) -> String {
        let authorization = self.header("authorization");
        let credential = authorization.split_once("Credential=").unwrap().1;
        credential.split('/').next().unwrap().to_owned()
    }

    pub(super) fn invocation(&self) -> String {
        self.header("amz-sdk-invocation-id").to_owned()
    }

    pub(super) fn name(&self) -> String {
        let body: Value = serde_json::from_slice(&self.body).unwrap();
        body["Name"].as_str().unwrap().to_owned()
    }

    /// The date of the signature, such as `20261123T150745Z`.
    pub(super) fn date(&self) -> SystemTime {
        let date = self.header("x-amz-date");
        let number = |range: Range<usize>| date[range].parse::<u16>().unwrap();
        let small = |range| u8::try_from(number(range)).unwrap();
        let month = time::Month::try_from(small(4..6)).unwrap();
        let day = time::Date::from_calendar_date(number(0..4).into(), month, small(6..8)).unwrap();
        day.with_hms(small(9..11), small(11..13), small(13..15)).unwrap().assume_utc().into()
    }
}

fn headers(head: &str) -> HeaderMap {
    let lines = head.lines().filter_map(|line| line.split_once(": "));
    lines
        .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap()))
        .collect()
}
