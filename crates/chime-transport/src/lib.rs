//! A tower stack for signed AWS requests.
//!
//! It works for any AWS service. [`stack`] assembles the layers over an [`HttpClient`] or any other
//! service of HTTP messages. Each layer can also be used alone:
//!
//! | layer | adds |
//! | --- | --- |
//! | [`retry::RetryLayer`] | rate limits, timeouts, retries, and a [span] per attempt |
//! | [`headers::HeadersLayer`] | the headers that AWS clients send |
//! | [`endpoint::EndpointLayer`] | the address of the endpoint |
//! | [`sign::SignLayer`] | AWS Signature Version 4 |
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! use bytes::Bytes;
//! use chime_transport::{Config, Credentials, EndpointParams, stack};
//! use tower::ServiceExt;
//!
//! let config = Config::new(Credentials::new("AKIDEXAMPLE", "a-secret"));
//! let service = EndpointParams {
//!     id: "Chime",
//!     prefix: "chime",
//!     signing_name: "chime",
//!     global_region: Some("us-east-1"),
//!     regions: &[],
//! };
//! let endpoint = config.endpoint(&service).unwrap();
//!
//! // Any service of HTTP messages can be at the bottom. This one checks the request.
//! let bottom = tower::service_fn(|request: http::Request<Bytes>| async move {
//!     assert_eq!(request.uri(), "https://chime.us-east-1.amazonaws.com/accounts");
//!     assert!(request.headers().contains_key("authorization"));
//!     Ok::<_, std::convert::Infallible>(http::Response::new(Bytes::from("{}")))
//! });
//! let service = stack(&config, endpoint, bottom).unwrap();
//! let request = http::Request::get("/accounts").body(Bytes::new()).unwrap();
//! let response = service.oneshot(request).await.unwrap();
//! assert_eq!(response.status(), 200);
//! # });
//! ```

/// Implements `Debug` with the name of the type alone: its content is a function, or may be secret.
macro_rules! debug_by_name {
    ($type:ident) => {
        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(stringify!($type))
            }
        }
    };
}

mod body;
mod call;
mod config;
pub mod credentials;
pub mod endpoint;
mod error;
mod error_code;
pub mod headers;
pub mod http_client;
mod options;
pub mod rate_limit;
pub mod retry;
pub mod sign;
mod sources;
pub mod span;
mod stack;

pub use body::Body;
pub use config::{Config, ConfigError, RetryMode};
pub use credentials::Credentials;
pub use endpoint::{Endpoint, EndpointError, EndpointParams};
pub use error::{BoxError, Error, ErrorKind};
pub use error_code::{ErrorCode, error_code};
pub use http_client::{HttpClient, Pool, Proxies, Roots};
pub use options::CallOptions;
pub use rate_limit::{RateKey, RateLimit, RateLimits};
pub use retry::{Attempts, Stop};
/// The TLS library, for [`Config::tls`].
pub use rustls;
pub use sources::{Clock, Random, TraceId};
pub use stack::{HttpService, Transport, stack};
