//! The client, which sends typed requests and returns typed responses.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use chime_model::{Operation, OperationInfo, SERVICES, Service, check};
use chime_transport::headers::user_agent;
use chime_transport::retry::RetryFuture;
use chime_transport::span::record_error;
use chime_transport::{
    CallOptions, Config, ConfigError, Endpoint, EndpointError, EndpointParams, ErrorCode,
    HttpClient, HttpService, Random, Transport, error_code, stack,
};
use chime_wire::{
    ResponseError, decode_document, decode_error, decode_response, encode_input, format_timestamps,
    without_nulls,
};
use http::header::{HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use http::{Extensions, Request, Response};
use serde::Serialize;
use serde_json::{Map, Value};
use tower::ServiceExt;
use tracing::Instrument as _;
use tracing::instrument::Instrumented;

use crate::{Error, ErrorKind, RateKey, TransportError};

/// The ARN of the user or bot that makes a call of messaging.
const BEARER: HeaderName = HeaderName::from_static("x-amz-chime-bearer");

/// Calls operations of all services.
///
/// Use [`send`](Self::send), a named method of a view such as [`chime`](Self::chime), or the
/// [`tower::Service`] implementation. Clones are cheap and share connections, rate limits and the retry
/// budget.
#[derive(Clone)]
pub struct Client {
    transport: Transport,
    /// Empty for a client made with [`over`](Self::over), whose requests have no endpoint.
    services: Arc<[ServiceSettings]>,
    pub(crate) random: Random,
    pub(crate) validates: bool,
    pub(crate) options: CallOptions,
    extensions: Extensions,
}

impl Client {
    /// Creates a client that calls over the network.
    ///
    /// # Errors
    /// If the settings lack credentials, or if no service has a valid endpoint. If only some services have
    /// an invalid endpoint, for example because they do not exist in the region, their calls fail.
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        let client = HttpClient::new(&config);
        Self::with_http_service(config, client)
    }

    /// Creates a client with the whole stack, including retries and signatures, over another HTTP client: any
    /// tower service of HTTP messages, such as `chime_local::LocalChime`. It must not follow redirects. Settings
    /// of [`HttpClient`], such as proxies and the maximum size of responses, do not apply to it.
    ///
    /// # Errors
    /// As for [`new`](Self::new).
    pub fn with_http_service(
        config: Config,
        service: impl HttpService,
    ) -> Result<Self, ConfigError> {
        let services: Arc<[_]> =
            SERVICES.iter().map(|service| ServiceSettings::new(service, &config)).collect();
        // The stack needs a default, although every request names its endpoint.
        let endpoints = || services.iter().map(|service| service.endpoint.clone());
        let default = endpoints().find(Result::is_ok).or_else(|| endpoints().next());
        let default =
            default.unwrap_or(Err(ConfigError::Endpoint(EndpointError::MissingRegion)))?;
        let transport = stack(&config, default, service.map_response(name_error))?;
        Ok(Self { services, random: config.random, ..Self::over_transport(transport) })
    }

    /// Creates a client over a tower service that resolves the endpoint, signs and retries itself. It receives
    /// requests whose URI has a path but no authority, without a signature.
    ///
    /// The service must also enforce the timeouts and the deadline of the [`CallOptions`], an extension of each
    /// request. The client itself enforces only the end of a [wait](Self::wait).
    pub fn over(service: impl HttpService) -> Self {
        Self::over_transport(Transport::over(service))
    }

    fn over_transport(transport: Transport) -> Self {
        Self {
            transport,
            services: Arc::new([]),
            random: Random::default(),
            validates: true,
            options: CallOptions::new(),
            extensions: Extensions::new(),
        }
    }

    /// Turns off validation, so that only the service checks requests.
    #[must_use]
    pub fn without_validation(mut self) -> Self {
        self.validates = false;
        self
    }

    /// Sets options for each call of this client. Options that are unset in `options` keep their values.
    ///
    /// For one call: `client.clone().with_options(CallOptions::new().timeout(limit)).chime().get_room(request)`.
    /// For a list or many batches, a [`deadline`](CallOptions::deadline) covers all of their calls.
    #[must_use]
    pub fn with_options(mut self, options: CallOptions) -> Self {
        self.options = options.or(self.options);
        self
    }

    /// Adds an extension to each request of this client, which your own layers can read. Options are not
    /// set in this way: the client replaces an extension of the type [`CallOptions`] by
    /// [its own](Self::with_options).
    #[must_use]
    pub fn with_extension<T: Clone + Send + Sync + 'static>(mut self, extension: T) -> Self {
        self.extensions.insert(extension);
        self
    }

    /// Calls an operation.
    ///
    /// # Errors
    /// If the request breaks a rule of the API description (nothing is sent then), if the service
    /// returns an error, if no response is received, or if the response cannot be decoded.
    pub async fn send<O: Operation>(&self, request: O) -> Result<O::Output, Error> {
        self.exchange(O::INFO, request).await?.decode::<O>()
    }

    /// Calls an operation and returns the whole response, with the output as its body. The
    /// [`request_id`](crate::request_id) in its headers identifies the request to the service. If the call
    /// took several attempts, an extension has the [`Attempts`](crate::Attempts).
    ///
    /// # Errors
    /// As for [`send`](Self::send).
    pub async fn send_for_response<O: Operation>(
        &self,
        request: O,
    ) -> Result<Response<O::Output>, Error> {
        let received = self.exchange(O::INFO, request).await?;
        let output = received.decode::<O>()?;
        Ok(received.response.map(|_| output))
    }

    /// Calls an operation, given by its row, with JSON documents as input and output.
    ///
    /// # Errors
    /// As for [`send`](Self::send). Unknown members and members of the wrong type are errors too.
    pub async fn call(
        &self,
        info: &'static OperationInfo,
        input: Map<String, Value>,
    ) -> Result<Response<Map<String, Value>>, Error> {
        let input = format_timestamps(info, without_nulls(input));
        let received = self.exchange(info, input).await?;
        let output = decode_document(info, &received.response);
        let output = output.map_err(|error| received.error(error))?;
        Ok(received.response.map(|_| output))
    }

    /// Makes a call and returns the response before it is decoded.
    pub(crate) fn exchange<T: Serialize>(
        &self,
        info: &'static OperationInfo,
        input: T,
    ) -> impl Future<Output = Result<Received, Error>> + use<T> {
        // Outside of the future, which would keep the input and the message in memory.
        let started = self.start(info, &input);
        async move {
            let (mut call, token) = started?;
            let response = (&mut call).await;
            record_error(call.span(), response.as_ref().map_err(TransportError::kind));
            match response {
                Ok(response) => Ok(Received { info, response, token }),
                Err(error) => {
                    call.span()
                        .in_scope(|| tracing::debug!(%error, "the call received no response"));
                    let error = Error::new(info, ErrorKind::Transport(error), None);
                    Err(error.with_idempotency_token(token))
                }
            }
        }
    }

    fn start<T: Serialize>(
        &self,
        info: &'static OperationInfo,
        input: &T,
    ) -> Result<Started, Error> {
        let token = info.idempotency_token.map(|_| self.random.uuid());
        let fail = |kind| Error::new(info, kind, None);
        let service = self.service(info);
        let resolved = service.map(|service| service.endpoint.as_ref());
        let endpoint = self.options.endpoint.as_ref().map(Ok).or(resolved).transpose();
        let endpoint = endpoint.map_err(|error| fail(ErrorKind::Config(error.clone())))?;
        let message = self.message(info, input, endpoint, token.as_deref());
        let (mut message, has_token) = message.map_err(fail)?;
        let token = token.filter(|_| has_token);
        if let Some(service) = service {
            message.headers_mut().insert(USER_AGENT, service.user_agent.clone());
        }
        let shown = endpoint.map(tracing::field::display);
        tracing::debug!(operation = info.name, endpoint = shown, "calling");
        let span = tracing::debug_span!(
            "chime.call",
            rpc.system = "aws-api",
            rpc.service = info.service.id,
            rpc.method = info.name,
            server.address = endpoint.map(Endpoint::host),
            server.port = endpoint.and_then(Endpoint::port),
            "error.type" = tracing::field::Empty,
        );
        Ok((self.transport.send(message).instrument(span), token))
    }

    /// Encodes the request that is passed to the stack. Also returns whether the token is in it: the input may
    /// have one of its own.
    fn message<T: Serialize>(
        &self,
        info: &'static OperationInfo,
        input: &T,
        endpoint: Option<&Endpoint>,
        token: Option<&str>,
    ) -> Result<(Request<Bytes>, bool), ErrorKind> {
        if self.validates {
            check(info.input, input).map_err(ErrorKind::Invalid)?;
        }
        let message = encode_input(info, input, token);
        let (mut message, has_token) = message.map_err(ErrorKind::Invalid)?;
        let mut options = CallOptions::new().idempotent(info.idempotent);
        options.rate_key = Some(rate_key(info, message.headers()));
        options.endpoint = endpoint.cloned();
        let extensions = message.extensions_mut();
        if !self.extensions.is_empty() {
            extensions.extend(self.extensions.clone());
        }
        extensions.insert(self.options.clone().or(options));
        Ok((message, has_token))
    }

    /// The settings of an operation's service; `None` for a client made with [`over`](Self::over).
    fn service(&self, info: &'static OperationInfo) -> Option<&ServiceSettings> {
        self.services.iter().find(|service| service.id == info.service.id)
    }
}

