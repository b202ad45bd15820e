//! Batches with more items than the service accepts in one request.

use std::error::Error as StdError;
use std::fmt;
use std::future::IntoFuture;
use std::mem::take;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use chime_model::{BatchOperation, check_batches};
use futures_util::stream::{self, StreamExt as _};

use crate::{Client, Error, ErrorKind};

/// The batch size if no limit is documented: the most common limit.
const COMMON_SIZE: usize = 50;

impl Client {
    /// Calls an operation with any number of items, in the largest batches that the service accepts. Returns
    /// the response to the first batch, with the lists of all other responses appended.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// # use chime_client::{Client, Config, Credentials};
    /// # use chime_local::{LocalChime, sample};
    /// # let key = Credentials::new(sample::ACCESS_KEY_ID, sample::SECRET_ACCESS_KEY);
    /// # let client = Client::with_http_service(Config::new(key), LocalChime::sample())?;
    /// use chime_client::model::chime::BatchSuspendUserRequest;
    ///
    /// let unknown = (0..120).map(|number| number.to_string());
    /// let request = BatchSuspendUserRequest::new(sample::TEAM_ACCOUNT_ID, unknown);
    /// let response = client.send_in_batches(request).concurrency(2).await?;
    /// assert_eq!(response.user_errors.unwrap().len(), 120);
    /// # Ok::<_, Box<dyn std::error::Error>>(()) }).unwrap();
    /// ```
    ///
    /// Each batch is a call with its own operation timeout. To set one deadline for all batches, use
    /// [`CallOptions::deadline`](crate::CallOptions::deadline). If the future is dropped early, the
    /// outcome of batches that were already sent is lost.
    ///
    /// # Errors
    /// If an item breaks a rule of the API description; nothing is sent then. If a call fails, no further
    /// batch is sent, and batches in flight are awaited. The error has the merged responses to the
    /// batches that succeeded, and the items of all others.
    pub fn send_in_batches<O: BatchOperation>(&self, request: O) -> Batches<O> {
        Batches { client: self.clone(), request, concurrency: 1 }
    }
}

/// A call in batches, which starts when it is awaited: see [`Client::send_in_batches`].
#[must_use = "no batch is sent until this is awaited"]
#[derive(Debug)]
pub struct Batches<O> {
    client: Client,
    request: O,
    concurrency: usize,
}

/// A batch and its outcome; `None` if it was not sent.
type Outcome<O> = (O, Option<Result<<O as chime_model::Operation>::Output, Error>>);

impl<O: BatchOperation> Batches<O> {
    /// Sends up to this many batches at a time. Default: 1, in the order of the items.
    pub fn concurrency(mut self, batches: usize) -> Self {
        self.concurrency = batches.max(1);
        self
    }

    async fn send(mut self) -> Result<O::Output, BatchError<O>> {
        if self.client.validates
            && let Err(violations) = check_batches(&self.request)
        {
            let error = Error::new(O::INFO, ErrorKind::Invalid(violations), None);
            return Err(BatchError { error, done_items: 0, done: None, rest: self.request });
        }
        let client = self.client.without_validation();
        let size = O::INFO.batch_size().unwrap_or(COMMON_SIZE).max(1);
        let mut items = take(self.request.items()).into_iter();
        let mut rest = self.request;
        let mut batches = Vec::new();
        while items.len() > 0 {
            let mut batch = rest.clone();
            batch.items().extend(items.by_ref().take(size));
            batches.push(batch);
        }
        let failed = Arc::new(AtomicBool::new(false));
        let calls =
            batches.into_iter().map(|batch| send_unless(failed.clone(), client.clone(), batch));
        let outcomes: Vec<Outcome<O>> =
            stream::iter(calls).buffered(self.concurrency).collect().await;

        let (mut done_items, mut done, mut error) = (0, None, None);
        for (mut batch, outcome) in outcomes {
            match outcome {
                Some(Ok(response)) => {
                    done_items += batch.items().len();
                    match &mut done {
                        Some(done) => O::merge(done, response),
                        None => done = Some(response),
                    }
                    continue;
                }
                Some(Err(failure)) => error = error.or(Some(failure)),
                None => {}
            }
            rest.items().append(batch.items());
        }
        match (error, done) {
            (Some(error), done) => Err(BatchError { error, done_items, done, rest }),
            (None, Some(done)) => Ok(done),
            // Without items, send one empty batch: its response is the result.
            (None, None) => client.send(rest.clone()).await.map_err(|error| BatchError {
                error,
                done_items,
                done: None,
                rest,
            }),
        }
    }
}

/// Sends a batch, unless another batch has failed.
async fn send_unless<O: BatchOperation>(
    failed: Arc<AtomicBool>,
    client: Client,
    batch: O,
) -> Outcome<O> {
    if failed.load(Relaxed) {
        return (batch, None);
    }
    let outcome = client.send(batch.clone()).await;
    if outcome.is_err() {
        failed.store(true, Relaxed);
    }
    (batch, Some(outcome))
}

impl<O: BatchOperation> IntoFuture for Batches<O> {
    type Output = Result<O::Output, BatchError<O>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

/// The error of a call in batches. Some batches may have succeeded.
pub struct BatchError<O: BatchOperation> {
    /// The error of the first batch that failed.
    pub error: Error,
    /// The number of items in the batches that succeeded.
    pub done_items: usize,
    /// The merged responses to the batches that succeeded; `None` if none did.
    pub done: Option<O::Output>,
    /// The request with the remaining items: those of batches that failed, on which
    /// [the service may have acted](Error::may_have_acted), and those of batches that were not sent.
    pub rest: O,
}

impl<O: BatchOperation> fmt::Display for BatchError<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)?;
        match self.done_items {
            0 => Ok(()),
            done_items => write!(f, " (after batches with {done_items} items)"),
        }
    }
}

impl<O: BatchOperation> fmt::Debug for BatchError<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BatchError")
            .field("error", &self.error)
            .field("done_items", &self.done_items)
            .finish_non_exhaustive()
    }
}

impl<O: BatchOperation> StdError for BatchError<O> {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.error.source()
    }
}
