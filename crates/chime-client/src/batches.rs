//! More items than the service takes at once.

use std::error::Error as StdError;
use std::fmt;
use std::mem::take;

use chime_model::{BatchOperation, check_batches};

use crate::{Client, Error, ErrorKind};

/// What is sent at once where no limit is documented: what most of the others take.
const COMMON_SIZE: usize = 50;

impl Client {
    /// Calls an operation with any number of items: in batches as large as the service takes, one
    /// after another. The answer is that to the last of them, with the failures of all.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// # use chime_client::{Client, Config, Credentials};
    /// # use chime_local::{LocalChime, sample};
    /// # let key = Credentials::new(sample::ACCESS_KEY_ID, sample::SECRET_ACCESS_KEY);
    /// # let client = Client::with_http_service(Config::new(key), LocalChime::sample())?;
    /// use chime_client::model::chime::BatchSuspendUserRequest;
    ///
    /// let strangers = (0..120).map(|number| number.to_string());
    /// let request = BatchSuspendUserRequest::new(sample::TEAM_ACCOUNT_ID, strangers);
    /// let answer = client.send_in_batches(request).await?;
    /// assert_eq!(answer.user_errors.unwrap().len(), 120);
    /// # Ok::<_, Box<dyn std::error::Error>>(()) }).unwrap();
    /// ```
    ///
    /// Each batch is a call, with the time of one. Who drops the future half-way does not learn what
    /// became of the batches before.
    ///
    /// # Errors
    /// If an item breaks a rule of the API description; nothing is sent then. If one of the calls
    /// fails: the error tells what became of the batches before it, and what is left.
    pub async fn send_in_batches<O: BatchOperation>(
        &self,
        mut request: O,
    ) -> Result<O::Output, BatchError<O>> {
        let (mut failures, mut answered) = (Vec::new(), 0);
        if self.validates
            && let Err(violations) = check_batches(&request)
        {
            let error = Error::new(O::INFO, ErrorKind::Invalid(violations), None);
            return Err(BatchError { error, answered, failures, rest: request });
        }
        let unchecked = self.clone().without_validation();
        let size = O::INFO.batch_size().unwrap_or(COMMON_SIZE).max(1);
        let mut items = take(request.items()).into_iter();
        loop {
            let mut batch = request.clone();
            batch.items().extend(items.by_ref().take(size));
            match unchecked.send(batch.clone()).await {
                Ok(mut answer) => {
                    failures.extend(O::failures(&mut answer).take().unwrap_or_default());
                    answered += batch.items().len();
                    if items.len() == 0 {
                        *O::failures(&mut answer) = Some(failures);
                        return Ok(answer);
                    }
                }
                Err(error) => {
                    batch.items().extend(items);
                    return Err(BatchError { error, answered, failures, rest: batch });
                }
            }
        }
    }
}

/// A call with many items that did not come to its end.
///
/// What is in neither [`failures`](Self::failures) nor [`rest`](Self::rest) was done.
pub struct BatchError<O: BatchOperation> {
    /// What went wrong with the batch that failed.
    pub error: Error,
    /// How many items the service had answered for before.
    pub answered: usize,
    /// The items that the service refused in the batches before.
    pub failures: Vec<O::Failure>,
    /// The request with the items that are left: those of the batch that failed, on which
    /// [the service may have acted](Error::may_have_acted), and all behind them.
    pub rest: O,
}

impl<O: BatchOperation> fmt::Display for BatchError<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)?;
        match self.answered {
            0 => Ok(()),
            answered => write!(f, " (after {answered} items that were answered for)"),
        }
    }
}

impl<O: BatchOperation> fmt::Debug for BatchError<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BatchError")
            .field("error", &self.error)
            .field("answered", &self.answered)
            .field("failures", &self.failures.len())
            .finish_non_exhaustive()
    }
}

impl<O: BatchOperation> StdError for BatchError<O> {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.error.source()
    }
}
