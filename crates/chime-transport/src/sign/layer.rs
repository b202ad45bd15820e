//! The layer: loads credentials, signs, and learns from the response.

use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::{Request, Response};
use pin_project_lite::pin_project;
use tower::{Layer, Service, ServiceExt};

use super::observe::{Sent, is_expiry};
use super::{KeyCache, SigningScope, sign};
use crate::call::Call;
use crate::credentials::SharedProvider;
use crate::retry::not_ready;
use crate::{BoxError, CallOptions, Clock, Config, ConfigError, Credentials, Error, ErrorKind};

/// Signs every request, with fixed credentials or those of a provider.
///
/// Works over any service of HTTP messages with bodies in memory. The scope of the signature is that of
/// the request's [endpoint](CallOptions::endpoint), or else that of the layer. If no credentials can be
/// loaded, nothing is sent and the error is an [`Error`] of [`ErrorKind::Request`].
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use chime_transport::Credentials;
/// use chime_transport::sign::{SignLayer, SigningScope};
/// use tower::{ServiceBuilder, ServiceExt};
///
/// let credentials = Credentials::new("AKIDEXAMPLE", "a-secret");
/// let service = ServiceBuilder::new()
///     .layer(SignLayer::new(credentials, SigningScope::new("us-east-1", "chime")))
///     .service_fn(|request: http::Request<Vec<u8>>| async move {
///         let signature = request.headers()["authorization"].to_str().unwrap().to_owned();
///         Ok::<_, std::io::Error>(http::Response::new(signature))
///     });
/// let request = http::Request::get("https://chime.us-east-1.amazonaws.com/accounts");
/// let signature = service.oneshot(request.body(Vec::new()).unwrap()).await.unwrap().into_body();
/// assert!(signature.contains("SignedHeaders=host;x-amz-date, "));
/// # });
/// ```
#[derive(Clone, Debug)]
pub struct SignLayer(Settings);

#[derive(Clone, Debug)]
struct Settings {
    credentials: SharedProvider,
    scope: SigningScope,
    clock: Clock,
    keys: Arc<KeyCache>,
    corrects_clock: bool,
}

impl SignLayer {
    /// Creates a layer that signs for `scope`, with the system's clock.
    pub fn new(credentials: impl Into<SharedProvider>, scope: SigningScope) -> Self {
        Self(Settings {
            credentials: credentials.into(),
            scope,
            clock: Clock::default(),
            keys: Arc::default(),
            corrects_clock: true,
        })
    }

    /// Creates a layer with the credentials and the clock of `config`.
    ///
    /// # Errors
    /// If `config` has no credentials.
    pub fn from_config(config: &Config, scope: SigningScope) -> Result<Self, ConfigError> {
        let credentials = config.credentials.as_ref().ok_or(ConfigError::MissingCredentials)?;
        let layer = Self::new(credentials, scope).clock(config.clock.clone());
        Ok(layer.correct_clock_skew(config.correct_clock_skew))
    }

    /// Sets the clock that dates signatures.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.0.clock = clock;
        self
    }

    /// Sets whether to correct the clock by the dates of responses. Default: true.
    #[must_use]
    pub fn correct_clock_skew(mut self, correct: bool) -> Self {
        self.0.corrects_clock = correct;
        self
    }
}

impl<S> Layer<S> for SignLayer {
    type Service = Sign<S>;

    fn layer(&self, inner: S) -> Sign<S> {
        Sign { inner, settings: Arc::new(self.0.clone()) }
    }
}

/// The service of a [`SignLayer`].
#[derive(Clone, Debug)]
pub struct Sign<S> {
    inner: S,
    settings: Arc<Settings>,
}

impl Settings {
    fn sign<B: AsRef<[u8]>>(
        &self,
        credentials: &Credentials,
        request: &mut Request<B>,
    ) -> Result<Sent, BoxError> {
        let options = CallOptions::of(request.extensions());
        let endpoint = options.and_then(|options| options.endpoint.clone());
        let scope = endpoint.as_ref().map_or(&self.scope, |endpoint| endpoint.scope());
        let sent = Sent::now(&self.clock);
        let signed = sign(request, credentials, scope, sent.time(), &self.keys);
        signed.map(|()| sent).map_err(never_sent)
    }

