//! Tests of every kind of change to a small description.

use serde_json::{Value, json};

use super::*;

fn small() -> Value {
    json!({
        "metadata": {
            "apiVersion": "2018-05-01", "auth": ["aws.auth#sigv4"], "endpointPrefix": "chime",
            "protocol": "rest-json", "protocols": ["rest-json"], "serviceFullName": "Chime",
            "serviceId": "Chime", "signatureVersion": "v4", "uid": "chime-2018-05-01",
        },
        "operations": {
            "CreateRoom": {
                "name": "CreateRoom",
                "http": { "method": "POST", "requestUri": "/rooms", "responseCode": 201 },
                "input": { "shape": "Room" },
                "errors": [{ "shape": "ConflictException" }, { "shape": "NotFoundException" }],
            },
            "LogoutUser": {
                "name": "LogoutUser",
                "http": { "method": "POST", "requestUri": "/users/{userId}?operation=logout" },
            },
        },
        "shapes": {
            "ConflictException": {
                "type": "structure", "members": {}, "exception": true,
                "error": { "httpStatusCode": 409 },
            },
            "License": { "type": "string", "enum": ["Basic", "Plus"] },
            "Name": { "type": "string", "pattern": "[a-z]+", "min": 1, "sensitive": true },
            "Room": {
                "type": "structure",
                "required": ["Name"],
                "members": {
                    "Name": { "shape": "Name" },
                    "Token": {
                        "shape": "Token", "idempotencyToken": true,
                        "location": "querystring", "locationName": "token",
                    },
                },
            },
            "Timestamp": { "type": "timestamp", "timestampFormat": "iso8601" },
            "Token": { "type": "string" },
            "UserIdList": { "type": "list", "max": 50, "member": { "shape": "Name" } },
        },
        "version": "2.0",
    })
}

fn facts(description: &Value) -> Facts {
    of(&serde_json::from_value(description.clone()).unwrap()).unwrap()
}

/// Returns the difference after the value at `place`, a JSON pointer, is replaced, or removed if it is null.
fn after(place: &str, value: Value) -> Vec<String> {
    let (old, mut new) = (small(), small());
    let (parent, key) = place.rsplit_once('/').unwrap();
    let parent = new.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match value {
        Value::Null => parent.remove(key),
        value => parent.insert(key.to_owned(), value),
    };
    difference(&facts(&old), &facts(&new))
}

#[track_caller]
fn check(place: &str, value: Value, lines: &[&str]) {
    assert_eq!(after(place, value), lines, "{place}");
}

#[test]
fn added_and_removed_items_are_reported() {
    check(
        "/shapes/Token",
        Value::Null,
        &["removed  shape Token", "removed  shape Token.type: string"],
    );
    check(
        "/shapes/Color",
        json!({ "type": "string", "enum": ["Red"] }),
        &[
            "added    enum value Color.Red",
            "added    shape Color",
            "added    shape Color.type: string",
        ],
    );
    check(
        "/operations/LogoutUser",
        Value::Null,
        &[
            "removed  operation LogoutUser",
            "removed  operation LogoutUser.http.method: POST",
            "removed  operation LogoutUser.http.requestUri: /users/{userId}?operation=logout",
            "removed  operation LogoutUser.name: LogoutUser",
        ],
    );
    check(
        "/shapes/Room/members/Color",
        json!({ "shape": "Name" }),
        &["added    member Room.Color", "added    member Room.Color.shape: Name"],
    );
}

#[test]
fn changed_constraints_are_reported() {
    check("/shapes/UserIdList/max", json!(60), &["altered  shape UserIdList.max: 50 -> 60"]);
    check("/shapes/UserIdList/min", json!(1), &["added    shape UserIdList.min: 1"]);
    check("/shapes/Name/min", Value::Null, &["removed  shape Name.min: 1"]);
    check(
        "/shapes/Name/pattern",
        json!("[a-z]*"),
        &["altered  shape Name.pattern: [a-z]+ -> [a-z]*"],
    );
    check("/shapes/Name/sensitive", Value::Null, &["removed  shape Name.sensitive: true"]);
    check(
        "/shapes/Room/required",
        json!(["Token"]),
        &["removed  required Room.Name", "added    required Room.Token"],
    );
    check(
        "/shapes/License/enum",
        json!(["Free", "Plus"]),
        &["removed  enum value License.Basic", "added    enum value License.Free"],
    );
}

#[test]
fn changed_types_are_reported() {
    check("/shapes/Token/type", json!("blob"), &["altered  shape Token.type: string -> blob"]);
    check(
        "/shapes/Timestamp/timestampFormat",
        json!("unixTimestamp"),
        &["altered  shape Timestamp.timestampFormat: iso8601 -> unixTimestamp"],
    );
    check(
        "/shapes/UserIdList/member/shape",
        json!("Token"),
        &["altered  shape UserIdList.member.shape: Name -> Token"],
    );
    check(
        "/shapes/ConflictException/error/httpStatusCode",
        json!(400),
        &["altered  shape ConflictException.error.httpStatusCode: 409 -> 400"],
    );
}

#[test]
fn changed_locations_are_reported() {
    check(
        "/shapes/Room/members/Token/location",
        json!("header"),
        &["altered  member Room.Token.location: querystring -> header"],
    );
    check(
        "/shapes/Room/members/Token/idempotencyToken",
        Value::Null,
        &["removed  member Room.Token.idempotencyToken: true"],
    );
}

#[test]
fn changed_operations_are_reported() {
    check(
        "/operations/CreateRoom/http/method",
        json!("PUT"),
        &["altered  operation CreateRoom.http.method: POST -> PUT"],
    );
    check(
        "/operations/CreateRoom/http/requestUri",
        json!("/room"),
        &["altered  operation CreateRoom.http.requestUri: /rooms -> /room"],
    );
    check(
        "/operations/CreateRoom/http/responseCode",
        json!(200),
        &["altered  operation CreateRoom.http.responseCode: 201 -> 200"],
    );
    check(
        "/operations/CreateRoom/output",
        json!({ "shape": "Room" }),
        &["added    operation CreateRoom.output.shape: Room"],
    );
    check(
        "/operations/CreateRoom/errors",
        json!([{ "shape": "NotFoundException" }]),
        &["removed  error CreateRoom: ConflictException"],
    );
}

#[test]
fn changed_metadata_are_reported() {
    check(
        "/metadata/endpointPrefix",
        json!("bell"),
        &["altered  metadata endpointPrefix: chime -> bell"],
    );
    check("/metadata/signingName", json!("chime"), &["added    metadata signingName: chime"]);
    check(
        "/metadata/protocols",
        json!(["smithy-rpc-v2-cbor", "rest-json"]),
        &["altered  metadata protocols: rest-json -> smithy-rpc-v2-cbor, rest-json"],
    );
    check("/deprecated", json!(true), &["added    description deprecated: true"]);
}

#[test]
fn a_changed_order_is_not_reported() {
    let with = |text: &str| of(&serde_json::from_str(text).unwrap()).unwrap();
    let text = small().to_string();
    let turned = text.replace(r#"["Basic","Plus"]"#, r#"["Plus","Basic"]"#);
    assert_ne!(text, turned);
    assert_eq!(difference(&with(&text), &with(&turned)), [""; 0]);
}
