//! The page at `/`: what a Chime has in it, for a person with a browser on the same machine.
//!
//! The page itself is the same for everybody. Its script takes the control token from behind the `#` of
//! the URL, or asks for it, and gets what there is to see from the control endpoint. It can only look.
//! The token stays in the session storage of the tab: unlike a cookie, no other port sees it.

use bytes::Bytes;
use chime_model::timestamp;
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY};
use http::{HeaderValue, Method, Request, Response, StatusCode};

use crate::engine::clock::ClockMode;
use crate::engine::control;
use crate::engine::core::Engine;
use crate::engine::requests::Answered;
use crate::engine::view::{Cell, Html, Listing, Page, ROWS, Shown};
use crate::engine::world::World;

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

const SCRIPT: &str = "\
const key='chime-control-token',form=document.forms[0],main=document.querySelector('main');\
const show=async()=>{\
const authorization='Bearer '+sessionStorage.getItem(key);\
const response=await fetch('/_chime/page'+location.search,{headers:{authorization}});\
form.hidden=response.status!==401;\
if(form.hidden)main.innerHTML=await response.text()};\
const keep=token=>{sessionStorage.setItem(key,encodeURI(token.trim()));show()};\
form.onsubmit=event=>{event.preventDefault();keep(form.token.value)};\
const start=()=>{\
const token=location.hash.slice(1);\
if(!token)return show();\
history.replaceState(null,'',location.pathname+location.search);\
keep(token)};\
onhashchange=start;\
start()";

/// Nothing but the style and the script above, by their SHA-256.
const POLICY: &str = "default-src 'none'; \
    style-src 'sha256-Y0r7x6WeKOiy05GBqglUbLumeUGzXrwaJZ+3EgSqeIY='; \
    script-src 'sha256-iZr29R2+Gpsqun7eU3PS/QlHQs1Nf9GQDHjpGTlpYRU='; \
    connect-src 'self'; img-src data:; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const NOTHING: &str = "<p>There is nothing to see here.</p>\n";

/// Responds to a request for the page; `None` for all others.
pub(crate) fn answer(request: &Request<Bytes>) -> Option<Response<Bytes>> {
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
    let is_admitted = control::check(request).is_ok();
    if is_admitted {
        html.markup("<form hidden><label>The control token, as the server printed it: ")
            .markup(
                "<input name=\"token\" type=\"password\" autocomplete=\"off\" required></label> ",
            )
            .markup("<button>Show</button></form>\n")
            .markup("<noscript>This page needs JavaScript.</noscript>\n<main></main>\n<script>")
            .markup(SCRIPT)
            .markup("</script>\n");
    } else {
        html.markup(NOTHING);
    }
    html.markup("</body>\n</html>\n");
    let mut response =
        respond(html, if is_admitted { StatusCode::OK } else { StatusCode::FORBIDDEN });
    control::protect(&mut response);
    Some(response)
}

/// What there is to see, for the script of the page.
pub(crate) fn content<W: World>(engine: &Engine<W>, query: Option<&str>) -> Response<Bytes> {
    let mut page = Page { query: query.unwrap_or_default(), html: Html::default() };
    let status = match body(engine, &mut page) {
        Some(()) => StatusCode::OK,
        None => {
            page.html.markup(NOTHING);
            StatusCode::NOT_FOUND
        }
    };
    respond(page.html, status)
}

fn respond(html: Html, status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(html.finish()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// The part that the query asks for; `None` if it is not there.
fn body<W: World>(engine: &Engine<W>, page: &mut Page<'_>) -> Option<()> {
    let shown = engine.settled().0.state.world.view(page)?;
    let html = &mut page.html;
    if shown == Shown::Overview {
        html.listing("Last requests", &requests(&engine.requests()));
    }
    let now = timestamp::format(engine.clock().now()).unwrap_or_default();
    let frozen = matches!(engine.clock().mode(), ClockMode::Frozen { .. });
    html.markup("<footer>The Chime's time is ").text(&now);
    html.markup(if frozen { ", frozen.</footer>\n" } else { ".</footer>\n" });
    Some(())
}

fn requests(requests: &[Answered]) -> Listing {
    let rows = requests.iter().take(ROWS).map(|answered| {
        vec![
            Cell::time(Some(answered.time)),
            Cell::name(answered.operation),
            answered.status.map_or_else(|| "cut".into(), |status| status.to_string().into()),
            Cell::name(answered.exception.as_deref()),
            format!("{:.1} ms", answered.duration.as_secs_f64() * 1000.0).into(),
            Cell::name(answered.arn.as_deref()),
        ]
    });
    Listing {
        heads: &["Time", "Operation", "Status", "Exception", "Took", "Caller"],
        rows: rows.collect(),
        total: requests.len(),
    }
}

#[cfg(test)]
mod tests;
