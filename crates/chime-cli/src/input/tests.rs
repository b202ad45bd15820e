//! What flags and documents become, and what is wrong with them.

use super::*;
use crate::command::{command, parsed};
use crate::services::operation;
use chime_client::model::{APIS, check};
use serde_json::json;
use std::ffi::OsString;
use std::{process, thread};

/// What `line` asks to be sent, after the check, or what is wrong with it.
fn input(line: &[&str]) -> Result<Value, String> {
    let matches = command()
        .try_get_matches_from(["chime"].iter().chain(line))
        .map_err(|error| error.to_string())?;
    let (info, given) = operation(&matches).unwrap();
    let input = read(info, given).map_err(|failure| failure.to_string())?;
    check(info.input, &input)
        .map_err(|violations| Failure::Invalid(info, violations).to_string())?;
    Ok(Value::Object(input))
}

/// As [`input`], with the URL of a file of this content in place of `FILE`.
fn input_with_file(content: &str, line: &[&str]) -> Result<Value, String> {
    let name = format!("chime-{}-{:?}", process::id(), thread::current().id());
    let path = std::env::temp_dir().join(name);
    fs::write(&path, content).unwrap();
    let url = format!("file://{}", path.display());
    let line: Vec<&str> =
        line.iter().map(|word| if *word == "FILE" { &url } else { *word }).collect();
    let input = input(&line);
    fs::remove_file(path).unwrap();
    input
}

#[test]
fn scalars_are_text_and_numbers_are_numbers() {
    let line = ["list-rooms", "--account-id", "7", "--max-results", "7"];
    assert_eq!(input(&line), Ok(json!({"AccountId": "7", "MaxResults": 7})));
}

#[test]
fn structures_are_json() {
    let settings = r#"{"Telephony":{"InboundCalling":true,"OutboundCalling":true,"SMS":false}}"#;
    let line =
        ["update-user-settings", "--account-id=a", "--user-id=u", "--user-settings", settings];
    let telephony = json!({"InboundCalling": true, "OutboundCalling": true, "SMS": false});
    let expected = json!({"AccountId": "a", "UserId": "u",
        "UserSettings": {"Telephony": telephony}});
    assert_eq!(input(&line), Ok(expected));
}

