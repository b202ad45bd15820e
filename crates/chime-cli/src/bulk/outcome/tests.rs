//! Errors and results as lines of the results file.

use super::*;
use chime_client::model::{chime, meetings};
use chime_client::{Client, Config, Credentials};
use chime_local::{LocalChime, sample};

use crate::bulk::plan;
use crate::bulk::rows::Row;

#[test]
fn sensitive_values_and_unknown_members_are_redacted() {
    let info = chime::API.operation("GetUser").unwrap();
    let user = json!({"UserId": "u", "PrimaryEmail": "secret", "UserType": "PrivateUser",
        "RegisteredOn": null, "PersonalPIN": "secret", "New": {"Name": "secret"}});
    let response = json!({"User": user});
    let members = serde_json::from_value(response).unwrap();
    let shown = Value::from(masked_members(info.output.unwrap(), members));
    assert!(!shown.to_string().contains("secret"), "{shown}");
    assert_eq!(shown["User"]["UserId"], "u");
    assert_eq!(shown["User"]["UserType"], "PrivateUser");
    assert_eq!(shown["User"]["PrimaryEmail"], REDACTED);

    let info = meetings::API.operation("CreateAttendee").unwrap();
    let members = serde_json::from_value(json!({"Attendee": {"JoinToken": "secret"}})).unwrap();
    let shown = Value::from(masked_members(info.output.unwrap(), members));
    assert_eq!(shown, json!({"Attendee": {"JoinToken": REDACTED}}));
}

#[test]
fn errors_that_every_row_would_get_are_not_those_of_a_row() {
    let error = |status, name: &str| {
        let exception = name.into();
        stops_every_row(&ServiceError::new(exception, "m").with_status(status))
    };
    for (status, name, expected) in [
        (400, "BadRequestException", false),
        (403, "ForbiddenException", false),
        (404, "NotFoundException", false),
        (401, "UnauthorizedClientException", true),
        (403, "ExpiredTokenException", true),
        (403, "UnrecognizedClientException", true),
        (429, "ThrottledClientException", true),
        (503, "ServiceUnavailableException", true),
    ] {
        assert_eq!(error(status, name), expected, "{name}");
    }
}

#[test]
fn a_call_that_fails_fails_for_each_of_its_rows() {
    let info = chime::API.operation("BatchSuspendUser").unwrap();
    let rows = ["u", "v"].into_iter().enumerate().map(|(index, id)| {
        let input =
            json!({"AccountId": "00000000-0000-0000-0000-000000000000", "UserIdList": [id]});
        (Row { number: index + 1, input: serde_json::from_value(input).unwrap() }, None)
    });
    let [call] = plan::calls(info, rows).try_into().unwrap();
    let outcomes = |secret: &str| {
        let mut config = Config::default();
        config.credentials = Some(Credentials::new(sample::ACCESS_KEY_ID, secret).into());
        let client = Client::with_http_service(config, LocalChime::sample()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let error = runtime.block_on(client.call(info, call.input.clone())).unwrap_err();
        lines(info, &call, Err(error), true)
    };
    let failed = outcomes(sample::SECRET_ACCESS_KEY);
    assert_eq!(failed.len(), 2);
    for (line, row) in failed.iter().zip(1..) {
        assert_eq!((line.row, line.outcome), (row, Outcome::Failed));
        assert_eq!(line.error.as_ref().unwrap()["code"], "NotFoundException");
        assert!(line.request_id.is_some());
    }
    // Wrong credentials are no fault of the rows.
    assert!(outcomes("wrong").iter().all(|line| line.outcome == Outcome::Unsent));
}
