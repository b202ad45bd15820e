//! More items than the service takes at once.

use std::error::Error as StdError;
use std::fmt;
use std::mem::take;

use chime_model::{BatchOperation, check_batches};

use crate::{Client, Error, ErrorKind};

/// The size of a batch where no limit is documented: the most common limit.
const COMMON_SIZE: usize = 50;

impl Client {
    /// Calls an operation with any number of items: in batches as large as the service takes, one
    /// after another. Returns the response to the first batch with the lists of all others appended.
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
    /// let response = client.send_in_batches(request).await?;
    /// assert_eq!(response.user_errors.unwrap().len(), 120);
    /// # Ok::<_, Box<dyn std::error::Error>>(()) }).unwrap();
    /// ```
    ///
    /// Each batch is a call with an operation timeout of its own. A caller that drops the future early
    /// does not learn the outcome of the batches before.
    ///
    /// # Errors
    /// If an item breaks a rule of the API description; nothing is sent then. If one of the calls
    /// fails: the error tells what became of the batches before it, and what is left.
    pub async fn send_in_batches<O: BatchOperation>(
        &self,
        mut request: O,
    ) -> Result<O::Output, BatchError<O>> {
        let (mut done, mut answered) = (None, 0);
        if self.validates
            && let Err(violations) = check_batches(&request)
        {
            let error = Error::new(O::INFO, ErrorKind::Invalid(violations), None);
            return Err(BatchError { error, answered, done, rest: request });
        }
        let unchecked = self.clone().without_validation();
        let size = O::INFO.batch_size().unwrap_or(COMMON_SIZE).max(1);
        let mut items = take(request.items()).into_iter();
        loop {
            let mut batch = request.clone();
            batch.items().extend(items.by_ref().take(size));
            match unchecked.send(batch.clone()).await {
                Ok(response) => {
                    answered += batch.items().len();
                    let all = match done.take() {
                        Some(mut done) => {
                            O::merge(&mut done, response);
                            done
                        }
                        None => response,
                    };
                    if items.len() == 0 {
                        return Ok(all);
                    }
                    done = Some(all);
                }
                Err(error) => {
                    batch.items().extend(items);
                    return Err(BatchError { error, answered, done, rest: batch });
                }
            }
        }
    }
}

/// The error of a call in batches, of which some may have succeeded.
pub struct BatchError<O: BatchOperation> {
    /// The error of the batch that failed.
    pub error: Error,
    /// The number of items in the batches before it.
    pub answered: usize,
    /// The responses to the batches before it, merged: what succeeded and what failed.
    pub done: Option<O::Output>,
    /// The request with the items that are left: those of the batch that failed, on which
    /// [the service may have acted](Error::may_have_acted), and all after them.
    pub rest: O,
}

impl<O: BatchOperation> fmt::Display for BatchError<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)?;
        match self.answered {
            0 => Ok(()),
            answered => write!(f, " (after batches with {answered} items)"),
        }
    }
}

impl<O: BatchOperation> fmt::Debug for BatchError<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BatchError")
            .field("error", &self.error)
            .field("answered", &self.answered)
            .finish_non_exhaustive()
    }
}

impl<O: BatchOperation> StdError for BatchError<O> {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.error.source()
    }
}
