//! Endpoint URLs, and the addresses of requests.

use super::*;

fn at(url: &str) -> Endpoint {
    Endpoint::new(url, "r", "n").unwrap()
}

#[tokio::test]
async fn a_request_that_is_passed_on_names_its_new_host() {
    use tower::ServiceExt as _;
    let echo = tower::service_fn(|request: Request<()>| async move { Ok::<_, ()>(request) });
    let pass = |url, request| EndpointLayer::new(at(url)).layer(echo).oneshot(request);
    let request = Request::get("/x").header(HOST, "proxy.example").body(()).unwrap();
    let request = pass("https://a.example", request).await.unwrap();
    assert_eq!(request.uri(), "https://a.example/x");
    assert_eq!(request.headers()[HOST], "a.example");
    // A path that is too long with the prefix must not be sent, least of all to the old host.
    let prefixed = "https://a.example/a/prefix/for/which/there/is/no/room/left";
    let long = format!("http://other.example/{}", "x".repeat(65_500));
    let request = pass(prefixed, Request::get(long).body(()).unwrap()).await.unwrap();
    assert!(request.uri().authority().is_none() && !request.headers().contains_key(HOST));
}

#[test]
fn a_url_keeps_its_path_and_drops_the_default_port() {
    for (url, expected) in [
        ("https://a.example", "https://a.example/x%2F?y=1"),
        ("https://a:1/p/q/", "https://a:1/p/q/x%2F?y=1"),
        ("https://a:443/p", "https://a/p/x%2F?y=1"),
        ("https://A.Example/P", "https://a.example/P/x%2F?y=1"),
        ("https://a:80/", "https://a:80/x%2F?y=1"),
        ("http://[::1]:80", "http://[::1]/x%2F?y=1"),
        ("https://a:", "https://a/x%2F?y=1"),
        ("https://a:0080", "https://a:80/x%2F?y=1"),
    ] {
        assert_eq!(at(url).locate(&Uri::from_static("/x%2F?y=1")).unwrap(), expected);
    }
    let endpoint = at("http://localhost:443");
    assert_eq!((endpoint.host(), endpoint.port()), ("localhost", Some(443)));
}

#[test]
fn a_url_is_malformed_plain_or_valid() {
    let malformed = "a.example /path ftp://a https://a?x=1 http:// https://u:p@a https://:1 \
        https://a:99999 https://a:x https://a:+1 https://a.example@a.example https://ab@a:1 \
        https://[::1]1 http://[::1].a.example:1";
    for url in malformed.split_whitespace().chain([""]) {
        assert_eq!(Endpoint::new(url, "r", "n"), Err(InvalidUrl::Malformed), "{url}");
        assert!(Endpoint::with_plain_http(url, "r", "n").is_err(), "{url}");
    }
    for url in ["http://localhost:1", "http://127.0.0.1", "http://[::1]:1/p"] {
        assert!(Endpoint::new(url, "r", "n").is_ok(), "{url}");
    }
    for url in ["http://10.0.0.1", "http://chime.example", "http://localhost.example"] {
        assert_eq!(Endpoint::new(url, "r", "n"), Err(InvalidUrl::PlainHttp));
        assert!(Endpoint::with_plain_http(url, "r", "n").is_ok());
    }
}
