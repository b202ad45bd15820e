//! The layer: waits for credentials, signs, and once more if they expired on the way.

use std::fmt;
use std::future::Future;
use std::mem::replace;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{Request, Response};
use pin_project_lite::pin_project;
use tower::{Layer, Service};

use super::sign_with;
use crate::credentials::{CredentialsError, SharedProvider};
use crate::retry::Progress;
use crate::{BoxError, Clock, Credentials, Error, ErrorKind, error_code};

/// Signs every request, with a key or with what a provider gets.
///
/// Over any service of HTTP messages, with any body that is there as a whole. Without credentials
/// nothing is sent, and the error is an [`Error`] of [`ErrorKind::Request`].
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use chime_transport::{Clock, Credentials, Endpoint, endpoint, sign};
/// use tower::{ServiceBuilder, ServiceExt};
///
/// let key = Credentials::new("AKIDEXAMPLE", "a-secret");
/// let here = Endpoint::new("http://127.0.0.1:8080", "us-east-1", "chime").unwrap();
/// let service = ServiceBuilder::new()
///     .layer(endpoint::layer(here))
///     .layer(sign::layer(key, Clock::default()))
///     .service_fn(|request: http::Request<Vec<u8>>| async move {
///         let signature = request.headers()["authorization"].to_str().unwrap().to_owned();
///         Ok::<_, std::io::Error>(http::Response::new(signature))
///     });
/// let request = http::Request::get("/accounts").body(Vec::new()).unwrap();
/// let signature = service.oneshot(request).await.unwrap().into_body();
/// assert!(signature.contains("SignedHeaders=host;x-amz-date, "));
/// # });
/// ```
#[must_use]
pub fn layer(credentials: impl Into<SharedProvider>, clock: Clock) -> SignLayer {
    SignLayer { signing: Signing { provider: credentials.into(), clock } }
}

/// Layers [`Sign`]: see [`layer()`].
#[derive(Clone, Debug)]
pub struct SignLayer {
    signing: Signing,
}

impl<S> Layer<S> for SignLayer {
    type Service = Sign<S>;

    fn layer(&self, inner: S) -> Sign<S> {
        Sign { inner, signing: self.signing.clone() }
    }
}

/// The service of a [`SignLayer`].
#[derive(Clone, Debug)]
pub struct Sign<S> {
    inner: S,
    signing: Signing,
}

#[derive(Clone, Debug)]
struct Signing {
    provider: SharedProvider,
    clock: Clock,
}

impl Signing {
    /// Waits for credentials. Nothing is sent meanwhile.
    async fn load(&self, progress: &Progress) -> Result<Credentials, CredentialsError> {
        progress.hold();
        let credentials = self.provider.load_by(&self.clock).await;
        progress.release();
        credentials
    }

    fn sign<B: AsRef<[u8]>>(
        &self,
        credentials: &Credentials,
        request: &mut Request<B>,
    ) -> Result<(), BoxError> {
        sign_with(credentials, &self.clock, request).map_err(never_sent)
    }
}

impl<S, B, R> Service<Request<B>> for Sign<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
    B: AsRef<[u8]> + Clone + Send + 'static,
    R: Send + 'static,
{
    type Response = Response<R>;
    type Error = BoxError;
    type Future = ResponseFuture<S::Future, R>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let state = match self.signing.provider.fixed() {
            // Nothing to wait for, and no others to try: as cheap as the signature itself.
            Some(credentials) => match self.signing.sign(credentials, &mut request) {
                Ok(()) => State::Sent { future: self.inner.call(request) },
                Err(error) => State::Unsigned { error: Some(error) },
            },
            None => {
                // A clone need not be ready, so the one that is goes along.
                let rest = self.clone();
                let ready = replace(self, rest);
                State::Waiting { future: Box::pin(ready.exchange(request)) }
            }
        };
        ResponseFuture { state }
    }
}

impl<S> Sign<S> {
    /// With credentials that have to be fetched first. The inner service is ready.
    async fn exchange<B, R>(mut self, mut request: Request<B>) -> Result<Response<R>, BoxError>
    where
        S: Service<Request<B>, Response = Response<R>>,
        S::Error: Into<BoxError>,
        B: AsRef<[u8]> + Clone,
    {
        let progress = Progress::of(request.extensions());
        let credentials = self.signing.load(&progress).await.map_err(never_sent)?;
        let again = credentials.are_temporary().then(|| request.clone());
        self.signing.sign(&credentials, &mut request)?;
        let response = progress.send(&mut self.inner, request).await?;
        let Some(mut again) = again.filter(|_| is_expiry(&response)) else {
            return Ok(response);
        };
        self.signing.provider.refused(&credentials);
        // The refusal says more than a failure to get others.
        let Ok(others) = self.signing.load(&progress).await else { return Ok(response) };
        if others.are(&credentials) {
            return Ok(response);
        }
        tracing::debug!("the credentials expired on the way, trying once with others");
        self.signing.sign(&others, &mut again)?;
        progress.send(&mut self.inner, again).await
    }
}

/// Whether the service takes temporary credentials for expired. It does not know the keys of some
/// any more, once they are.
fn is_expiry<R>(response: &Response<R>) -> bool {
    const CODES: [&str; 4] = [
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "UnrecognizedClientException",
    ];
    response.status().is_client_error()
        && error_code(response).is_some_and(|code| CODES.contains(&code))
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

type Waiting<R> = Pin<Box<dyn Future<Output = Result<Response<R>, BoxError>> + Send>>;

pin_project! {
    #[project = StateNow]
    enum State<F, R> {
        Sent { #[pin] future: F },
        Unsigned { error: Option<BoxError> },
        Waiting { future: Waiting<R> },
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
            StateNow::Sent { future } => ready!(future.poll(cx)).map_err(Into::into),
            StateNow::Unsigned { error } => {
                Err(error.take().unwrap_or_else(|| "polled after its end".into()))
            }
            StateNow::Waiting { future } => ready!(future.as_mut().poll(cx)),
        })
    }
}

impl<F, R> fmt::Debug for ResponseFuture<F, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
