//! The strip at the top of the page: the settings of the emulator, with buttons to change them.

use bytes::Bytes;
use chime_model::timestamp;
use http::Request;
use http::header::HOST;
use serde_json::{Map, Value, json};
use time::Duration;

use crate::engine::clock::ClockMode;
use crate::engine::core::{Engine, Setup};
use crate::engine::credential::{ACCESS_KEY_ID, SECRET_ACCESS_KEY};
use crate::engine::faults::{Fault, FaultError, Faults, Throttle};
use crate::engine::routing;
use crate::engine::view::{Button, Html, encode, pretty, target};
use crate::engine::world::World;

/// The buttons that move the clock, in seconds.
const STEPS: [(&str, i64); 4] =
    [("+5 minutes", 300), ("+1 hour", 3600), ("+1 day", 86_400), ("+7 days", 604_800)];

pub(super) fn show<W: World>(engine: &Engine<W>, request: &Request<Bytes>, html: &mut Html) {
    clock(engine, html);
    faults(&engine.faults(), html);
    snapshots(engine, html);
    rules(engine, html);
    connect(engine, request, html);
    let failed = engine.requests();
    let failed = failed.iter().filter(|it| it.status.is_none_or(|status| status >= 400)).count();
    if failed > 0 {
        let target = target(&[("list", "requests"), ("q", "failed")]);
        html.link(&format!("{failed} failed"), &target);
    }
}

/// Writes the start of a panel that opens on a click. `is_set` marks settings that differ from the
/// default, because they can explain surprising responses.
fn open<'a>(html: &'a mut Html, name: &'static str, state: &str, is_set: bool) -> &'a mut Html {
    html.markup("<details class=\"chip\" name=\"panel\" data-key=\"").markup(name);
    html.markup("\"><summary>").markup(name).markup(" <b");
    html.markup(if is_set { " class=\"set\">" } else { ">" }).text(state);
    html.markup("</b></summary><div class=\"panel\">\n")
}

fn close(html: &mut Html) {
    html.markup("</div></details>\n");
}

fn clock<W: World>(engine: &Engine<W>, html: &mut Html) {
    let clock = engine.clock();
    let is_frozen = matches!(clock.mode(), ClockMode::Frozen { .. });
    let is_moved = (clock.now() - clock.wall()).abs() >= Duration::minutes(1);
    let now = timestamp::format(clock.now()).unwrap_or_default();
    let short = now.get(..19).unwrap_or_default().replace('T', " ");
    let state = if is_frozen { format!("{short}, frozen") } else { short };
    open(html, "Clock", &state, is_frozen || is_moved);
    html.markup(
        "<p>The time of all resources and events, in UTC. Signatures are checked against the ",
    );
    html.markup("machine's clock.</p>\n<p class=\"row\">");
    let (label, mode) = if is_frozen { ("Run", "Running") } else { ("Freeze", "Frozen") };
    let body = json!({ "Mode": mode }).to_string();
    html.button(&Button { label, verb: "PUT clock", body: &body, ..Button::default() });
    for (label, seconds) in STEPS {
        let (verb, body) = ("POST clock/advance", json!({ "Seconds": seconds }).to_string());
        html.button(&Button { label, verb, body: &body, ..Button::default() });
    }
    let body = json!({ "Now": timestamp::format(clock.wall()) }).to_string();
    html.button(&Button {
        label: "Machine time",
        verb: "PUT clock",
        body: &body,
        is_disabled: !is_moved,
        ..Button::default()
    });
    html.markup("</p>\n");
    close(html);
}

fn faults(faults: &Faults, html: &mut Html) {
    let is_none = *faults == Faults::default();
    let can_apply = |fault: &&Fault| fault.times != Some(0);
    let in_force =
        faults.faults.iter().filter(can_apply).count() + usize::from(faults.throttle.is_some());
    let state = if in_force == 0 { "none".to_owned() } else { format!("{in_force} in force") };
    open(html, "Faults", &state, in_force > 0);
    if is_none {
        html.markup("<p>No fault rules are set.</p>\n");
    } else {
        html.copyable(&json(faults));
    }
    let mut failing = faults.clone();
    failing.faults.push(Fault {
        times: Some(1),
        // Clients do not retry this error, so the application sees it.
        error: Some(FaultError {
            exception: "BadRequestException".to_owned(),
            message: None,
            retry_after_seconds: None,
        }),
        ..Fault::default()
    });
    let throttled = Faults { throttle: Some(Throttle { rate: 1.0, burst: 1 }), ..faults.clone() };
    html.markup("<p class=\"row\">");
    for (label, faults) in [
        ("Fail the next request", &failing),
        ("Throttle to 1 a second", &throttled),
        ("Clear", &Faults::default()),
    ] {
        let (body, is_disabled) = (json(faults), label == "Clear" && is_none);
        html.button(&Button {
            label,
            verb: "PUT faults",
            body: &body,
            is_disabled,
            ..Button::default()
        });
    }
    html.markup("</p>\n");
    close(html);
}

