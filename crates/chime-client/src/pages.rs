//! Lists as streams of pages or of items.

use std::fmt;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::vec;

use chime_model::PagedOperation;
use chime_wire::undecodable;
use futures_core::stream::{FusedStream, Stream};

use crate::{Client, Error};

impl Client {
    /// Returns the pages of a list, starting at the page token of the request or at the first page.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// # use chime_client::{Client, Config, Credentials};
    /// # use chime_local::{LocalChime, sample};
    /// # let key = Credentials::new(sample::ACCESS_KEY_ID, sample::SECRET_ACCESS_KEY);
    /// # let client = Client::with_http_service(Config::new(key), LocalChime::sample())?;
    /// use chime_client::model::chime::ListUsersRequest;
    ///
    /// let request = ListUsersRequest::new(sample::ENTERPRISE_ACCOUNT_ID).max_results(2);
    /// let mut pages = client.pages(request);
    /// while let Some(page) = pages.next().await {
    ///     println!("{} users", page?.users.unwrap_or_default().len());
    /// }
    /// # Ok::<_, Box<dyn std::error::Error>>(()) }).unwrap();
    /// ```
    pub fn pages<O: PagedOperation>(&self, request: O) -> Pages<O> {
        Pages {
            client: self.clone(),
            rest: Some(request),
            call: Mutex::default(),
            failed: false,
            count: 0,
            landmark: None,
        }
    }

    /// Returns the items of a list, starting at the page token of the request or at the first page.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// # use chime_client::{Client, Config, Credentials};
    /// # use chime_local::{LocalChime, sample};
    /// # let key = Credentials::new(sample::ACCESS_KEY_ID, sample::SECRET_ACCESS_KEY);
    /// # let client = Client::with_http_service(Config::new(key), LocalChime::sample())?;
    /// use chime_client::model::chime::ListRoomsRequest;
    ///
    /// let mut rooms = client.items(ListRoomsRequest::new(sample::ENTERPRISE_ACCOUNT_ID));
    /// while let Some(room) = rooms.next().await {
    ///     assert!(room?.room_id.is_some());
    /// }
    /// # Ok::<_, Box<dyn std::error::Error>>(()) }).unwrap();
    /// ```
    pub fn items<O: PagedOperation>(&self, request: O) -> Items<O> {
        Items { pages: self.pages(request), page: Vec::new().into_iter() }
    }
}

type Call<T> = Pin<Box<dyn Future<Output = Result<(T, Option<String>), Error>> + Send>>;

/// The pages of a list: see [`Client::pages`]. Each page is a separate call, made when the page is
/// requested. To set one deadline for all pages, use [`CallOptions::deadline`](crate::CallOptions).
///
/// A failed call ends the stream; to continue, send the request that [`rest`](Self::rest) returns. A page
/// token that leads back to an earlier page is an error of the kind `Undecodable`. Dropping the future of
/// [`next`](Self::next) cancels its call. A call started by polling the stream continues until it completes
/// or the stream is dropped.
#[must_use = "no page is fetched until one is requested"]
pub struct Pages<O: PagedOperation> {
    client: Client,
    rest: Option<O>,
    /// The call in flight, if the stream was polled. The mutex is never locked: it makes the stream `Sync`.
    call: Mutex<Option<Call<O::Output>>>,
    failed: bool,
    /// The number of pages so far.
    count: u64,
    /// The token that followed the last page whose number was a power of two. If the pages form a cycle,
    /// this token occurs again.
    landmark: Option<String>,
}

impl<O: PagedOperation> Pages<O> {
    /// Fetches the next page; returns `None` at the end of the list and after an error.
    pub async fn next(&mut self) -> Option<Result<O::Output, Error>> {
        let outcome = self.call()?.await;
        Some(self.landed(outcome))
    }

    /// The request for the remaining pages, starting with the one that failed, if any; `None` at the end of
    /// the list.
    #[must_use]
    pub fn rest(&self) -> Option<&O> {
        self.rest.as_ref()
    }

    /// Returns the call for the next page; `None` at the end of the list and after an error.
    fn call(&mut self) -> Option<Call<O::Output>> {
        let under_way = self.slot().take();
        let request = self.rest.as_ref().filter(|_| !self.failed)?;
        let call = || {
            let landmark = self.landmark.clone();
            Box::pin(call(self.client.clone(), request.clone(), landmark)) as Call<_>
        };
        Some(under_way.unwrap_or_else(call))
    }

