//! Describes responses that are not JSON of the service, because they come from a proxy, a captive portal
//! or a load balancer, or because the body is encoded.

use http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderName, LOCATION};
use http::{HeaderMap, Response, Uri};

/// The longest text that is quoted from a response, in bytes.
const MAX_QUOTE: usize = 1024;

/// The text of a header, if it is printable ASCII.
pub(crate) fn header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// The reason why the body cannot be read, if it has a `Content-Encoding` other than `identity`.
pub(crate) fn encoded(headers: &HeaderMap) -> Option<String> {
    let names = |value: &http::HeaderValue| -> Vec<String> {
        // A value that is not ASCII is an unknown coding, not the absence of one.
        let names = value.to_str().unwrap_or("an unknown coding").split(',').map(str::trim);
        let is_coding = |name: &&str| !name.is_empty() && !name.eq_ignore_ascii_case("identity");
        names.filter(is_coding).map(str::to_owned).collect()
    };
    let codings: Vec<String> = headers.get_all(CONTENT_ENCODING).iter().flat_map(names).collect();
    (!codings.is_empty()).then(|| {
        let codings = codings.join(", ");
        let codings = start(&codings);
        format!("the response is encoded with {codings}, which this client does not accept")
    })
}

/// The media type of a response, without parameters, as `content type text/html`.
pub(crate) fn content_type(headers: &HeaderMap) -> String {
    match media_type(headers) {
        Some(name) => format!("content type {name}"),
        None => "no content type".to_owned(),
    }
}

/// Whether the response has a media type other than JSON.
pub(crate) fn is_labelled_other_than_json(headers: &HeaderMap) -> bool {
    media_type(headers).is_some_and(|name| !name.to_ascii_lowercase().contains("json"))
}

fn media_type(headers: &HeaderMap) -> Option<&str> {
    let name = header(headers, &CONTENT_TYPE)?.split(';').next()?.trim();
    Some(start(name)).filter(|name| !name.is_empty())
}

/// Describes the target of a 3xx response with a `Location`. The URL is shown without user info, query and
/// fragment, which can contain secrets.
pub(crate) fn redirect<B>(response: &Response<B>) -> Option<String> {
    let location =
        response.headers().get(LOCATION).filter(|_| response.status().is_redirection())?;
    let target = location.to_str().ok().and_then(public_part);
    let target = target.as_deref().map_or("an invalid URL", start);
    Some(format!("the response redirects to {target}; this client does not follow redirects"))
}

fn public_part(location: &str) -> Option<String> {
    let location = location.trim();
    let has_own_scheme = !location.starts_with("//");
    // Without a scheme, `Uri` would parse the host as part of the path.
    let absolute = if has_own_scheme { location.to_owned() } else { format!("http:{location}") };
    let uri: Uri = absolute.parse().ok()?;
    let path = uri.path();
    match (uri.scheme_str(), uri.authority()) {
        (Some(scheme), Some(authority)) => {
            let scheme = if has_own_scheme { format!("{scheme}:") } else { String::new() };
            let host = authority.as_str().rsplit('@').next().unwrap_or_default();
            Some(format!("{scheme}//{host}{path}"))
        }
        (None, None) if path.starts_with('/') => Some(path.to_owned()),
        _ => None,
    }
}

/// The beginning of the body if it is text, otherwise its length and content type; `None` if the body is
/// empty.
pub(crate) fn message(headers: &HeaderMap, body: &[u8]) -> Option<String> {
    if body.trim_ascii().is_empty() {
        return None;
    }
    Some(match text(body) {
        Some(text) => text.trim().to_owned(),
        None => {
            let (length, content_type) = (body.len(), content_type(headers));
            format!("the response body is not text ({length} bytes, {content_type})")
        }
    })
}

/// The beginning of a body that is UTF-8 without control characters.
fn text(body: &[u8]) -> Option<&str> {
    let cut = &body[..body.len().min(MAX_QUOTE)];
    let text = match std::str::from_utf8(cut) {
        Ok(text) => text,
        // The cut may fall inside a character.
        Err(error) if error.error_len().is_none() && cut.len() < body.len() => {
            std::str::from_utf8(&cut[..error.valid_up_to()]).ok()?
        }
        Err(_) => return None,
    };
    let is_text = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
    text.chars().all(is_text).then_some(text)
}

