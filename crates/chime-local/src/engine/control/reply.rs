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

/// The response, or why nothing was done.
pub(super) type Reply = Result<Response<Bytes>, Problem>;

/// Why something was not done: the status, and what is said of it.
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
        Self::new(StatusCode::METHOD_NOT_ALLOWED, format!("this does not know {method}"))
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let status = match error {
            StoreError::NoSnapshot => StatusCode::NOT_FOUND,
            StoreError::Invalid(_) => StatusCode::BAD_REQUEST,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self::new(status, error)
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

/// The response, for nobody but who asked.
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

/// Keeps a response out of caches, and out of what it is not meant for.
pub(crate) fn protect(response: &mut Response<Bytes>) {
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}

pub(super) fn document(value: &impl Serialize) -> Reply {
    let broken = |error| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, error);
    Ok(Response::new(serde_json::to_vec(value).map_err(broken)?.into()))
}

/// Nothing to say but that it is done.
pub(super) fn done() -> Reply {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    Ok(response)
}

pub(super) fn parse<T: DeserializeOwned>(body: &Bytes) -> Result<T, Problem> {
    serde_json::from_slice(body).map_err(Problem::bad_request)
}