    /// Corrects the clock or marks the credentials as stale. Tells the call if a new signature may be
    /// accepted.
    fn learn<R>(
        &self,
        sent: Sent,
        credentials: Option<&Credentials>,
        call: Option<&Call>,
        response: &Response<R>,
    ) {
        let mut sign_again = self.corrects_clock && sent.correct(&self.clock, response);
        if let Some(credentials) = credentials
            && credentials.are_temporary()
            && is_expiry(response)
        {
            tracing::debug!("the credentials have expired");
            sign_again |= self.credentials.refused(credentials);
        }
        if let (true, Some(call)) = (sign_again, call) {
            call.request_new_signature();
        }
    }
}

impl<S, B, R> Service<Request<B>> for Sign<S>
where
    S: Service<Request<B>, Response = Response<R>, Error: Into<BoxError>, Future: Send>,
    S: Clone + Send + 'static,
    B: AsRef<[u8]> + Send + 'static,
    R: Send + 'static,
{
    type Response = Response<R>;
    type Error = BoxError;
    type Future = ResponseFuture<S::Future, R>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        // A request that waits for credentials must not use capacity of the inner service.
        match self.settings.credentials.fixed() {
            Some(_) => self.inner.poll_ready(cx).map_err(Into::into),
            None => Poll::Ready(Ok(())),
        }
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let settings = self.settings.clone();
        let Some(credentials) = settings.credentials.fixed() else {
            let exchange = exchange(settings, self.inner.clone(), request);
            return ResponseFuture { state: State::Loading { future: Box::pin(exchange) } };
        };
        let call = Call::of(request.extensions()).cloned();
        let state = match settings.sign(credentials, &mut request) {
            Ok(sent) => State::Sent { future: self.inner.call(request), sent, call, settings },
            Err(error) => State::Loading { future: Box::pin(ready(Err(error))) },
        };
        ResponseFuture { state }
    }
}

/// Loads credentials, signs and sends a request.
async fn exchange<S, B, R>(
    settings: Arc<Settings>,
    mut inner: S,
    mut request: Request<B>,
) -> Result<Response<R>, BoxError>
where
    S: Service<Request<B>, Response = Response<R>, Error: Into<BoxError>>,
    B: AsRef<[u8]>,
{
    let call = Call::of(request.extensions()).cloned();
    call.as_ref().inspect(|call| call.mark_sent(false));
    let credentials = settings.credentials.load_by(&settings.clock).await.map_err(never_sent)?;
    // Wait here, so that the date of the signature is not outdated.
    let inner = inner.ready().await.map_err(|error| not_ready(error.into()))?;
    let sent = settings.sign(&credentials, &mut request)?;
    call.as_ref().inspect(|call| call.mark_sent(true));
    let response = inner.call(request).await.map_err(Into::into)?;
    settings.learn(sent, Some(&credentials), call.as_deref(), &response);
    Ok(response)
}

fn never_sent(source: impl Into<BoxError>) -> BoxError {
    Error::new(ErrorKind::Request, source).into()
}

pin_project! {
    /// The future of a [`Sign`].
    pub struct ResponseFuture<F, R> {
        #[pin]
        state: State<F, R>,
    }
}

type Loading<R> = Pin<Box<dyn Future<Output = Result<Response<R>, BoxError>> + Send>>;

pin_project! {
    #[project = StateProjection]
    enum State<F, R> {
        Sent { #[pin] future: F, sent: Sent, call: Option<Arc<Call>>, settings: Arc<Settings> },
        // Loads credentials, or has failed.
        Loading { future: Loading<R> },
    }
}

impl<F, R, E> Future for ResponseFuture<F, R>
where
    F: Future<Output = Result<Response<R>, E>>,
    E: Into<BoxError>,
{
    type Output = Result<Response<R>, BoxError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(match self.project().state.project() {
            StateProjection::Sent { future, sent, call, settings } => {
                let result = ready!(future.poll(cx)).map_err(Into::into);
                if let Ok(response) = &result {
                    settings.learn(*sent, None, call.as_deref(), response);
                }
                result
            }
            StateProjection::Loading { future } => ready!(future.as_mut().poll(cx)),
        })
    }
}

#[cfg(test)]
mod tests;
