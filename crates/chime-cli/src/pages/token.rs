//! The token that says where a list goes on: that of the AWS CLI, base64 of a JSON object with the
//! token of the service's page and the number of items of that page that were printed already.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// The member for the number of items.
const AMOUNT: &str = "boto_truncate_amount";

/// Where a list goes on.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Position {
    /// The token of the page; `None` for the first page.
    pub(super) token: Option<String>,
    /// How many items of the page were printed; `None` if it was not fetched yet.
    pub(super) printed: Option<usize>,
}

impl Position {
    /// Writes a token. `name` is the member of the request that takes the service's token.
    pub(super) fn encode(&self, name: &str) -> String {
        let token = self.token.as_deref().map_or(Value::Null, Value::from);
        // The spaces are those of Python, so that both commands print the same token.
        let json = match self.printed {
            None => format!("{{\"{name}\": {token}}}"),
            Some(items) => format!("{{\"{name}\": {token}, \"{AMOUNT}\": {items}}}"),
        };
        STANDARD.encode(ascii(&json))
    }

    /// Reads a token: one of [`encode`](Self::encode), one that the service returned, or one of old
    /// versions of the AWS CLI, `token___amount`.
    pub(super) fn decode(name: &str, full: &str) -> Self {
        let decoded = STANDARD.decode(full).ok();
        let json = decoded.and_then(|json| serde_json::from_slice(&json).ok());
        if let Some(Value::Object(json)) = json {
            let printed = json.get(AMOUNT).and_then(Value::as_u64);
            let token = json.get(name).and_then(Value::as_str).map(str::to_owned);
            return Self { token, printed: printed.and_then(|items| items.try_into().ok()) };
        }
        let old = full.split_once("___").and_then(|(token, n)| Some((token, n.parse().ok()?)));
        let (token, printed) = old.unzip();
        let token = token.unwrap_or(full);
        Self { token: (token != "None").then(|| token.to_owned()), printed }
    }
}

/// Escapes all but ASCII.
fn ascii(json: &str) -> String {
    let mut ascii = String::with_capacity(json.len());
    for c in json.chars() {
        match c.is_ascii() {
            true => ascii.push(c),
            false => {
                let units = c.encode_utf16(&mut [0; 2]).to_vec();
                units.iter().for_each(|unit| ascii.push_str(&format!("\\u{unit:04x}")));
            }
        }
    }
    ascii
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn position(token: Option<&str>, printed: impl Into<Option<usize>>) -> Position {
        Position { token: token.map(str::to_owned), printed: printed.into() }
    }

    /// Tokens that the AWS CLI printed.
    #[test]
    fn tokens_are_those_of_the_aws_cli() {
        for (position, expected) in [
            (position(None, 1), "eyJOZXh0VG9rZW4iOiBudWxsLCAiYm90b190cnVuY2F0ZV9hbW91bnQiOiAxfQ=="),
            (position(Some("abc"), None), "eyJOZXh0VG9rZW4iOiAiYWJjIn0="),
            (
                position(Some("a\"é\u{1f469}"), 12),
                "eyJOZXh0VG9rZW4iOiAiYVwiXHUwMGU5XHVkODNkXHVkYzY5IiwgImJvdG9fdHJ1bmNhdGVfYW1vdW50IjogMTJ9",
            ),
        ] {
            assert_eq!(position.encode("NextToken"), expected);
            assert_eq!(Position::decode("NextToken", expected), position);
        }
    }

    #[test]
    fn tokens_of_the_service_and_of_old_versions_are_read() {
        for (token, expected) in [
            ("abc", position(Some("abc"), None)),
            ("abc___3", position(Some("abc"), 3)),
            ("None___3", position(None, 3)),
            ("a___b", position(Some("a___b"), None)),
            // Valid base64 and JSON, but not an object.
            ("MTIz", position(Some("MTIz"), None)),
        ] {
            assert_eq!(Position::decode("NextToken", token), expected, "{token}");
        }
    }

    proptest! {
        #[test]
        fn a_token_is_read_as_it_was_written(token: Option<String>, printed: Option<u32>) {
            let position = Position { token, printed: printed.map(|items| items as usize) };
            prop_assert_eq!(Position::decode("NextToken", &position.encode("NextToken")), position);
        }

        #[test]
        fn any_text_is_a_token(token: String) {
            Position::decode("NextToken", &token);
        }
    }
}
