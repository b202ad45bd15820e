//! A seed with more resources than a page shows at once, and with names that are hard to display.

use serde_json::{Value, json};

const AWS_ACCOUNT: &str = "111122223333";

/// Creates a GUID from a kind and a number.
fn guid(kind: u32, number: u32) -> String {
    format!("{kind:08x}-0000-4000-8000-{number:012x}")
}

/// Creates a seed with two accounts, one of which has 350 users and 120 rooms, with 150 phone numbers and 120
/// meetings.
pub(super) fn seed() -> Value {
    let account = guid(1, 0);
    let long = "A very long name, ".repeat(12);
    let name = |i: u32| match i {
        1 => "شركة المثال".to_owned(),
        3 => "<b>bold</b> & \"quoted\" O'Hara".to_owned(),
        4 => long.clone(),
        5 => "\u{202e}<script>alert(2)</script>".to_owned(),
        _ => format!("Person {i}"),
    };
    let user = |i| {
        json!({
            "UserId": guid(2, i),
            "PrimaryEmail": format!("user{i}@harbour.example"),
            "DisplayName": name(i),
        })
    };
    let room = |i| json!({ "RoomId": guid(3, i), "Name": format!("Room {i}") });
    let membership = |i| json!({ "RoomId": guid(3, 0), "Member": { "MemberId": guid(2, i) } });
    let number = |i| {
        let associations = [("AccountId", account.clone()), ("UserId", guid(2, 1))];
        let associations =
            associations.map(|(name, value)| json!({ "Name": name, "Value": value }));
        let mut number = json!({ "E164PhoneNumber": format!("+1206555{i:04}") });
        if i == 0 {
            number["Associations"] = json!(associations);
        }
        number
    };
    let meeting = |i| {
        json!({
            "MeetingId": guid(4, i),
            "ExternalMeetingId": format!("standup {i}"),
            "Attendees": [{ "AttendeeId": guid(5, i), "ExternalUserId": "guest" }],
        })
    };
    let list = |count, of: &dyn Fn(u32) -> Value| (0..count).map(of).collect::<Vec<_>>();
    json!({
        "Organisations": [
            {
                "Account": {
                    "AwsAccountId": AWS_ACCOUNT,
                    "AccountId": account,
                    "Name": "Harbour Office",
                    "AccountType": "EnterpriseLWA",
                },
                "Domains": ["harbour.example"],
                "Users": list(350, &user),
                "Rooms": list(120, &room),
                "Memberships": list(50, &membership),
                "Bots": [{ "BotId": guid(6, 0), "DisplayName": "oncall (Bot)" }],
            },
            {
                "Account": {
                    "AwsAccountId": AWS_ACCOUNT,
                    "AccountId": guid(1, 1),
                    "Name": "<img src=x onerror=alert(1)> Support",
                    "AccountType": "Team",
                },
            },
        ],
        "AwsAccounts": [{
            "AwsAccountId": AWS_ACCOUNT,
            "PhoneNumbers": list(150, &number),
            "Sdk": [{ "ControlRegion": "us-east-1", "Meetings": list(120, &meeting) }],
        }],
    })
}
