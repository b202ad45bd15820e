//! Proxies of the environment, and what their URLs mean.

use super::*;

fn uri(text: &str) -> Uri {
    text.parse().unwrap()
}

/// Where a request to `to` connects to, and with which `Proxy-Authorization`.
fn proxy(proxies: &Proxies, to: &str) -> Result<Option<(String, Option<String>)>, String> {
    let Some(rules) = proxies.rules() else { return Ok(None) };
    let proxy = rules.proxy_for(&uri(to)).map_err(|error| error.to_string())?;
    Ok(proxy.map(|proxy| {
        let authorization = proxy.authorization.as_ref();
        assert!(authorization.is_none_or(HeaderValue::is_sensitive));
        let text = authorization.map(|value| value.to_str().unwrap().to_owned());
        (proxy.uri.to_string(), text)
    }))
}

fn host(proxies: &Proxies, to: &str) -> Option<String> {
    proxy(proxies, to).unwrap().map(|(uri, _)| uri)
}

fn from_vars(vars: &[(&str, &str)]) -> Proxies {
    Proxies::from_vars(|name| {
        let found = vars.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    })
}

#[test]
fn lower_case_wins_and_empty_means_none() {
    let both = |http: &str, https: &str, no_proxy: &str| Proxies {
        http: http.to_owned(),
        https: https.to_owned(),
        no_proxy: no_proxy.to_owned(),
    };
    for (vars, expected) in [
        (&[("HTTP_PROXY", "a"), ("http_proxy", "b")][..], both("b", "", "")),
        (&[("HTTP_PROXY", "a"), ("http_proxy", "")], both("", "", "")),
        (&[("HTTPS_PROXY", "a"), ("https_proxy", "b")], both("", "b", "")),
        (&[("HTTPS_PROXY", "a"), ("https_proxy", "")], both("", "", "")),
        (&[("ALL_PROXY", "a")], both("a", "a", "")),
        (&[("ALL_PROXY", "a"), ("all_proxy", "b"), ("HTTP_PROXY", "c")], both("c", "b", "")),
        (&[("ALL_PROXY", "a"), ("https_proxy", "")], both("a", "", "")),
        (&[("NO_PROXY", "a"), ("no_proxy", "b")], both("", "", "b")),
        (&[("NO_PROXY", "a"), ("no_proxy", "")], both("", "", "")),
        (&[("HTTP_PROXY", "a"), ("REQUEST_METHOD", "GET")], both("", "", "")),
        (&[("http_proxy", "a"), ("REQUEST_METHOD", "GET")], both("a", "", "")),
        (&[("HTTPS_PROXY", "a"), ("REQUEST_METHOD", "GET")], both("", "a", "")),
        (&[], Proxies::default()),
    ] {
        assert!(from_vars(vars) == expected, "{vars:?}");
    }
}

#[test]
fn the_settings_keep_empty_proxy_variables() {
    let vars = [("HTTP_PROXY", "http://a"), ("http_proxy", ""), ("https_proxy", "http://b")];
    let vars = vars.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let proxies = crate::Config::from_vars(vars).unwrap().proxies;
    assert_eq!((&*proxies.http, &*proxies.https), ("", "http://b"));
}

#[test]
fn a_proxy_by_the_scheme_of_the_endpoint() {
    let https = Proxies { https: "http://p:3128".to_owned(), ..Proxies::default() };
    assert_eq!(host(&https, "https://a.example"), Some("http://p:3128/".to_owned()));
    assert_eq!(host(&https, "http://a.example"), None);
    let all = Proxies::all("http://p");
    for to in ["https://a.example", "http://a.example:8080"] {
        assert_eq!(host(&all, to), Some("http://p/".to_owned()));
        assert_eq!(host(&Proxies::default(), to), None);
    }
}

