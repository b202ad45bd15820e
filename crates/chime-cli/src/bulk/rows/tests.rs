use super::*;
use chime_client::model::{chime, voice};
use serde_json::json;

fn info(name: &str) -> &'static OperationInfo {
    let found = chime::API.operation(name).or_else(|| voice::API.operation(name));
    found.unwrap()
}

fn map(value: Value) -> Map<String, Value> {
    serde_json::from_value(value).unwrap()
}

/// The inputs of the rows, or what is wrong.
fn inputs(name: &str, defaults: Value, text: &str) -> Result<Value, String> {
    let rows = read(info(name), &map(defaults), text).map_err(|wrong| wrong.join("\n"))?;
    assert!(rows.iter().enumerate().all(|(index, row)| row.number == index + 1));
    Ok(rows.into_iter().map(|row| Value::Object(row.input)).collect())
}

#[test]
fn columns_are_members_and_cells_take_their_types() {
    for (name, text, expected) in [
        (
            "UpdateUserSettings",
            "AccountId,UserId,UserSettings.Telephony.SMS,\
             UserSettings.Telephony.InboundCalling,UserSettings.Telephony.OutboundCalling\n\
             a,7,TRUE,false,true\n",
            json!([{"AccountId": "a", "UserId": "7", "UserSettings": {"Telephony":
                {"SMS": true, "InboundCalling": false, "OutboundCalling": true}}}]),
        ),
        // A byte order mark, CRLF, quotes, line breaks, empty cells and empty lines.
        (
            "UpdateRoom",
            "\u{feff}AccountId, RoomId ,Name\r\na,r,\"Ops, \"\"Z\u{fc}rich\"\"\r\n2\"\r\n\r\na,s,\r\n",
            json!([{"AccountId": "a", "RoomId": "r", "Name": "Ops, \"Z\u{fc}rich\"\r\n2"},
                {"AccountId": "a", "RoomId": "s"}]),
        ),
        ("ListRooms", "AccountId,MaxResults\na,7", json!([{"AccountId": "a", "MaxResults": 7}])),
        // A list as JSON, and as its only item.
        (
            "BatchSuspendUser",
            "AccountId,UserIdList\na,u\na,\"[\"\"v\"\",\"\"w\"\"]\"",
            json!([{"AccountId": "a", "UserIdList": ["u"]},
                {"AccountId": "a", "UserIdList": ["v", "w"]}]),
        ),
        // The key of a map is whatever follows the first dot.
        (
            "CreateSipMediaApplicationCall",
            "FromPhoneNumber,ToPhoneNumber,SipMediaApplicationId,ArgumentsMap.a.b,SipHeaders\n\
             +12065550100,+12065550101,m,7,\"{\"\"X-A\"\":\"\"b\"\"}\"",
            json!([{"FromPhoneNumber": "+12065550100", "ToPhoneNumber": "+12065550101",
                "SipMediaApplicationId": "m", "ArgumentsMap": {"a.b": "7"},
                "SipHeaders": {"X-A": "b"}}]),
        ),
        ("ListRooms", "AccountId\n", json!([])),
    ] {
        assert_eq!(inputs(name, json!({}), text), Ok(expected), "{text}");
    }
}

#[test]
fn a_line_of_json_is_a_request() {
    let text = "\u{feff}\n{\"RoomId\":\"r\",\"Name\":null}\r\n\n  {\"RoomId\":\"s\",\"Name\":\"n\"}";
    let defaults = json!({"AccountId": "a", "Name": "default"});
    let expected = json!([{"AccountId": "a", "RoomId": "r"},
        {"AccountId": "a", "RoomId": "s", "Name": "n"}]);
    assert_eq!(inputs("UpdateRoom", defaults, text), Ok(expected));
}

#[test]
fn flags_are_defaults_into_which_columns_are_set() {
    let settings = json!({"Telephony": {"SMS": false, "InboundCalling": true,
        "OutboundCalling": true}});
    let defaults = json!({"AccountId": "a", "UserSettings": settings});
    let text = "UserId,UserSettings.Telephony.SMS\nu,\nv,true\n";
    let rows = inputs("UpdateUserSettings", defaults, text).unwrap();
    let sms = |row: usize| rows[row]["UserSettings"]["Telephony"]["SMS"].clone();
    assert_eq!((sms(0), sms(1)), (json!(false), json!(true)));
    assert_eq!(rows[1]["UserSettings"]["Telephony"]["InboundCalling"], true);
}

#[test]
fn everything_wrong_is_told_by_row_and_without_values() {
    let text = "AccountId,RoomId,MaxResults\na,r,secret\na,r\na,r,0\na,r,5\n";
    let expected = "row 1 (line 2): MaxResults: must be a whole number\n\
        row 2 (line 3): has 2 values for 3 columns\n\
        row 3 (line 4): MaxResults: must be 1 to 99, is 0";
    assert_eq!(inputs("ListRoomMemberships", json!({}), text), Err(expected.to_owned()));

    let text = "{\"AccountId\":\"a\"}\n\n[\"secret\"]\n{secret\n";
    let wrong = inputs("GetAccount", json!({}), text).unwrap_err();
    let lines: Vec<&str> = wrong.lines().collect();
    assert!(lines[0].starts_with("row 2 (line 3): must be a JSON object on a line"), "{wrong}");
    assert!(lines[1].starts_with("row 3 (line 4): must be a JSON object: "), "{wrong}");
    assert!(lines.len() == 2 && !wrong.contains("secret"), "{wrong}");

    let text = "AccountId,UserId,UserSettings\na,u,secret\n";
    let wrong = inputs("UpdateUserSettings", json!({}), text).unwrap_err();
    assert!(wrong.starts_with("row 1 (line 2): UserSettings: must be JSON"), "{wrong}");
    assert!(!wrong.contains("secret"), "{wrong}");
}

#[test]
fn unknown_and_overlapping_columns_are_refused() {
    for (columns, reason) in [
        ("AccountId;RoomId", "(values must be separated by commas); the members of UpdateUserSet"),
        ("AccountId,Colour", "unknown column 'Colour'; "),
        ("AccountId.Id", "unknown column 'AccountId.Id'"),
        ("UserSettings.Colour", "unknown column 'UserSettings.Colour'"),
        ("UserSettings.Telephony.SMS,UserSettings", "set the same member"),
        ("UserId,UserId", "columns 'UserId' and 'UserId' set the same member"),
    ] {
        let wrong = inputs("UpdateUserSettings", json!({}), &format!("{columns}\n")).unwrap_err();
        assert!(wrong.contains(reason), "{wrong}");
    }
}