/// The future of a call, and the idempotency token that the client generated for it.
type Started = (Instrumented<RetryFuture<Bytes>>, Option<String>);

/// The rate-limit key of a request, such as `Chime SDK Messaging.ListChannels`. It includes the bearer,
/// because messaging throttles each bearer separately.
fn rate_key(info: &'static OperationInfo, headers: &HeaderMap) -> RateKey {
    let key = RateKey::of_service(info.service.id, info.name);
    match headers.get(BEARER).and_then(|bearer| bearer.to_str().ok()) {
        Some(bearer) => key.with_caller(bearer),
        None => key,
    }
}

/// A response before it is decoded, with the facts that an error needs.
pub(crate) struct Received {
    info: &'static OperationInfo,
    pub(crate) response: Response<Bytes>,
    /// The idempotency token that the client generated.
    token: Option<String>,
}

impl Received {
    pub(crate) fn decode<O: Operation>(&self) -> Result<O::Output, Error> {
        decode_response::<O>(&self.response).map_err(|error| self.error(error))
    }

    /// Converts an error of decoding into an error of the call.
    pub(crate) fn error(&self, error: ResponseError) -> Error {
        let kind = match error {
            ResponseError::Service(error) => ErrorKind::Service(error),
            ResponseError::Undecodable(error) => ErrorKind::Undecodable(error),
        };
        let attempts = self.response.extensions().get().copied();
        Error::new(self.info, kind, attempts).with_idempotency_token(self.token.clone())
    }
}

