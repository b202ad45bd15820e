//! Calls that change things, for laws of what becomes of a state.

use serde_json::json;

use crate::sample::*;
use crate::testing::{Answer, Bench};

/// Numbers that can be ordered, and one that is there.
fn number(which: usize) -> String {
    if which == 0 { UNASSIGNED_NUMBER.to_owned() } else { format!("+1206555015{which}") }
}

/// How many kinds of calls there are.
pub(crate) const KINDS: u8 = 28;

/// One call that changes something: of what kind, and of which of the things that there are.
pub(crate) fn apply(bench: &Bench, kind: u8, which: usize) {
    let answer = call(bench, kind, which);
    assert!(answer.status() < 500, "{kind}: {:?}", answer.0);
}

/// The same while nothing can be saved: whatever would change something fails.
pub(crate) fn apply_failing(bench: &Bench, kind: u8, which: usize) {
    call(bench, kind, which);
}

fn call(bench: &Bench, kind: u8, which: usize) -> Answer {
    let account = format!("/accounts/{ENTERPRISE_ACCOUNT_ID}");
    let id_of = |list: &str, target: &str, member: &str| {
        let answer = bench.send("GET", target, "").json();
        let all = answer[list].as_array().cloned().unwrap_or_default();
        let one = all.get(which % all.len().max(1)).cloned().unwrap_or_default();
        one[member].as_str().unwrap_or("none").to_owned()
    };
    let room = || id_of("Rooms", &format!("{account}/rooms"), "RoomId");
    let bot = || format!("{account}/bots/{}", id_of("Bots", &format!("{account}/bots"), "BotId"));
    let user = [ANA_ID, BO_ID][which % 2];
    let on = which.is_multiple_of(2);
    let (method, target, body) = match kind {
        0 => ("POST", "/accounts".to_owned(), r#"{"Name":"More"}"#.to_owned()),
        1 => (
            "DELETE",
            format!("/accounts/{}", id_of("Accounts", "/accounts?name=More", "AccountId")),
            String::new(),
        ),
        2 => (
            "POST",
            format!("{account}/rooms"),
            format!(r#"{{"Name":"R","ClientRequestToken":"token-{which}"}}"#),
        ),
        3 => ("DELETE", format!("{account}/rooms/{}", room()), String::new()),
        4 => (
            "POST",
            format!("{account}/rooms/{}/memberships", room()),
            format!(r#"{{"MemberId":"{user}"}}"#),
        ),
        5 => ("DELETE", format!("{account}/rooms/{}/memberships/{user}", room()), String::new()),
        6 => (
            "POST",
            format!("/accounts/{TEAM_ACCOUNT_ID}/users?operation=add"),
            format!(r#"{{"UserEmailList":["u{which}@lake.example"]}}"#),
        ),
        7 => {
            let users = format!("/accounts/{TEAM_ACCOUNT_ID}/users");
            let body = format!(r#"{{"UserIdList":["{}"]}}"#, id_of("Users", &users, "UserId"));
            ("POST", format!("{users}?operation=suspend"), body)
        }
        8 => (
            "POST",
            format!("{account}/users?operation=create"),
            format!(r#"{{"Email":"v{which}@{DOMAIN}"}}"#),
        ),
        9 => ("POST", format!("{account}/bots"), format!(r#"{{"DisplayName":"b{which}"}}"#)),
        10 => ("POST", bot(), format!(r#"{{"Disabled":{on}}}"#)),
        11 => ("POST", format!("{}?operation=regenerate-security-token", bot()), String::new()),
        12 => (
            "PUT",
            format!("{}/events-configuration", bot()),
            format!(r#"{{"OutboundEventsHTTPSEndpoint":"https://b{which}.{DOMAIN}"}}"#),
        ),
        13 => ("DELETE", format!("{}/events-configuration", bot()), String::new()),
        14 => {
            let (place, message) = if on {
                (format!("rooms/{ROOM_ID}"), ROOM_MESSAGE_ID)
            } else {
                (format!("conversations/{CONVERSATION_ID}"), CONVERSATION_MESSAGE_ID)
            };
            let target = format!("{account}/{place}/messages/{message}?operation=redact");
            ("POST", target, String::new())
        }
        15 => (
            "PUT",
            format!("{account}/settings"),
            format!(r#"{{"AccountSettings":{{"EnableDialOut":{on}}}}}"#),
        ),
        16 => (
            "PUT",
            format!("{account}/retention-settings"),
            format!(
                r#"{{"RetentionSettings":{{"RoomRetentionSettings":{{"RetentionDays":{}}}}}}}"#,
                which + 1
            ),
        ),
        17 => (
            "PUT",
            format!("{account}/users/{user}/settings"),
            json!({"UserSettings": {"Telephony": {
                "InboundCalling": on, "OutboundCalling": true, "SMS": which > 1,
            }}})
            .to_string(),
        ),
        18 => {
            ("POST", format!("{account}/users/{user}?operation=reset-personal-pin"), String::new())
        }
        19 => (
            "POST",
            "/phone-number-orders".to_owned(),
            json!({"ProductType": "BusinessCalling", "E164PhoneNumbers": [number(which)]})
                .to_string(),
        ),
        20 => (
            "POST",
            format!("{account}/users/{user}?operation=associate-phone-number"),
            json!({"E164PhoneNumber": number(which)}).to_string(),
        ),
        21 => (
            "POST",
            format!("{account}/users/{user}?operation=disassociate-phone-number"),
            String::new(),
        ),
        22 => ("DELETE", format!("/phone-numbers/{}", number(which)), String::new()),
        23 => {
            ("POST", format!("/phone-numbers/{}?operation=restore", number(which)), String::new())
        }
        24 => (
            "POST",
            format!("/phone-numbers/{}", number(which)),
            format!(r#"{{"CallingName":"Name {which}"}}"#),
        ),
        25 => (
            "PUT",
            "/settings".to_owned(),
            format!(r#"{{"BusinessCalling":{{"CdrBucket":"bucket-{which}"}}}}"#),
        ),
        26 => ("PUT", "/settings/phone-number".to_owned(), r#"{"CallingName":"Us"}"#.to_owned()),
        _ => (
            "POST",
            format!("/meetings/{MEETING_ID}/dial-outs"),
            json!({
                "FromPhoneNumber": ANA_NUMBER,
                "ToPhoneNumber": "+12535550177",
                "JoinToken": JOIN_TOKEN,
            })
            .to_string(),
        ),
    };
    bench.send(method, &target, &body)
}
