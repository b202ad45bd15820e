//! `GetCallerIdentity` of AWS STS, which applications call to get their AWS account id.

use bytes::Bytes;
use chime_model::ServiceError;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Request, Response, StatusCode};

use crate::engine::credential::Credential;
use crate::engine::requests::REQUEST_ID;
use crate::engine::view::html::escape;

/// The signing name of STS.
pub(crate) const SIGNING_NAME: &str = "sts";

const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// Whether a request calls `GetCallerIdentity`.
pub(crate) fn is_for(request: &Request<Bytes>) -> bool {
    let asks = |body: &str| body.split('&').any(|pair| pair == "Action=GetCallerIdentity");
    request.method() == Method::POST
        && matches!(request.uri().path(), "" | "/")
        && std::str::from_utf8(request.body()).is_ok_and(asks)
}

/// The response that identifies the caller, with the request id in the body and in a header.
pub(crate) fn respond(caller: &Credential, request_id: &str) -> Response<Bytes> {
    let text = format!(
        "<GetCallerIdentityResponse xmlns=\"{NAMESPACE}\">\
         <GetCallerIdentityResult><Arn>{}</Arn><UserId>{}</UserId><Account>{}</Account>\
         </GetCallerIdentityResult>\
         <ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>\
         </GetCallerIdentityResponse>",
        escape(&caller.arn),
        escape(&caller.access_key_id),
        escape(&caller.aws_account_id)
    );
    xml(text, request_id)
}

/// The response with an error. It is XML, because clients of STS cannot parse errors in JSON.
pub(crate) fn refuse(error: &ServiceError, request_id: &str) -> Response<Bytes> {
    // STS has a code of its own for an unknown access key.
    let code = match error.exception.as_str() {
        "UnrecognizedClientException" => "InvalidClientTokenId",
        code => code,
    };
    let text = format!(
        "<ErrorResponse xmlns=\"{NAMESPACE}\"><Error><Type>Sender</Type><Code>{}</Code>\
         <Message>{}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>",
        escape(code),
        escape(error.message.as_deref().unwrap_or_default())
    );
    let mut response = xml(text, request_id);
    *response.status_mut() = StatusCode::from_u16(error.status).unwrap_or(StatusCode::FORBIDDEN);
    response
}

fn xml(text: String, request_id: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(text));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/xml"));
    headers.extend(HeaderValue::from_str(request_id).map(|id| (REQUEST_ID, id)));
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Bench, REGION, request, sign, sign_for};

    #[test]
    fn the_response_has_account_arn_and_request_id() {
        let bench = Bench::sample();
        let body = "Action=GetCallerIdentity&Version=2011-06-15";
        let mut signed = request("POST", "/", body);
        sign_for(&mut signed, &bench.caller, bench.clock.now(), REGION, "sts");
        let answer = bench.handle(&signed);
        assert_eq!((answer.status(), answer.header("content-type")), (200, Some("text/xml")));
        let text = std::str::from_utf8(answer.0.body()).unwrap();
        assert!(text.contains("<Account>111122223333</Account>"), "{text}");
        let id = answer.header("x-amzn-requestid").unwrap();
        assert!(text.contains(&format!("<RequestId>{id}</RequestId>")), "{id} {text}");
        assert!(text.contains("<Arn>arn:aws:iam::111122223333:user/local</Arn>"), "{text}");
    }

    #[test]
    fn unauthenticated_and_other_requests_are_refused() {
        let bench = Bench::sample();
        let unsigned = request("POST", "/", "Action=GetCallerIdentity&Version=2011-06-15");
        let refused = bench.handle(&unsigned);
        let text = std::str::from_utf8(refused.0.body()).unwrap();
        assert!(text.contains("<Code>MissingAuthenticationTokenException</Code>"), "{text}");
        let mut unknown = unsigned;
        let unknown_key =
            Credential { access_key_id: "AKIDUNKNOWN".into(), ..bench.caller.clone() };
        sign_for(&mut unknown, &unknown_key, bench.clock.now(), REGION, "sts");
        let refused = bench.handle(&unknown);
        let text = std::str::from_utf8(refused.0.body()).unwrap();
        assert_eq!(refused.status(), 403);
        assert!(text.contains("<Code>InvalidClientTokenId</Code>"), "{text}");
        let mut of_chime = request("POST", "/", "Action=GetCallerIdentity");
        sign(&mut of_chime, &bench.caller, bench.clock.now());
        assert_eq!(bench.handle(&of_chime).status(), 403);
        let mut other = request("POST", "/", "Action=AssumeRole");
        sign_for(&mut other, &bench.caller, bench.clock.now(), REGION, "sts");
        assert_eq!(bench.handle(&other).status(), 404);
    }
}