/// Adds the name of the error to a response whose headers lack it, so that the retry layer can read it.
fn name_error(mut response: Response<Bytes>) -> Response<Bytes> {
    if !response.status().is_success() && error_code(&response).is_none() {
        let code = decode_error(&response).exception.as_str().to_owned();
        response.extensions_mut().insert(ErrorCode(code));
    }
    response
}

/// The settings of a client for one service.
struct ServiceSettings {
    id: &'static str,
    /// An error here fails only calls of this service.
    endpoint: Result<Endpoint, ConfigError>,
    user_agent: HeaderValue,
}

impl ServiceSettings {
    fn new(service: &'static Service, config: &Config) -> Self {
        let Service { id, endpoint_prefix, api_version, .. } = *service;
        let api = format!("{endpoint_prefix}/{api_version}");
        let params = EndpointParams {
            id,
            prefix: endpoint_prefix,
            signing_name: service.signing_name,
            global_region: service.global_region,
            regions: service.regions,
        };
        Self {
            id,
            endpoint: config.endpoint(&params),
            user_agent: user_agent(config, config.api.as_deref().or(Some(&api))),
        }
    }
}

impl<O: Operation> tower::Service<O> for Client {
    type Response = O::Output;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<O::Output, Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        // Each call waits until its own clone of the transport is ready.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: O) -> Self::Future {
        let client = self.clone();
        Box::pin(async move { client.send(request).await })
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let endpoints: Vec<_> = self.services.iter().map(|service| &service.endpoint).collect();
        f.debug_struct("Client").field("endpoints", &endpoints).finish_non_exhaustive()
    }
}

#[cfg(all(test, feature = "chime"))]
mod tests {
    use super::*;
    use chime_model::chime::GetAccountRequest;

    #[tokio::test]
    async fn an_extension_does_not_replace_the_options_of_a_call() {
        let service = tower::service_fn(|request: Request<Bytes>| {
            assert_eq!(request.extensions().get(), Some(&7));
            let options = request.extensions().get::<CallOptions>().unwrap();
            assert!(options.rate_key.is_some());
            assert_eq!(options.idempotent, Some(true));
            std::future::ready(Ok::<_, std::io::Error>(Response::new(Bytes::from("{}"))))
        });
        let client = Client::over(service).with_extension(7).with_extension(CallOptions::new());
        client.send(GetAccountRequest::new("a")).await.unwrap();
    }
}
