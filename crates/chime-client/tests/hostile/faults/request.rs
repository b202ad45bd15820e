//! What a request says.

use std::io;
use std::ops::Range;
use std::time::SystemTime;

use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt};

/// A request that came whole.
pub(super) struct Request {
    head: String,
    body: Vec<u8>,
}

impl Request {
    /// The next one of a connection; `None` if the client ended it.
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
        let request = Self { head: String::from_utf8(bytes).unwrap(), body: Vec::new() };
        let length = request.header("content-length").parse().unwrap();
        while body.len() < length {
            if stream.read_buf(&mut body).await? == 0 {
                return Ok(None);
            }
        }
        Ok(Some(Self { body, ..request }))
    }

    fn header(&self, name: &str) -> &str {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let mut values = lines.filter(|(own, _)| own.eq_ignore_ascii_case(name));
        values.next().expect(name).1
    }

    pub(super) fn key(&self) -> String {
        let authorization = self.header("authorization");
        let key = authorization.split_once("Credential=").unwrap().1;
        key.split('/').next().unwrap().to_owned()
    }

    pub(super) fn invocation(&self) -> String {
        self.header("amz-sdk-invocation-id").to_owned()
    }

    pub(super) fn name(&self) -> String {
        let body: Value = serde_json::from_slice(&self.body).unwrap();
        body["Name"].as_str().unwrap().to_owned()
    }

    /// `20261123T150745Z`.
    pub(super) fn date(&self) -> SystemTime {
        let date = self.header("x-amz-date");
        let number = |range: Range<usize>| date[range].parse::<u16>().unwrap();
        let small = |range| u8::try_from(number(range)).unwrap();
        let month = time::Month::try_from(small(4..6)).unwrap();
        let day = time::Date::from_calendar_date(number(0..4).into(), month, small(6..8)).unwrap();
        day.with_hms(small(9..11), small(11..13), small(13..15)).unwrap().assume_utc().into()
    }
}
