//! What an operation is: the trait that its request implements, and the row that describes it.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Describe, Exception, Shape, Structure};

/// A request of the API: what it answers with, and the facts by which it travels.
///
/// One declaration serves both ends. A client encodes the request and decodes [`Output`] by the
/// row in [`INFO`], a server does the inverse by the same row.
///
/// [`Output`]: Operation::Output
/// [`INFO`]: Operation::INFO
pub trait Operation: Describe + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// What the service answers when it agrees; `()` where it has nothing to say.
    type Output: Serialize + DeserializeOwned + Send + 'static;

    /// The row of this operation.
    const INFO: &'static OperationInfo;
}

/// One row of the table of operations: everything that a client, a server or a tool has to know.
///
/// The facts come from the API description of the service; [`idempotent`](Self::idempotent) and
/// [`group`](Self::group) are this project's own.
#[derive(Debug)]
pub struct OperationInfo {
    /// The service that answers.
    pub service: &'static Service,
    /// The name as the API writes it, such as `UpdateRoomMembership`.
    pub name: &'static str,
    /// The group of resources that it belongs to, also the name of its module.
    pub group: &'static str,
    /// What it does; the first line is a summary.
    pub doc: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path, with labels in braces: `/accounts/{accountId}/rooms`.
    pub path: &'static str,
    /// Query parameters that are always sent and tell operations on one path apart.
    pub query: &'static [(&'static str, &'static str)],
    /// The HTTP status of success. A client accepts any 2xx.
    pub status: u16,
    /// The members of the request.
    pub input: &'static Structure,
    /// The members of the response; `None` where there are none.
    pub output: Option<&'static Structure>,
    /// The exceptions that the description lists. The service may answer with others.
    pub errors: &'static [Exception],
    /// How its pages follow each other, if it is a list.
    pub paging: Option<Paging>,
    /// What it takes many of at once, if it does.
    pub batch: Option<Batch>,
    /// The member that makes a retry have no second effect. Clients fill it in.
    pub idempotency_token: Option<&'static str>,
    /// Whether the call is safe to retry when the outcome of the first attempt is unknown.
    pub idempotent: bool,
}

/// The request of a list that comes page by page: [`OperationInfo::paging`] with its types.
pub trait PagedOperation: Operation + Clone {
    /// What is listed.
    type Item: Send + Sync + 'static;

    /// The token of the page that the request is for; `None` for the first page.
    fn token(&self) -> Option<&str>;

    /// Sets the token of the page that the request is for.
    fn set_token(&mut self, token: Option<&str>);

    /// The token of the page that follows this one, if there is one.
    fn next_token(page: &Self::Output) -> Option<&str>;

    /// What is listed on a page.
    fn items(page: Self::Output) -> Vec<Self::Item>;

    /// The response with a page of items and the token of the page that follows, for a server.
    fn page(items: Vec<Self::Item>, next_token: Option<String>) -> Self::Output;
}

/// A request that takes many items at once: [`OperationInfo::batch`] with its types.
pub trait BatchOperation: Operation + Clone {
    /// What it takes many of.
    type Item: Send + Sync + 'static;

    /// The items. Their shape says how many are allowed.
    fn items(&mut self) -> &mut Vec<Self::Item>;

    /// Appends the lists of a later response: what succeeded and what failed.
    fn merge(output: &mut Self::Output, later: Self::Output);
}

#[allow(dead_code, reason = "not every service has batches")]
pub(crate) fn append<T>(list: &mut Option<Vec<T>>, later: Option<Vec<T>>) {
    if let Some(later) = later {
        list.get_or_insert_default().extend(later);
    }
}

/// How the pages of a list follow each other.
///
/// The response's `output_token` goes into the next request's `input_token`; null, absence and
/// the empty string end the list.
#[derive(Debug)]
pub struct Paging {
    /// The request's member for the token, `NextToken` everywhere in this API.
    pub input_token: &'static str,
    /// The response's member for the token of the next page.
    pub output_token: &'static str,
    /// The response's member that holds the items.
    pub items: &'static str,
    /// The request's member for the size of a page, where there is one.
    pub limit: Option<&'static str>,
}

/// How an operation takes many items at once.
///
/// The call succeeds even if every item fails: failures come back in a list.
#[derive(Debug)]
pub struct Batch {
    /// The request's member that holds the items; its shape says how many are allowed.
    pub items: &'static str,
    /// The response's member that holds the failures.
    pub failures: &'static str,
}

/// A service: where it is found and what it signs for.
///
/// It does not list its operations, so that a program links only the rows that it uses: see [`Api`].
#[derive(Debug)]
pub struct Service {
    /// The service's id, such as `Chime`; settings are named after it.
    pub id: &'static str,
    /// The version of its API description.
    pub api_version: &'static str,
    /// The first label of its host names.
    pub endpoint_prefix: &'static str,
    /// The service name in signatures.
    pub signing_name: &'static str,
    /// The region that serves all others of the `aws` partition, for a service that has just one.
    pub global_region: Option<&'static str>,
    /// The regions in which the service exists; empty if that is no condition.
    pub regions: &'static [&'static str],
}

/// The operations of a service.
#[derive(Debug)]
pub struct Api {
    /// The service.
    pub service: &'static Service,
    /// All of its operations, sorted by name.
    pub operations: &'static [&'static OperationInfo],
}

impl OperationInfo {
    /// How many items it takes at once, if it takes many and a limit is documented.
    #[must_use]
    pub fn batch_size(&self) -> Option<usize> {
        match self.input.member(self.batch.as_ref()?.items)?.shape {
            Shape::List(list) => list.max,
            _ => None,
        }
    }
}

impl Api {
    /// The operation of that name.
    #[must_use]
    pub fn operation(&self, name: &str) -> Option<&'static OperationInfo> {
        let found = self.operations.binary_search_by_key(&name, |info| info.name).ok()?;
        self.operations.get(found).copied()
    }
}

/// An HTTP method, so that this crate needs no HTTP library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Method {
    /// Reads.
    Get,
    /// Creates, updates and acts.
    Post,
    /// Replaces settings.
    Put,
    /// Deletes.
    Delete,
    /// Updates, in other services of the family.
    Patch,
}

impl Method {
    /// The method as HTTP writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
            Self::Patch => "PATCH",
        }
    }
}
