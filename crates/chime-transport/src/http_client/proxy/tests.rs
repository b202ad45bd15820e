//! Proxies of the environment, and the syntax of their URLs.

use super::*;

/// Returns the address that a request to `to` connects to, and its `Proxy-Authorization`.
fn proxy(proxies: &Proxies, to: &str) -> Result<Option<(String, Option<String>)>, String> {
    let Some(rules) = proxies.rules() else { return Ok(None) };
    let proxy = rules.proxy_for(&to.parse().unwrap()).map_err(|error| error.to_string())?;
    Ok(proxy.map(|proxy| {
        let authorization = proxy.authorization.as_ref();
        assert!(authorization.is_none_or(HeaderValue::is_sensitive));
        let text = authorization.map(|value| value.to_str().unwrap().to_owned());
        (proxy.uri.to_string(), text)
    }))
}

#[test]
fn lower_case_wins_and_empty_means_none() {
    let both = |http: &str, https: &str, no_proxy: &str| {
        let [http, https, no_proxy] = [http, https, no_proxy].map(str::to_owned);
        Proxies { http, https, no_proxy }
    };
    for (vars, expected) in [
        (&[("HTTP_PROXY", "a"), ("http_proxy", "b")][..], both("b", "", "")),
        (&[("HTTP_PROXY", "a"), ("http_proxy", "")], both("", "", "")),
        (&[("ALL_PROXY", "a")], both("a", "a", "")),
        (&[("ALL_PROXY", "a"), ("all_proxy", "b"), ("HTTP_PROXY", "c")], both("c", "b", "")),
        (&[("ALL_PROXY", "a"), ("https_proxy", ""), ("HTTPS_PROXY", "b")], both("a", "", "")),
        (&[("NO_PROXY", "a"), ("no_proxy", "b")], both("", "", "b")),
        (&[("NO_PROXY", "a"), ("no_proxy", "")], both("", "", "")),
        (&[("HTTP_PROXY", "a"), ("REQUEST_METHOD", "GET")], both("", "", "")),
        (&[("http_proxy", "a"), ("REQUEST_METHOD", "GET")], both("a", "", "")),
        (&[("HTTPS_PROXY", "a"), ("REQUEST_METHOD", "GET")], both("", "a", "")),
    ] {
        let owned = vars.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        assert!(crate::Config::from_vars(owned).unwrap().proxies == expected, "{vars:?}");
    }
}

#[test]
fn the_scheme_the_host_and_no_proxy_choose_the_proxy() {
    let near = "near.example:8080,tls.example:443".to_owned();
    let all = Proxies { no_proxy: near, ..Proxies::all("http://p") };
    let https = Proxies { https: "http://p".to_owned(), ..Proxies::default() };
    for (proxies, to, is_proxied) in [
        (&Proxies::default(), "https://a.example", false),
        (&https, "https://a.example", true),
        (&https, "http://a.example", false),
        (&all, "http://a.example:8080", true),
        (&all, "https://near.example:8080", false),
        (&all, "https://near.example:8081", true),
        (&all, "https://tls.example", false),
        (&all, "http://tls.example", true),
        (&all, "https://chime.localhost:8443", false),
        (&all, "http://127.0.0.1:1", false),
    ] {
        let expected = is_proxied.then(|| ("http://p/".to_owned(), None));
        assert_eq!(proxy(proxies, to), Ok(expected), "{to}");
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
        let mut proxies = Proxies { https: url.to_owned(), ..Proxies::default() };
        proxies.no_proxy = "near.example".to_owned();
        let error = proxy(&proxies, "https://far.example").unwrap_err();
        let start = format!("the configured proxy URL for https endpoints {expected}");
        assert!(error.starts_with(&start), "{error}");
        assert!(!format!("{error}{proxies:?}").contains("secret"), "{error}");
        for to in ["https://near.example", "http://far.example", "https://localhost"] {
            assert_eq!(proxy(&proxies, to), Ok(None), "{url} {to}");
        }
    }
}