#[test]
fn hosts_without_a_proxy() {
    let mut proxies = Proxies::all("http://p");
    proxies.no_proxy = "near.example:8080,.corp.example,10.0.0.0/8,tls.example:443".to_owned();
    for to in [
        "http://near.example:8080",
        "https://near.example:8080",
        "https://chime.corp.example",
        "http://10.1.2.3",
        "https://tls.example",
        "http://127.0.0.1:1",
        "http://127.1",
        "http://[::1]:8080",
        "http://[::ffff:127.0.0.1]",
        "https://localhost",
        "https://chime.localhost:8443",
    ] {
        assert_eq!(host(&proxies, to), None, "{to}");
    }
    for to in ["http://near.example", "https://near.example:8081", "http://tls.example"] {
        assert_eq!(host(&proxies, to), Some("http://p/".to_owned()), "{to}");
    }
}

#[test]
fn the_last_at_sign_ends_the_user_info() {
    for (url, decoded) in [
        ("http://user:p@ss@127.0.0.1:3128", &b"user:p@ss"[..]),
        ("user:p@ss@127.0.0.1:3128/", b"user:p@ss"),
        ("HTTP://user:p%40ss@127.0.0.1:3128", b"user:p@ss"),
        ("http://user@127.0.0.1:3128", b"user:"),
        ("http://u%3Aser:a:b%25%2F@127.0.0.1:3128", b"u:ser:a:b%/"),
        ("http://user:100%@127.0.0.1:3128", b"user:100%"),
        ("http://\u{fc}:%ff@127.0.0.1:3128", b"\xc3\xbc:\xff"),
    ] {
        let expected = format!("Basic {}", base64::encode(decoded));
        let found = proxy(&Proxies::all(url), "https://a.example").unwrap().unwrap();
        assert_eq!(found, ("http://127.0.0.1:3128/".to_owned(), Some(expected)), "{url}");
    }
    for url in ["p:3128", "http://@p:3128", " http://p:3128/x?y#z "] {
        let found = proxy(&Proxies::all(url), "https://a.example").unwrap().unwrap();
        assert_eq!(found, ("http://p:3128/".to_owned(), None), "{url}");
    }
}

#[test]
fn requests_carry_the_credentials_where_there_is_no_tunnel() {
    let mut proxies = Proxies::all("http://Aladdin:open%20sesame@p");
    proxies.no_proxy = "near.example".to_owned();
    let rules = proxies.rules().unwrap();
    let expected = "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==";
    let sent = rules.plain_http_authorization(&uri("http://a.example")).unwrap();
    assert_eq!(sent, expected);
    assert!(sent.is_sensitive());
    for to in ["https://a.example", "http://near.example", "http://localhost"] {
        assert_eq!(rules.plain_http_authorization(&uri(to)), None, "{to}");
    }
    let without = Proxies::all("http://p").rules().unwrap();
    assert_eq!(without.plain_http_authorization(&uri("http://a.example")), None);
}

#[test]
fn an_invalid_proxy_is_an_error_only_where_it_would_be_used() {
    for (url, expected) in [
        ("http://", "is invalid"),
        ("http://a secret", "is invalid"),
        ("::", "is invalid"),
        ("http://me:secret@", "is invalid"),
        ("http://me:secret@p:port", "is invalid"),
        ("http://me:secret@p:99999", "is invalid"),
        ("http://me:secret/more@p", "is invalid"),
        ("http://me:123/secret@p", "is invalid"),
        ("https://me:secret@p", "must start with http://"),
        ("socks5://me:secret@p", "must start with http://"),
        ("secret://p", "must start with http://"),
    ] {
        let proxies = Proxies {
            https: url.to_owned(),
            no_proxy: "near.example".to_owned(),
            ..Proxies::default()
        };
        let error = proxy(&proxies, "https://far.example").unwrap_err();
        let start = format!("the configured proxy URL for https endpoints {expected}");
        assert!(error.starts_with(&start), "{error}");
        assert!(!error.contains("secret"), "{error}");
        for to in ["https://near.example", "http://far.example", "https://localhost"] {
            assert_eq!(proxy(&proxies, to), Ok(None), "{url} {to}");
        }
    }
}

#[test]
fn passwords_do_not_show() {
    assert!(!format!("{:?}", Proxies::all("http://me:secret@p")).contains("secret"));
}