    fn slot(&mut self) -> &mut Option<Call<O::Output>> {
        self.call.get_mut().unwrap_or_else(PoisonError::into_inner)
    }

    fn landed(
        &mut self,
        outcome: Result<(O::Output, Option<String>), Error>,
    ) -> Result<O::Output, Error> {
        self.failed = outcome.is_err();
        let (page, next) = outcome?;
        self.count += 1;
        if self.count.is_power_of_two() {
            self.landmark.clone_from(&next);
        }
        match (&mut self.rest, next) {
            (Some(request), Some(next)) => request.set_token(Some(&next)),
            (rest, _) => *rest = None,
        }
        Ok(page)
    }
}

/// Fetches a page, and returns it with the token of the next page.
async fn call<O: PagedOperation>(
    client: Client,
    request: O,
    landmark: Option<String>,
) -> Result<(O::Output, Option<String>), Error> {
    let received = client.exchange(O::INFO, &request).await?;
    let page = received.decode::<O>()?;
    let next = O::next_token(&page).map(str::to_owned);
    if next.is_some() && (next.as_deref() == request.token() || next == landmark) {
        // Following the token would request the same pages forever.
        return Err(received.error(undecodable(
            &received.response,
            "its page token leads back to an earlier page".to_owned(),
        )));
    }
    Ok((page, next))
}

impl<O: PagedOperation> Unpin for Pages<O> {}

impl<O: PagedOperation> Stream for Pages<O> {
    type Item = Result<O::Output, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(mut call) = self.call() else { return Poll::Ready(None) };
        match call.as_mut().poll(cx) {
            Poll::Ready(outcome) => Poll::Ready(Some(self.landed(outcome))),
            Poll::Pending => {
                *self.slot() = Some(call);
                Poll::Pending
            }
        }
    }
}

impl<O: PagedOperation> FusedStream for Pages<O> {
    fn is_terminated(&self) -> bool {
        self.failed || self.rest.is_none()
    }
}

impl<O: PagedOperation> fmt::Debug for Pages<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("operation", &O::INFO.name).finish_non_exhaustive()
    }
}

/// The items of a list: see [`Client::items`]. Pages are fetched as they are needed, like those of
/// [`Pages`].
#[must_use = "no page is fetched until an item is requested"]
pub struct Items<O: PagedOperation> {
    pages: Pages<O>,
    page: vec::IntoIter<O::Item>,
}

impl<O: PagedOperation> Items<O> {
    /// Returns the next item, and fetches pages as needed; `None` at the end of the list and after an error.
    pub async fn next(&mut self) -> Option<Result<O::Item, Error>> {
        loop {
            if let Some(item) = self.page.next() {
                return Some(Ok(item));
            }
            match self.pages.next().await? {
                Ok(page) => self.page = O::items(page).into_iter(),
                Err(error) => return Some(Err(error)),
            }
        }
    }

    /// Collects all remaining items.
    ///
    /// # Errors
    /// Returns the first error and no items, so that a partial list is not mistaken for the whole.
    pub async fn into_vec(mut self) -> Result<Vec<O::Item>, Error> {
        let mut items = Vec::new();
        while let Some(item) = self.next().await {
            items.push(item?);
        }
        Ok(items)
    }

    /// The request for the pages that were not fetched yet, starting with the one that failed, if any;
    /// `None` if the last page was fetched.
    #[must_use]
    pub fn rest(&self) -> Option<&O> {
        self.pages.rest()
    }
}

impl<O: PagedOperation> Unpin for Items<O> {}

impl<O: PagedOperation> Stream for Items<O> {
    type Item = Result<O::Item, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(item) = self.page.next() {
                return Poll::Ready(Some(Ok(item)));
            }
            match ready!(Pin::new(&mut self.pages).poll_next(cx)) {
                Some(Ok(page)) => self.page = O::items(page).into_iter(),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl<O: PagedOperation> FusedStream for Items<O> {
    fn is_terminated(&self) -> bool {
        self.page.len() == 0 && self.pages.is_terminated()
    }
}

impl<O: PagedOperation> fmt::Debug for Items<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").field("pages", &self.pages).finish_non_exhaustive()
    }
}
