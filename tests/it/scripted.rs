//! A mock service with scripted responses.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use chime_client::Client;
use http::{Request, Response};
use serde_json::Value;
use tower::service_fn;

/// The requests that the service received, each with its query and body.
pub(crate) type Seen = Arc<Mutex<Vec<(String, Value)>>>;

/// A client of a service that returns these responses one after another.
pub(crate) fn scripted(responses: impl IntoIterator<Item = (u16, Value)>) -> (Client, Seen) {
    let responses = Mutex::new(responses.into_iter().collect::<Vec<_>>().into_iter());
    let seen = Seen::default();
    let seen_by_service = seen.clone();
    let responses = Arc::new(responses);
    let service = service_fn(move |request: Request<Bytes>| {
        let query = request.uri().query().unwrap_or_default().to_owned();
        let body = serde_json::from_slice(request.body()).unwrap_or_default();
        seen_by_service.lock().unwrap().push((query, body));
        let (status, body) = responses.lock().unwrap().next().expect("no further call");
        let response = Response::builder().status(status).body(Bytes::from(body.to_string()));
        async move {
            tokio::task::yield_now().await;
            Ok::<_, Infallible>(response.unwrap())
        }
    });
    (Client::over(service), seen)
}
