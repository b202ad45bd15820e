//! The page at `/`: what a Chime has in it, for a person with a browser on the same machine.
//!
//! It can only look. There is no script in it, and its policy lets none in.

mod html;
mod view;

use bytes::Bytes;
use chime_model::timestamp;
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use self::html::Html;
use crate::engine::control;
use crate::{ClockMode, LocalChime};

const CSS: &str = "\
:root{color-scheme:light dark;font:15px/1.5 system-ui,sans-serif}\
body{margin:0 auto;padding:1rem 1.5rem;max-width:90rem}\
h1,h2{font-weight:600;line-height:1.2}\
h2{margin:2rem 0 .5rem;font-size:1.1rem}\
div{overflow-x:auto}\
table{border-collapse:collapse;font-size:.87rem}\
th,td{padding:.25rem .9rem .25rem 0;text-align:left;white-space:nowrap;\
border-bottom:1px solid color-mix(in srgb,currentColor 18%,transparent)}\
footer{margin-top:3rem;opacity:.7}";

/// Nothing but the style above, by its SHA-256.
const POLICY: &str = "default-src 'none'; \
    style-src 'sha256-Y0r7x6WeKOiy05GBqglUbLumeUGzXrwaJZ+3EgSqeIY='; \
    img-src data:; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Answers what asks for the page; `None` for everything else.
pub(crate) fn answer(chime: &LocalChime, request: &Request<Bytes>) -> Option<Response<Bytes>> {
    if request.method() != Method::GET || request.uri().path() != "/" {
        return None;
    }
    let mut html = Html::default();
    html.markup("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
        .markup("<meta name=\"viewport\" content=\"width=device-width\">\n")
        .markup("<title>Local Chime</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>")
        .markup(CSS)
        .markup("</style>\n</head>\n<body>\n<h1>")
        .link("Local Chime", "/")
        .markup("</h1>\n");
    let found = control::check(request).is_ok().then(|| {
        let query = request.uri().query().unwrap_or_default();
        body(chime, query, &mut html)
    });
    let status = match found {
        Some(Some(())) => StatusCode::OK,
        Some(None) => StatusCode::NOT_FOUND,
        None => StatusCode::FORBIDDEN,
    };
    if status != StatusCode::OK {
        html.markup("<p>There is nothing to see here.</p>\n");
    }
    html.markup("</body>\n</html>\n");

    let mut response = Response::new(Bytes::from(html.finish()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    control::protect(&mut response);
    Some(response)
}

/// The part that the query asks for; `None` if there is no such account or room.
fn body(chime: &LocalChime, query: &str, html: &mut Html) -> Option<()> {
    let asked = |name| parameter(query, name);
    let (store, _) = chime.inner().settled();
    let state = &store.state;
    match (asked("aws"), asked("account"), asked("room")) {
        (None, None, None) => {
            html.listing("Accounts", &view::accounts(state));
            html.listing("Phone numbers", &view::numbers(state));
            drop(store);
            html.listing("Last requests", &view::requests(&chime.requests()));
        }
        (Some(owner), Some(account), None) => {
            let record = view::account(state, &owner, &account)?;
            html.markup("<p>Account <strong>").text(&record.account.name).markup("</strong>, ");
            html.text(&account).markup("</p>\n");
            html.listing("Users", &view::users(record));
            html.listing("Rooms", &view::rooms(record));
            html.listing("Bots", &view::bots(record));
        }
        (Some(owner), Some(account), Some(room)) => {
            let record = view::account(state, &owner, &account)?;
            let room_record = view::room(record, &room)?;
            let back = target(&[("aws", &owner), ("account", &account)]);
            html.markup("<p>Room <strong>").text(view::room_name(room_record));
            html.markup("</strong>, ").text(&room).markup(", of the account ");
            html.link(&record.account.name, &back).markup("</p>\n");
            html.listing("Members", &view::members(room_record));
        }
        _ => return None,
    }
    let now = timestamp::format(chime.clock().now()).unwrap_or_default();
    let frozen = matches!(chime.clock().mode(), ClockMode::Frozen { .. });
    html.markup("<footer>The Chime's time is ").text(&now);
    html.markup(if frozen { ", frozen.</footer>\n" } else { ".</footer>\n" });
    Some(())
}

/// A link to the page with that query.
fn target(query: &[(&str, &str)]) -> String {
    let pairs = query
        .iter()
        .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)));
    format!("/?{}", pairs.collect::<Vec<_>>().join("&"))
}

fn parameter(query: &str, name: &str) -> Option<String> {
    let pair = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    Some(percent_decode_str(pair?).decode_utf8_lossy().into_owned())
}

#[cfg(test)]
mod tests;