/// The beginning of a text, up to [`MAX_QUOTE`] bytes.
fn start(text: &str) -> &str {
    text.get(..MAX_QUOTE).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn headers(name: HeaderName, values: &[&[u8]]) -> HeaderMap {
        let value = |value: &&[u8]| (name.clone(), HeaderValue::from_bytes(value).unwrap());
        values.iter().map(value).collect()
    }

    #[test]
    fn codings_other_than_identity_are_named() {
        let named = |values: &[&str]| {
            let values: Vec<&[u8]> = values.iter().map(|value| value.as_bytes()).collect();
            encoded(&headers(CONTENT_ENCODING, &values))
        };
        for none in [&[][..], &[""], &["identity"], &["Identity, "], &[",", "identity"]] {
            assert_eq!(named(none), None, "{none:?}");
        }
        for (values, codings) in [
            (&["gzip"][..], "gzip"),
            (&["identity, br"], "br"),
            (&["gzip", "deflate,br"], "gzip, deflate, br"),
        ] {
            let expected = format!(
                "the response is encoded with {codings}, which this client does not accept"
            );
            assert_eq!(named(values), Some(expected));
        }
        assert!(encoded(&headers(CONTENT_ENCODING, &[b"\xff"])).is_some());
        let long = "x".repeat(10_000);
        assert!(named(&[&long]).unwrap().len() < 2_000);
    }

    #[test]
    fn a_content_type_is_named_without_parameters() {
        let named = |value: &[u8]| content_type(&headers(CONTENT_TYPE, &[value]));
        assert_eq!(named(b"text/html; charset=utf-8"), "content type text/html");
        assert_eq!(named(b""), "no content type");
        assert_eq!(named(b"text/\xff"), "no content type");
        assert_eq!(content_type(&HeaderMap::new()), "no content type");
    }

    #[test]
    fn a_redirect_shows_the_public_part_of_its_target() {
        let target = |status: u16, location: &[u8]| {
            let location = HeaderValue::from_bytes(location).unwrap();
            let response = Response::builder().status(status).header(LOCATION, location);
            let text = redirect(&response.body(()).unwrap())?;
            let text = text.strip_prefix("the response redirects to ").unwrap();
            let text = text.strip_suffix("; this client does not follow redirects").unwrap();
            Some(text.to_owned())
        };
        for (location, expected) in [
            ("https://login.example/a/b?token=s#t", "https://login.example/a/b"),
            ("HTTP://user:secret@login.example:8443/a", "http://login.example:8443/a"),
            ("https://user:s@cret@login.example/@a", "https://login.example/@a"),
            ("https://login.example?token=secret", "https://login.example/"),
            ("//user:secret@login.example/a?b", "//login.example/a"),
            ("/login?token=secret", "/login"),
            (" /login ", "/login"),
            ("", "an invalid URL"),
            ("login", "an invalid URL"),
            ("user:secret@login.example", "an invalid URL"),
            ("mailto:ana@login.example", "an invalid URL"),
            ("login:443", "an invalid URL"),
            ("https://", "an invalid URL"),
            ("https:\\\\user:secret@login.example\\a", "an invalid URL"),
            ("https://login.example/\u{202e}", "an invalid URL"),
        ] {
            assert_eq!(target(302, location.as_bytes()).as_deref(), Some(expected), "{location}");
        }
        assert_eq!(target(201, b"/login"), None);
        assert_eq!(redirect(&Response::builder().status(304).body(()).unwrap()), None);
        let long = format!("/{}", "x".repeat(10_000));
        assert!(target(302, long.as_bytes()).unwrap().len() < 2_000);
    }

    #[test]
    fn only_text_is_quoted() {
        let quoted = |body: &[u8]| message(&headers(CONTENT_TYPE, &[b"a/b"]), body);
        assert_eq!(quoted(b" <html>\r\n\tNo\n</html> ").unwrap(), "<html>\r\n\tNo\n</html>");
        assert_eq!(quoted(b" \n"), None);
        for binary in
            [&b"\x1f\x8b\x08\0"[..], b"a\x1b[2J", "a\u{9b}2J".as_bytes(), b"a\xff", b"\xc3"]
        {
            let length = binary.len();
            let expected =
                format!("the response body is not text ({length} bytes, content type a/b)");
            assert_eq!(quoted(binary), Some(expected));
        }
        // A two-byte character crosses the limit.
        let long = format!("x{}", "é".repeat(MAX_QUOTE));
        assert_eq!(quoted(long.as_bytes()).unwrap(), long[..MAX_QUOTE - 1]);
    }
}
