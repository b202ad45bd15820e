//! The `Authorization` header of a signed request.

use http::HeaderName;

use crate::engine::text::split_once;

/// The parsed header.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Authorization<'a> {
    pub(super) access_key_id: &'a str,
    /// The day, such as `20150830`.
    pub(super) date: &'a str,
    /// Any region is accepted, because clients sign for the one that they are configured with.
    pub(super) region: &'a str,
    pub(super) service: &'a str,
    /// The scope: `Credential` without the access key id.
    pub(super) scope: &'a str,
    /// The header names, in lower case, sorted and separated by `;`.
    pub(super) signed_headers: &'a str,
    pub(super) signature: &'a str,
}

impl<'a> Authorization<'a> {
    /// Parses the header; `None` if it is malformed or has another scheme.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let fields = text.trim().strip_prefix("AWS4-HMAC-SHA256")?;
        if !fields.starts_with([' ', '\t']) {
            return None;
        }
        let (mut credential, mut signed_headers, mut signature) = (None, None, None);
        let mut rest = Some(fields);
        while let Some(fields) = rest {
            let (field, more) = split_once(fields, b',').unzip();
            rest = more;
            let (name, value) = split_once(field.unwrap_or(fields).trim(), b'=')?;
            let slot = match name {
                "Credential" => &mut credential,
                "SignedHeaders" => &mut signed_headers,
                "Signature" => &mut signature,
                _ => return None,
            };
            if slot.replace(value).is_some() {
                return None;
            }
        }

        let (access_key_id, scope) = split_once(credential?, b'/')?;
        let (date, rest) = split_once(scope, b'/')?;
        let (region, rest) = split_once(rest, b'/')?;
        let (service, "aws4_request") = split_once(rest, b'/')? else { return None };
        let (signed_headers, signature) = (signed_headers?, signature?);
        let header =
            Self { access_key_id, date, region, service, scope, signed_headers, signature };
        // Starting with the empty name rejects empty names too.
        let mut previous: &[u8] = b"";
        for name in names(signed_headers) {
            if name <= previous || name.iter().any(u8::is_ascii_uppercase) {
                return None;
            }
            previous = name;
        }
        Some(header)
    }

    /// Whether a header is signed.
    pub(super) fn signs(&self, name: &HeaderName) -> bool {
        names(self.signed_headers).any(|signed| signed == name.as_str().as_bytes())
    }
}

/// The names in a list of signed headers.
pub(super) fn names(signed_headers: &str) -> impl Iterator<Item = &[u8]> {
    signed_headers.as_bytes().split(|byte| *byte == b';')
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCOPE: &str = "AKID/20150830/eu-north-1/chime/aws4_request";

    #[test]
    fn parses_the_parts_in_any_order_and_spacing() {
        let expected = Authorization {
            access_key_id: "AKID",
            date: "20150830",
            region: "eu-north-1",
            service: "chime",
            scope: "20150830/eu-north-1/chime/aws4_request",
            signed_headers: "host;x-amz-date",
            signature: "ab12",
        };
        for text in [
            format!(
                "AWS4-HMAC-SHA256 Credential={SCOPE}, SignedHeaders=host;x-amz-date, Signature=ab12"
            ),
            format!(
                "AWS4-HMAC-SHA256 Signature=ab12,SignedHeaders=host;x-amz-date,Credential={SCOPE}"
            ),
        ] {
            assert_eq!(Authorization::parse(&text).as_ref(), Some(&expected), "{text}");
        }
    }

    #[test]
    fn rejects_malformed_headers() {
        let headers = "SignedHeaders=host;x-amz-date";
        for text in [
            String::new(),
            "Basic YTpi".to_owned(),
            "AWS4-HMAC-SHA256".to_owned(),
            format!("AWS4-HMAC-SHA256 Credential={SCOPE}, {headers}"),
            format!("AWS4-HMAC-SHA256 Credential={SCOPE}, Signature=ab"),
            format!("AWS4-HMAC-SHA256 {headers}, Signature=ab"),
            format!("AWS4-HMAC-SHA2567 Credential={SCOPE}, {headers}, Signature=ab"),
            format!("AWS4-HMAC-SHA256 Credential={SCOPE}/more, {headers}, Signature=ab"),
            format!("AWS4-HMAC-SHA256 Credential=AKID/20150830, {headers}, Signature=ab"),
            format!("AWS4-HMAC-SHA256 Credential={SCOPE}, {headers}, Signature=ab, Signature=cd"),
            format!("AWS4-HMAC-SHA256 Credential={SCOPE}, SignedHeaders=, Signature=ab"),
            format!("AWS4-HMAC-SHA256 Credential={SCOPE}, SignedHeaders=Host, Signature=ab"),
            format!("AWS4-HMAC-SHA256 Credential={SCOPE}, SignedHeaders=x;host, Signature=ab"),
            format!("AWS4-HMAC-SHA256 Credential={SCOPE}, SignedHeaders=host;host, Signature=ab"),
        ] {
            assert_eq!(Authorization::parse(&text), None, "{text}");
        }
    }
}
