//! A client of the control endpoint of a local Chime.

use std::env;
use std::fs;
use std::time::Duration;

use bytes::Bytes;
use chime_client::{Config, Endpoint, HttpClient};
use chime_local::ActionError;
use http::header::AUTHORIZATION;
use http::{Method, Request, Response, StatusCode, Uri};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use tokio::time::timeout;
use tower::Service;

use crate::failure::{Failure, GENERAL};
use crate::serve::token_file::VARIABLE as TOKEN;
use crate::serve::{self, token_file};

const ENDPOINT: &str = "AWS_ENDPOINT_URL_CHIME";
/// The timeout of a request. A large seed takes several seconds.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Why a request was not successful.
pub(super) enum Refusal {
    /// The resource does not exist.
    NotFound,
    Other(Failure),
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self::Other(failure)
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotFound => other(&ActionError::NotFound.to_string()),
            Refusal::Other(failure) => failure,
        }
    }
}

pub(super) struct Control {
    client: HttpClient,
    /// The URL of the server, without a slash at the end.
    origin: String,
    token: String,
}

impl Control {
    /// Finds the server and its token.
    ///
    /// A token in the environment may be that of an earlier server on the same port. So if the file has
    /// another one, the server is asked which of them it accepts.
    ///
    /// # Errors
    /// Returns an error if the URL is invalid, if there is no token for it, or if the server cannot be
    /// asked.
    pub(super) async fn find(url: Option<&str>) -> Result<Self, Failure> {
        let of_environment = env::var(ENDPOINT).ok().filter(|url| !url.is_empty());
        let url = url.map(str::to_owned).or(of_environment);
        let url = url.unwrap_or_else(|| format!("http://{}", serve::DEFAULT_ADDRESS));
        let uri = url.parse::<Uri>().ok().filter(|uri| uri.scheme_str() == Some("http"));
        let authority = uri.as_ref().and_then(Uri::authority).ok_or_else(|| {
            let message = format!("must be a URL such as http://127.0.0.1:24463, not {url}");
            Failure::flag(super::URL, message)
        })?;
        // The server accepts the token from the same machine only, so no other machine may see it.
        if Endpoint::new(&format!("http://{authority}"), "", "").is_err() {
            let message = format!("the host of {url} must be localhost or a loopback address");
            return Err(Failure::flag(super::URL, message));
        }
        let port = authority.port_u16().unwrap_or(80);
        let path = token_file::path(port, |name| env::var_os(name));
        let of_file = path.and_then(|path| fs::read_to_string(path).ok());
        let token = token_file::of_environment().or_else(|| of_file.clone()).ok_or_else(|| {
            Failure::Setting(format!(
                "no control token for port {port}: start `chime serve`, or set {TOKEN} to the token \
                 that it printed"
            ))
        })?;
        let client = HttpClient::new(&Config::default());
        let mut control = Self { client, origin: format!("http://{authority}"), token };
        if let Some(other) = of_file.filter(|token| *token != control.token) {
            let response = control.exchange(Method::GET, "clock", Vec::new()).await?;
            if response.status() == StatusCode::UNAUTHORIZED {
                control.token = other;
            }
        }
        Ok(control)
    }

    /// The URL of the page, with the token in the fragment.
    pub(super) fn page(&self) -> String {
        format!("{}/#{}", self.origin, self.token)
    }

    pub(super) async fn get(&self, path: &str) -> Result<Value, Refusal> {
        self.send(Method::GET, path, Vec::new()).await
    }

    pub(super) async fn post(&self, path: &[&str], body: Vec<u8>) -> Result<Value, Refusal> {
        self.send(Method::POST, &joined(path), body).await
    }

    pub(super) async fn put(&self, path: &[&str], body: Vec<u8>) -> Result<Value, Refusal> {
        self.send(Method::PUT, &joined(path), body).await
    }

    pub(super) async fn delete(&self, path: &[&str]) -> Result<Value, Refusal> {
        self.send(Method::DELETE, &joined(path), Vec::new()).await
    }

    /// Sends a request, and returns the document in the response; null if there is none.
    async fn send(&self, method: Method, path: &str, body: Vec<u8>) -> Result<Value, Refusal> {
        let response = self.exchange(method, path, body).await?;
        let document = serde_json::from_slice(response.body()).unwrap_or(Value::Null);
        if response.status().is_success() {
            return Ok(document);
        }
        let message = document["Message"].as_str().unwrap_or_default().to_owned();
        Err(match response.status() {
            StatusCode::UNAUTHORIZED => other(&format!(
                "the server refused the control token; set {TOKEN} to the one it printed"
            ))
            .into(),
            status if message.is_empty() => {
                other(&format!("the server responded with {status}")).into()
            }
            // An unknown path has the same status.
            _ if message == ActionError::NotFound.to_string() => Refusal::NotFound,
            _ => other(&message).into(),
        })
    }

    /// Sends a request, and returns the response, whatever its status.
    async fn exchange(
        &self,
        method: Method,
        path: &str,
        body: Vec<u8>,
    ) -> Result<Response<Bytes>, Failure> {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}/_chime/{path}", self.origin))
            .header(AUTHORIZATION, format!("Bearer {}", self.token))
            .body(Bytes::from(body))
            .map_err(|error| other(&error.to_string()))?;
        let response = timeout(TIMEOUT, self.client.clone().call(request)).await;
        response
            .map_err(|_| other("the server did not respond within 60 seconds"))?
            .map_err(|error| other(&format!("the request to the local Chime failed: {error}")))
    }
}

/// Joins the segments of a path, percent-encoded.
fn joined(path: &[&str]) -> String {
    let segments = path.iter().map(|part| utf8_percent_encode(part, NON_ALPHANUMERIC).to_string());
    segments.collect::<Vec<_>>().join("/")
}

fn other(message: &str) -> Failure {
    Failure::Other { code: GENERAL, message: message.to_owned() }
}