fn snapshots<W: World>(engine: &Engine<W>, html: &mut Html) {
    let names = engine.store().snapshots().unwrap_or_default();
    open(html, "Snapshots", &names.len().to_string(), false);
    html.markup("<ul>");
    for name in &names {
        html.markup("<li data-key=\"").text(name).markup("\"><span>").text(name).markup("</span>");
        let path = format!("snapshots/{}", encode(name));
        let restore = format!("POST {path}/restore");
        let question = &*format!("Replace the current state with the snapshot {name}?");
        html.button(&Button { label: "Restore", verb: &restore, question, ..Button::default() });
        let delete = format!("DELETE {path}");
        let question = &*format!("Delete the snapshot {name}?");
        html.button(&Button { label: "Delete", verb: &delete, question, ..Button::default() });
        html.markup("</li>\n");
    }
    html.markup("</ul>\n<form class=\"row\" data-verb=\"PUT snapshots/\">")
        .markup("<input name=\"name\" required maxlength=\"128\" autocomplete=\"off\" ")
        .markup("placeholder=\"Name\" aria-label=\"Name of the snapshot\">")
        .markup("<button>Take snapshot</button></form>\n<p class=\"row\">");
    let question = "Restore the initial state? All changes since then are lost.";
    html.button(&Button { label: "Reset", verb: "POST reset", question, ..Button::default() });
    html.markup("<small>to the initial state</small></p>\n");
    close(html);
}

fn rules<W: World>(engine: &Engine<W>, html: &mut Html) {
    let members = |value: serde_json::Result<Value>| match value {
        Ok(Value::Object(members)) => members,
        _ => Map::new(),
    };
    let usual = members(serde_json::to_value(W::Rules::default()));
    let mut rules = members(serde_json::to_value(engine.rules()));
    // Unlike other rules, those of events can change at run time.
    rules.extend(members(serde_json::to_value(engine.event_rules())));
    let changed = rules.iter().filter(|(name, value)| usual.get(*name) != Some(value));
    let changed: Map<_, _> = changed.map(|(name, value)| (name.clone(), value.clone())).collect();
    let state = match changed.len() {
        0 => "default".to_owned(),
        count => format!("{count} changed"),
    };
    open(html, "Rules", &state, !changed.is_empty());
    html.markup("<p>Limits and options. <code>chime serve --rules</code> sets them.</p>\n");
    if !changed.is_empty() {
        html.markup("<h3>Changed</h3>").copyable(&pretty(&Value::Object(changed)));
    }
    html.markup("<h3>All</h3>").copyable(&pretty(&Value::Object(rules)));
    close(html);
}

fn connect<W: World>(engine: &Engine<W>, request: &Request<Bytes>, html: &mut Html) {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let services: Vec<_> = Setup::<W>::apis().into_iter().map(|api| api.service).collect();
    // The same URLs as those that `chime serve` prints.
    let url = |i: usize| match services.get(i).map(|service| routing::name(service)) {
        Some(name) if i > 0 => format!("http://{host}/{name}"),
        _ => format!("http://{host}"),
    };
    open(html, "Connect", host, false);
    for (i, service) in services.iter().enumerate() {
        html.markup("<h3>").text(service.id).markup("</h3>");
        html.copyable(&url(i));
    }
    let exports = services.iter().enumerate().map(|(i, service)| {
        let name = service.id.to_uppercase().replace(' ', "_");
        format!("export AWS_ENDPOINT_URL_{name}={}\n", url(i))
    });
    let mut exports = exports.collect::<String>();
    exports += &format!("export AWS_ENDPOINT_URL_STS=http://{host}\n");
    if engine.has_demo_credential() {
        // The demo credential is public. The page shows no other secret.
        exports += &format!(
            "export AWS_REGION=us-east-1\n\
             export AWS_DEFAULT_REGION=us-east-1\n\
             export AWS_ACCESS_KEY_ID={ACCESS_KEY_ID}\n\
             export AWS_SECRET_ACCESS_KEY={SECRET_ACCESS_KEY}\n\
             unset AWS_SESSION_TOKEN\n"
        );
    }
    html.markup("<h3>For a shell</h3>").copyable(exports.trim_end());
    close(html);
}

fn json(faults: &Faults) -> String {
    pretty(&serde_json::to_value(faults).unwrap_or_default())
}
