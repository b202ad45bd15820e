//! The page at `/`, which shows the state and the activity of an emulator in a browser on the same
//! machine.
//!
//! The page itself is static and has no secrets. Its script takes the control token from the
//! fragment of the URL, or asks for it, and polls the content from the control endpoint. Buttons
//! send requests to that endpoint. The token is kept in the session storage of the tab, which,
//! unlike a cookie, other ports cannot read.

mod activity;
mod strip;

use std::mem;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use sha2::{Digest, Sha256};

use crate::engine::control::guard::check;
use crate::engine::control::reply::protect;
use crate::engine::core::Engine;
use crate::engine::view::{Html, Page, Shown, slug, target};
use crate::engine::world::World;

/// The page without its style and script.
const FRAME: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = include_str!("page/page.js");

/// The page with its style and its script.
static PAGE: LazyLock<Bytes> =
    LazyLock::new(|| FRAME.replace("{style}", STYLE).replace("{script}", SCRIPT).into());

/// A content security policy that allows only this style and script, by their hashes.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let hash = |text| BASE64_STANDARD.encode(Sha256::digest(text));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; connect-src 'self'; \
         img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        hash(STYLE),
        hash(SCRIPT)
    );
    // Never fails, because the policy is ASCII.
    HeaderValue::try_from(policy).unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"))
});

const NOT_AVAILABLE: &str = "<h1>Not available</h1>\n";

/// Responds to a request for the page; `None` for other requests.
pub(crate) fn handle(request: &Request<Bytes>) -> Option<Response<Bytes>> {
    if request.method() != Method::GET || request.uri().path() != "/" {
        return None;
    }
    let mut response = match check(request) {
        Ok(()) => respond(PAGE.clone(), StatusCode::OK),
        Err(_) => respond(NOT_AVAILABLE.into(), StatusCode::FORBIDDEN),
    };
    protect(&mut response);
    Some(response)
}

/// The content, which the script of the page polls: elements that replace those with the same id.
pub(crate) fn content<W: World>(engine: &Engine<W>, request: &Request<Bytes>) -> Response<Bytes> {
    let mut page = Page::new(request.uri().query().unwrap_or_default(), engine.clock().now());
    let shown = body(engine, &mut page);
    let status = match shown {
        Some(()) => StatusCode::OK,
        None => {
            page.html = Html::default();
            page.html.markup(NOT_AVAILABLE).markup("<p>It may have been deleted. ");
            if let Some(id) = page.resource() {
                let events = target(&[("list", "events"), ("q", &id)]);
                page.html.link("Show its events", &events).markup(" ");
            }
            page.html.link("Overview", "/").markup("</p>\n");
            StatusCode::NOT_FOUND
        }
    };
    let main = mem::take(&mut page.html);
    let mut html = Html::default();
    html.markup("<div id=\"strip\">\n");
    strip::show(engine, request, &mut html);
    html.markup("</div>\n<nav id=\"tabs\" aria-label=\"Lists\">\n");
    tabs(engine, shown.map(|()| page.within.as_str()), &mut html);
    html.markup("</nav>\n<main id=\"main\" tabindex=\"-1\">\n").append(&main).markup("</main>\n");
    respond(html.finish().into(), status)
}

fn respond(body: Bytes, status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CONTENT_SECURITY_POLICY, POLICY.clone());
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// Writes the part that the query asks for; `None` if it does not exist.
fn body<W: World>(engine: &Engine<W>, page: &mut Page<'_>) -> Option<()> {
    let shown = engine.settled().state.world.view(page)?;
    if shown == Shown::Overview {
        let resources = mem::take(&mut page.html);
        activity::show(engine, page);
        let activity = mem::take(&mut page.html);
        let heading = page.heading()?;
        page.html.markup("<h1 class=\"visually-hidden\">").text(heading).markup("</h1>\n");
        page.html.append(&activity).append(&resources);
    }
    page.end_lists();
    page.heading().map(|_| ())
}

/// Writes a link to each list of the overview, with its number of rows. `current` is the list that is
/// shown or that the shown resource is in; it is empty for the overview itself.
fn tabs<W: World>(engine: &Engine<W>, current: Option<&str>, html: &mut Html) {
    // No list has an empty name, so this counts the rows of all lists and shows none.
    let mut counted = Page::new("list=", engine.clock().now());
    activity::show(engine, &mut counted);
    engine.settled().state.world.view(&mut counted);
    let mut tab = |text: &'static str, list: &str, total: &str| {
        let href = if list.is_empty() { "/".to_owned() } else { target(&[("list", list)]) };
        html.markup("<a href=\"").text(&href);
        html.markup(if current == Some(list) { "\" aria-current=\"page\">" } else { "\">" });
        html.text(text).markup(" <small>").text(total).markup("</small></a>\n");
    };
    tab("Overview", "", "");
    for (heading, total) in &counted.lists {
        tab(heading, &slug(heading), &total.to_string());
    }
}

#[cfg(test)]
mod tests;
