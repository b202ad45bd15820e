//! The canonical request of Signature Version 4.

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderName, Request, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};

use super::header::names;

/// All characters except the unreserved ones of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The canonical request; `None` if one of the signed headers is missing.
pub(super) fn request(
    request: &Request<Bytes>,
    signed_headers: &str,
    digest: &[u8],
) -> Option<Vec<u8>> {
    let uri = request.uri();
    let mut out = Vec::with_capacity(1024);
    out.extend_from_slice(request.method().as_str().as_bytes());
    out.push(b'\n');
    push_path(&mut out, uri.path());
    out.push(b'\n');
    push_query(&mut out, uri.query().unwrap_or_default());
    out.push(b'\n');
    for name in names(signed_headers) {
        out.extend_from_slice(name);
        out.push(b':');
        push_header(&mut out, request, name)?;
        out.push(b'\n');
    }
    for part in [b"\n", signed_headers.as_bytes(), b"\n", digest] {
        out.extend_from_slice(part);
    }
    Some(out)
}

/// Writes the path as it was sent, without dot segments and empty segments, and percent-encoded a
/// second time, as all services except S3 require.
fn push_path(out: &mut Vec<u8>, path: &str) {
    // Most paths stay as they are.
    if path.starts_with('/') && is_plain(path, b'/') && !path.contains("//") {
        return out.extend_from_slice(path.as_bytes());
    }
    let start = out.len();
    for segment in path.as_bytes().split(|byte| *byte == b'/') {
        match segment {
            b"" | b"." => {}
            b".." => {
                let parent = out[start..].iter().rposition(|byte| *byte == b'/');
                out.truncate(start + parent.unwrap_or_default());
            }
            segment => {
                out.push(b'/');
                let parts = percent_encode(segment, RESERVED);
                parts.for_each(|part| out.extend_from_slice(part.as_bytes()));
            }
        }
    }
    if path.ends_with('/') || out.len() == start {
        out.push(b'/');
    }
}

/// Whether a text has only letters, digits, `-` and `more`, which stay as they are. The check has no
/// branches, so the compiler vectorizes it.
fn is_plain(text: &str, more: u8) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() | (byte == b'-') | (byte == more);
    text.bytes().fold(true, |plain, byte| plain & is_plain(byte))
}

/// Writes the parameters, sorted and encoded in the canonical way. A `+` is a space, as in routing.
fn push_query(out: &mut Vec<u8>, query: &str) {
    let encoded = |text| {
        if is_plain(text, b'-') {
            return Cow::from(text);
        }
        let text = text.replace('+', " ");
        percent_encode(&Cow::from(percent_decode_str(&text)), RESERVED).collect::<String>().into()
    };
    let mut pairs: Vec<_> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (encoded(name), encoded(value)))
        .collect();
    pairs.sort_unstable();
    for (i, (name, value)) in pairs.iter().enumerate() {
        for part in [if i > 0 { "&" } else { "" }, name, "=", value] {
            out.extend_from_slice(part.as_bytes());
        }
    }
}

/// Writes the values of a header, joined by commas. Values are trimmed, and runs of spaces become
/// one space.
fn push_header(out: &mut Vec<u8>, request: &Request<Bytes>, name: &[u8]) -> Option<()> {
    // A request has few headers, so comparing them takes less time than hashing the name.
    let is_wanted = |(known, _): &(&HeaderName, _)| known.as_str().as_bytes() == name;
    let mut values = request.headers().iter().filter(is_wanted).map(|(_, value)| value.as_bytes());
    match values.next() {
        Some(first) => {
            push_tidied(out, first);
            for value in values {
                out.push(b',');
                push_tidied(out, value);
            }
        }
        // Without a `Host` header, as in HTTP/2 and in-process calls, the URI has the host.
        None if name == b"host" => out.extend(host(request.uri())?),
        None => return None,
    }
    Some(())
}

fn push_tidied(out: &mut Vec<u8>, value: &[u8]) {
    let words = value.trim_ascii().split(|byte| *byte == b' ').filter(|word| !word.is_empty());
    for (i, word) in words.enumerate() {
        if i > 0 {
            out.push(b' ');
        }
        out.extend_from_slice(word);
    }
}

/// The value of the `Host` header for a URI: the host, without the default port.
fn host(uri: &Uri) -> Option<Vec<u8>> {
    let host = uri.host()?;
    let implied = matches!(
        (uri.scheme_str(), uri.port_u16()),
        (Some("http"), Some(80)) | (Some("https"), Some(443))
    );
    Some(match uri.port() {
        Some(port) if !implied => format!("{host}:{port}").into_bytes(),
        _ => host.as_bytes().to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(request: &Request<Bytes>, name: &str) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        push_header(&mut out, request, name.as_bytes()).map(|()| out)
    }

    #[test]
    fn paths_are_normalised_and_encoded_a_second_time() {
        for (sent, canonical) in [
            ("/", "/"),
            ("//", "/"),
            ("/accounts", "/accounts"),
            ("/accounts/", "/accounts/"),
            ("/a//b/./c/../d", "/a/b/d"),
            ("/../..", "/"),
            ("/phone-numbers/%2B12065550100", "/phone-numbers/%252B12065550100"),
            ("/accounts/a%2Fb%20c", "/accounts/a%252Fb%2520c"),
            ("/accounts/a~b-c_d.e", "/accounts/a~b-c_d.e"),
        ] {
            let mut out = b"GET ".to_vec();
            push_path(&mut out, sent);
            assert_eq!(String::from_utf8(out).unwrap(), format!("GET {canonical}"), "{sent}");
        }
    }

    #[test]
    fn queries_are_sorted_by_name_then_value_and_encoded_canonically() {
        for (sent, canonical) in [
            ("", ""),
            ("operation=logout", "operation=logout"),
            ("b=2&a=2&a=1", "a=1&a=2&b=2"),
            ("a-b=1&a=1", "a=1&a-b=1"),
            ("flag", "flag="),
            ("&a=1&", "a=1"),
            ("t=a=b", "t=a%3Db"),
            ("t=%3d%7E", "t=%3D~"),
            ("name=Lake+side", "name=Lake%20side"),
            ("email=ana%2Bdesk%40example.com", "email=ana%2Bdesk%40example.com"),
        ] {
            let mut out = Vec::new();
            push_query(&mut out, sent);
            assert_eq!(String::from_utf8(out).unwrap(), canonical, "{sent}");
        }
    }

    #[test]
    fn header_values_are_trimmed_and_joined() {
        let request = Request::get("/")
            .header("my-header", "  a   b  ")
            .header("my-header", "c")
            .body(Bytes::new())
            .unwrap();
        assert_eq!(header(&request, "my-header").unwrap(), b"a b,c");
        assert_eq!(header(&request, "other"), None);
    }

    #[test]
    fn the_host_may_be_in_the_uri() {
        for (uri, expected) in [
            ("http://chime.local:8080/accounts", "chime.local:8080"),
            ("http://chime.local:80/accounts", "chime.local"),
            ("https://chime.local:80/accounts", "chime.local:80"),
            ("https://chime.local:443/accounts", "chime.local"),
        ] {
            let request = Request::get(uri).body(Bytes::new()).unwrap();
            assert_eq!(header(&request, "host").unwrap(), expected.as_bytes(), "{uri}");
        }
        let relative = Request::get("/accounts").body(Bytes::new()).unwrap();
        assert_eq!(header(&relative, "host"), None);
    }
}
