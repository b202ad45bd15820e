//! The responses of the control endpoint.

use std::fmt;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::engine::document::InvalidDocument;
use crate::engine::store::StoreError;
use crate::engine::world::ActionError;

/// A response, or an error.
pub(super) type Reply = Result<Response<Bytes>, Problem>;

/// An error of the control endpoint.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    message: String,
}

impl Problem {
    pub(super) fn new(status: StatusCode, message: impl fmt::Display) -> Self {
        Self { status, message: message.to_string() }
    }

    pub(super) fn bad_request(message: impl fmt::Display) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(super) fn method(method: &str) -> Self {
        let message = format!("method {method} is not allowed here; GET /_chime/ lists all");
        Self::new(StatusCode::METHOD_NOT_ALLOWED, message)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let status = match error {
            StoreError::NoSnapshot => StatusCode::NOT_FOUND,
            StoreError::Invalid(_) => StatusCode::BAD_REQUEST,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self::new(status, error.with_cause())
    }
}

impl From<ActionError> for Problem {
    fn from(error: ActionError) -> Self {
        match error {
            ActionError::NotFound => Self::new(StatusCode::NOT_FOUND, error),
            ActionError::Conflict(_) => Self::new(StatusCode::CONFLICT, error),
            ActionError::Store(error) => error.into(),
        }
    }
}

impl From<InvalidDocument> for Problem {
    fn from(error: InvalidDocument) -> Self {
        Self::bad_request(error)
    }
}

/// Encodes errors, and keeps the response out of caches.
pub(super) fn reply(reply: Reply) -> Response<Bytes> {
    let mut response = reply.unwrap_or_else(|Problem { status, message }| {
        let text = json!({"Message": message}).to_string();
        let mut response = Response::new(Bytes::from(text));
        *response.status_mut() = status;
        if status == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("Bearer");
            response.headers_mut().insert(WWW_AUTHENTICATE, scheme);
        }
        response
    });
    protect(&mut response);
    response
}

/// Keeps a response out of caches, and browsers from guessing its content type.
pub(crate) fn protect(response: &mut Response<Bytes>) {
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}

pub(super) fn document(value: &impl Serialize) -> Reply {
    let problem = |error| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, error);
    Ok(Response::new(serde_json::to_vec(value).map_err(problem)?.into()))
}

/// A response without a body.
pub(super) fn done() -> Reply {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    Ok(response)
}

pub(super) fn parse<T: DeserializeOwned>(body: &Bytes) -> Result<T, Problem> {
    serde_json::from_slice(body).map_err(Problem::bad_request)
}
