//! The one action of AWS STS that applications call before they name their own resources.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Request, Response};

use crate::engine::credential::Credential;
use crate::engine::view::html::escape;

/// What requests of STS are signed for.
pub(crate) const SIGNING_NAME: &str = "sts";

/// Whether a request asks STS who the caller is.
pub(crate) fn is_for(request: &Request<Bytes>) -> bool {
    let asks = |body: &str| body.split('&').any(|pair| pair == "Action=GetCallerIdentity");
    request.method() == Method::POST
        && matches!(request.uri().path(), "" | "/")
        && std::str::from_utf8(request.body()).is_ok_and(asks)
}

/// Says who the caller is.
pub(crate) fn respond(caller: &Credential) -> Response<Bytes> {
    let text = format!(
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
         <GetCallerIdentityResult><Arn>{}</Arn><UserId>{}</UserId><Account>{}</Account>\
         </GetCallerIdentityResult></GetCallerIdentityResponse>",
        escape(&caller.arn),
        escape(&caller.access_key_id),
        escape(&caller.aws_account_id)
    );
    let mut response = Response::new(Bytes::from(text));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/xml"));
    response
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, REGION, request, sign, sign_for};

    #[test]
    fn callers_learn_who_they_are() {
        let bench = Bench::sample();
        let body = "Action=GetCallerIdentity&Version=2011-06-15";
        let mut signed = request("POST", "/", body);
        sign_for(&mut signed, &bench.caller, bench.clock.now(), REGION, "sts");
        let answer = bench.answer(&signed);
        assert_eq!((answer.status(), answer.header("content-type")), (200, Some("text/xml")));
        let text = std::str::from_utf8(answer.0.body()).unwrap();
        assert!(text.contains("<Account>111122223333</Account>"), "{text}");
        assert!(text.contains("<Arn>arn:aws:iam::111122223333:user/local</Arn>"), "{text}");
    }

    #[test]
    fn nobody_else_learns_anything() {
        let bench = Bench::sample();
        let unsigned = request("POST", "/", "Action=GetCallerIdentity&Version=2011-06-15");
        assert_eq!(bench.answer(&unsigned).exception(), "MissingAuthenticationTokenException");
        let mut of_chime = request("POST", "/", "Action=GetCallerIdentity");
        sign(&mut of_chime, &bench.caller, bench.clock.now());
        assert_eq!(bench.answer(&of_chime).status(), 403);
        let mut other = request("POST", "/", "Action=AssumeRole");
        sign_for(&mut other, &bench.caller, bench.clock.now(), REGION, "sts");
        assert_eq!(bench.answer(&other).status(), 404);
    }
}
