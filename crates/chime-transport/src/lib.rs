//! A tower stack that carries signed AWS requests.
//!
//! It knows AWS and HTTP, and no operation of any service. [`stack`] assembles the layers over a
//! connection; each layer is a module here and can be used alone in somebody else's stack.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! use bytes::Bytes;
//! use chime_transport::{Config, Credentials, EndpointParams, stack};
//! use tower::ServiceExt;
//!
//! let config = Config::new(Credentials::new("AKIDEXAMPLE", "a-secret"));
//! let service = EndpointParams { id: "Chime", prefix: "chime", signing_name: "chime", global_region: Some("us-east-1") };
//! let endpoint = config.endpoint(&service).unwrap();
//!
//! // Any service of HTTP messages can be the connection: here one that looks at the request.
//! let connection = tower::service_fn(|request: http::Request<Bytes>| async move {
//!     assert_eq!(request.uri(), "https://chime.us-east-1.amazonaws.com/accounts");
//!     assert!(request.headers().contains_key("authorization"));
//!     Ok::<_, std::convert::Infallible>(http::Response::new(Bytes::from("{}")))
//! });
//! let service = stack(&config, endpoint, connection).unwrap();
//! let request = http::Request::get("/accounts").body(Bytes::new()).unwrap();
//! let response = service.oneshot(request).await.unwrap();
//! assert_eq!(response.status(), 200);
//! # });
//! ```

mod config;
pub mod connection;
pub mod credentials;
pub mod endpoint;
mod error;
mod error_code;
pub mod headers;
pub mod pacing;
pub mod rate_limit;
pub mod retry;
pub mod sign;
pub mod skew;
mod sources;
mod stack;
pub mod timeout;
pub mod trace;

pub use config::{Config, ConfigError, RetryMode};
pub use connection::{Connection, Pool, Proxies, Roots};
pub use credentials::Credentials;
pub use endpoint::{Endpoint, EndpointParams};
pub use error::{BoxError, Error, ErrorKind};
pub use error_code::{ErrorCode, error_code};
pub use pacing::{Pacing, PacingKey};
pub use rate_limit::{RateKey, RateLimit, RateLimits};
pub use retry::{Attempts, Repeatable, Stop};
pub use sources::{Clock, Random, TraceId};
pub use stack::{HttpService, Transport, stack};
