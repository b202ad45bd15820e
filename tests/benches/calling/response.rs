//! The response that this benchmark's server sends to every request.

use bytes::Bytes;
use http::Response;
use http::header::CONTENT_TYPE;

/// The body of a response to `UpdateRoomMembership`.
pub(crate) const BODY: &str = concat!(
    r#"{"RoomMembership":{"InvitedBy":"arn:aws:iam::111122223333:user/local","#,
    r#""Member":{"AccountId":"c2d7a9f4-18b3-4e6a-8f21-5d90b7e3a612","Email":"bo@example.com","#,
    r#""FullName":"Bo Lindqvist","MemberId":"a94f06d2-7e15-4c3b-b8d9-20f6c5e1a773","#,
    r#""MemberType":"User"},"Role":"Administrator","#,
    r#""RoomId":"7f3d2b18-c6e4-4a90-9d57-e1b8a2c40f6d","#,
    r#""UpdatedTimestamp":"2025-11-23T15:08:15.000Z"}}"#,
);

/// The response. hyper adds the date and the length.
pub(crate) fn whole() -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(BODY.as_bytes()));
    let headers = response.headers_mut();
    for (name, value) in [
        (CONTENT_TYPE.as_str(), "application/json"),
        ("x-amzn-requestid", "2f0c6c1e-6f0b-4c1f-9a51-0f2f6f4f7c11"),
        ("strict-transport-security", "max-age=31536000; includeSubDomains; preload"),
    ] {
        headers.insert(name, value.parse().unwrap());
    }
    response
}