#[test]
fn a_list_of_text_is_words_or_json() {
    let expected = json!({"AccountId": "a", "UserIdList": ["u", "v"]});
    let words = ["batch-suspend-user", "--user-id-list", "u", "v", "--account-id", "a"];
    assert_eq!(input(&words), Ok(expected.clone()));
    let json = ["batch-suspend-user", "--user-id-list", r#"["u","v"]"#, "--account-id", "a"];
    assert_eq!(input(&json), Ok(expected.clone()));
    let file = ["batch-suspend-user", "--user-id-list", "FILE", "--account-id", "a"];
    assert_eq!(input_with_file("\n[\"u\", \"v\"]\n", &file), Ok(expected));
    let one = ["batch-suspend-user", "--user-id-list", "u", "--account-id", "a"];
    assert_eq!(input(&one), Ok(json!({"AccountId": "a", "UserIdList": ["u"]})));
}

#[test]
fn a_list_of_structures_is_json() {
    let expected = json!({"AccountId": "a", "RoomId": "r",
        "MembershipItemList": [{"MemberId": "m", "Role": "Member"}, {"MemberId": "n"}]});
    let (one, two) = (r#"{"MemberId":"m","Role":"Member"}"#, r#"{"MemberId":"n"}"#);
    let line = ["batch-create-room-membership", "--account-id=a", "--room-id=r"];
    let whole = format!("[{one},{two}]");
    let list = [&line[..], &["--membership-item-list", &whole]].concat();
    assert_eq!(input(&list), Ok(expected.clone()));
    let words = [&line[..], &["--membership-item-list", one, two]].concat();
    assert_eq!(input(&words), Ok(expected));
}

#[test]
fn booleans_are_said_or_denied_or_left_open() {
    let line = ["update-bot", "--account-id=a", "--bot-id=b"];
    let bot = |flags: &[&'static str]| input(&[&line[..], flags].concat());
    assert_eq!(bot(&["--disabled"]).unwrap()["Disabled"], true);
    assert_eq!(bot(&["--no-disabled"]).unwrap()["Disabled"], false);
    assert_eq!(bot(&[]).unwrap().get("Disabled"), None);
    assert!(bot(&["--disabled", "--no-disabled"]).is_err());
}

#[test]
fn any_scalar_can_come_from_a_file() {
    let line = ["update-room", "--account-id=a", "--room-id=r", "--name", "FILE"];
    assert_eq!(input_with_file("Ops – Zürich", &line).unwrap()["Name"], "Ops – Zürich");
    let line = ["list-rooms", "--account-id=a", "--max-results", "FILE"];
    assert_eq!(input_with_file("5\n", &line).unwrap()["MaxResults"], 5);
}

#[test]
fn a_byte_order_mark_is_not_part_of_a_file() {
    let json = "\u{feff}{\"AccountId\": \"a\", \"RoomId\": \"r\"}";
    for flag in ["--cli-input-json", "--cli-input-yaml"] {
        let input = input_with_file(json, &["get-room", flag, "FILE"]);
        assert_eq!(input, Ok(json!({"AccountId": "a", "RoomId": "r"})));
    }
    let line = ["update-room", "--account-id=a", "--room-id=r", "--name", "FILE"];
    assert_eq!(input_with_file("\u{feff}Zo\u{eb}", &line).unwrap()["Name"], "Zo\u{eb}");
}

#[test]
fn shorthand_gives_values_the_types_of_their_shapes() {
    let user = ["update-user-settings", "--account-id=a", "--user-id=u", "--user-settings"];
    let telephony = "Telephony={InboundCalling=true,OutboundCalling=FALSE,SMS=true}";
    let expected = json!({"InboundCalling": true, "OutboundCalling": false, "SMS": true});
    let found = input(&[&user[..], &[telephony]].concat()).unwrap();
    assert_eq!(found["UserSettings"]["Telephony"], expected);
    let wrong = input(&[&user[..], &["Telephony={InboundCalling=maybe}"]].concat());
    assert!(wrong.unwrap_err().contains("InboundCalling: must be true or false"));

    let line = [
        "voice",
        "create-sip-rule",
        "--name=n",
        "--trigger-type=ToPhoneNumber",
        "--trigger-value=v",
        "--target-applications",
        "SipMediaApplicationId=i,Priority=1",
    ];
    let found = input(&line).unwrap();
    assert_eq!(found["TargetApplications"][0]["Priority"], 1);
    let line = [
        "messaging",
        "create-channel",
        "--app-instance-arn",
        "arn:aws:chime:us-east-1:111122223333:app-instance/a",
        "--name=n",
        "--chime-bearer",
        "arn:aws:chime:us-east-1:111122223333:app-instance/a/user/u",
        "--tags",
        "Key=a,Value=b",
        "Key='c,d',Value=\"e=f\"",
    ];
    let tags = json!([{"Key": "a", "Value": "b"}, {"Key": "c,d", "Value": "e=f"}]);
    assert_eq!(input(&line).unwrap()["Tags"], tags);
}

#[test]
fn yaml_is_another_way_to_write_the_json() {
    let yaml = "AccountId: a\nRoomId: r\nName: '- x'\n";
    let found = input(&["update-room", "--cli-input-yaml", yaml, "--account-id", "flag"]);
    assert_eq!(found, Ok(json!({"AccountId": "flag", "RoomId": "r", "Name": "- x"})));
    for wrong in ["secret", "- secret", "a: [secret", "secret: !!int x"] {
        let refusal = input(&["get-room", &format!("--cli-input-yaml={wrong}")]).unwrap_err();
        assert!(!refusal.contains("secret") && refusal.contains("--cli-input-yaml"), "{refusal}");
    }
}

#[test]
fn a_file_that_is_not_there_is_told_with_its_flag() {
    let line = ["update-room", "--account-id=a", "--room-id=r", "--name", "file:///no/such"];
    let refusal = input(&line).unwrap_err();
    assert!(refusal.contains("--name") && refusal.contains("file:///no/such"), "{refusal}");
}

#[test]
fn flags_win_over_the_json_and_null_is_absence() {
    let json = r#"{"AccountId":"json","RoomId":"r","Name":"n"}"#;
    let line = ["update-room", "--cli-input-json", json, "--account-id", "flag"];
    assert_eq!(input(&line), Ok(json!({"AccountId": "flag", "RoomId": "r", "Name": "n"})));
    let json = r#"{"AccountId":"a","RoomId":"r","Name":null}"#;
    let input = input_with_file(json, &["update-room", "--cli-input-json", "FILE"]);
    assert_eq!(input, Ok(json!({"AccountId": "a", "RoomId": "r"})));
}

#[test]
fn everything_wrong_is_told_at_once_and_by_name() {
    let json = r#"{"Colour":"red","Name":5,"Nested":{"A":1}}"#;
    let refusal = input(&["create-room", "--cli-input-json", json]).unwrap_err();
    let expected = "Parameter validation failed:\n\
        Colour: is not a member of this structure; its members are AccountId, Name, \
        ClientRequestToken\n\
        Name: must be a string (--name)\n\
        Nested: is not a member of this structure; its members are AccountId, Name, \
        ClientRequestToken\n\
        AccountId: is required (--account-id)";
    assert_eq!(refusal, expected);
}

#[test]
fn numbers_must_be_numbers_and_within_range() {
    let with = |number| input(&["list-rooms", "--account-id=a", "--max-results", number]);
    let words = "Parameter validation failed:\nMaxResults: must be ";
    let kind = format!("{words}a whole number (--max-results)");
    assert_eq!(with("many"), Err(kind));
    assert_eq!(with("-1"), Err(format!("{words}1 to 99, is -1 (--max-results)")));
}

#[test]
fn what_is_no_json_is_refused_without_repeating_it() {
    for line in [
        &["put-retention-settings", "--account-id=a", "--retention-settings", "{secret"][..],
        &["create-user", "--account-id=a", "--cli-input-json", "secret"],
        &["create-user", "--account-id=a", "--cli-input-json", "\"secret\""],
        &["batch-update-user", "--account-id=a", "--update-user-request-items", "secret"],
        &["create-user", "--account-id=a", "--email", "secret"],
    ] {
        let refusal = input(line).unwrap_err();
        assert!(!refusal.contains("secret"), "{refusal}");
    }
}

fn is_sensitive(shape: &Shape) -> bool {
    match shape {
        Shape::Text(text) => text.sensitive,
        Shape::List(list) => is_sensitive(list.item),
        Shape::Map(_) => true,
        Shape::Structure(structure) => {
            structure.members.iter().any(|member| is_sensitive(member.shape))
        }
        _ => false,
    }
}

#[test]
fn no_sensitive_value_of_any_operation_is_repeated() {
    for info in APIS.iter().flat_map(|api| api.operations) {
        let service = info.service.id.to_ascii_lowercase().replace(' ', "-");
        let service = Some(service).filter(|service| service != "chime");
        let sensitive = info.input.members.iter().filter(|it| is_sensitive(it.shape));
        for flag in sensitive.map(|member| format!("--{}", kebab(member.name))) {
            for value in
                ["SECRET", "{SECRET", "[\"SECRET\"", "Name=SECRET,=", "{\"A\": \"SECRET\"}"]
            {
                let line = [kebab(info.name), flag.clone(), value.to_owned()];
                let line = ["chime".to_owned()].into_iter().chain(service.clone()).chain(line);
                let words: Vec<_> = line.map(OsString::from).collect();
                let told = match parsed(&words) {
                    Ok(matches) => {
                        let (info, given) = operation(&matches).unwrap();
                        match read(info, given) {
                            Ok(input) => format!("{:?}", check(info.input, &input)),
                            Err(failure) => failure.to_string(),
                        }
                    }
                    Err(error) => error.to_string(),
                };
                assert!(!told.contains("SECRET"), "{words:?}: {told}");
            }
        }
    }
}
