//! The trait that requests implement, and the rows that describe operations.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Describe, Exception, Shape, Structure};

/// A request of the API, with the type of its response and the row of its operation.
///
/// Clients and servers use the same declaration: with the row in [`INFO`], a client encodes the request and
/// decodes [`Output`], and a server does the inverse.
///
/// [`Output`]: Operation::Output
/// [`INFO`]: Operation::INFO
pub trait Operation: Describe + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The response to a successful call; `()` if the response has no members.
    type Output: Serialize + DeserializeOwned + Send + 'static;

    /// The row of this operation.
    const INFO: &'static OperationInfo;
}

/// A row of the table of operations: the facts that a client, a server or a tool needs to know about an
/// operation.
///
/// They come from the API description of the service. Only [`idempotent`](Self::idempotent) and
/// [`group`](Self::group) are decisions of this project.
#[derive(Debug)]
pub struct OperationInfo {
    /// The service that the operation belongs to.
    pub service: &'static Service,
    /// The name in the API, such as `UpdateRoomMembership`.
    pub name: &'static str,
    /// The group of resources that the operation belongs to, which is also the name of its module.
    pub group: &'static str,
    /// A description of the operation. The first line is a summary.
    pub doc: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path, with labels in braces: `/accounts/{accountId}/rooms`.
    pub path: &'static str,
    /// Query parameters that every request has. They distinguish operations with the same path.
    pub query: &'static [(&'static str, &'static str)],
    /// The HTTP status of success. A client accepts any 2xx.
    pub status: u16,
    /// The members of the request.
    pub input: &'static Structure,
    /// The members of the response; `None` if it has none.
    pub output: Option<&'static Structure>,
    /// The exceptions that the API description lists. The service may return others.
    pub errors: &'static [Exception],
    /// The members that paging uses, if the operation lists resources page by page.
    pub paging: Option<Paging>,
    /// The members that a batch uses, if the operation takes several items in one call.
    pub batch: Option<Batch>,
    /// The member that holds the idempotency token. If the operation is [idempotent](Self::idempotent), a
    /// retry with the same token has no second effect. Clients fill it in if it is unset.
    pub idempotency_token: Option<&'static str>,
    /// Whether the call is safe to retry when the outcome of the first attempt is unknown.
    pub idempotent: bool,
}

/// The request of a list that is returned page by page: [`OperationInfo::paging`] with its types.
pub trait PagedOperation: Operation + Clone {
    /// A listed item.
    type Item: Send + Sync + 'static;

    /// The token of the requested page; `None` for the first page.
    fn token(&self) -> Option<&str>;

    /// The maximum number of items of the requested page; `None` for the service's default.
    fn page_size(&self) -> Option<i32>;

    /// Sets the token of the requested page.
    fn set_token(&mut self, token: Option<&str>);

    /// Sets the maximum number of items of the requested page.
    fn set_page_size(&mut self, size: Option<i32>);

    /// The token of the next page; `None` on the last page.
    fn next_token(page: &Self::Output) -> Option<&str>;

    /// The items of a page.
    fn items(page: Self::Output) -> Vec<Self::Item>;

    /// Creates the response with a page of items and the token of the next page, for a server.
    fn page(items: Vec<Self::Item>, next_token: Option<String>) -> Self::Output;
}

/// A request that takes several items in one call: [`OperationInfo::batch`] with its types.
pub trait BatchOperation: Operation + Clone {
    /// An item of the batch.
    type Item: Send + Sync + 'static;

    /// The items of the request. The shape of this member has the maximum number of items.
    fn items(&mut self) -> &mut Vec<Self::Item>;

    /// Appends the lists of a later response, with the items that succeeded and failed.
    fn merge(output: &mut Self::Output, later: Self::Output);
}

#[allow(dead_code, reason = "not every service has batches")]
pub(crate) fn append<T>(list: &mut Option<Vec<T>>, later: Option<Vec<T>>) {
    if let Some(later) = later {
        list.get_or_insert_default().extend(later);
    }
}

/// The members that paging uses.
///
/// The value of `output_token` in a response becomes `input_token` of the next request. The list ends
/// when the token is null, absent or empty.
#[derive(Debug)]
pub struct Paging {
    /// The member of the request that holds the token: `NextToken` in all six services.
    pub input_token: &'static str,
    /// The member of the response that holds the token of the next page.
    pub output_token: &'static str,
    /// The member of the response that holds the items.
    pub items: &'static str,
    /// The member of the request that limits the size of a page, if there is one.
    pub limit: Option<&'static str>,
}

/// The members that a batch uses.
///
/// The call succeeds even if every item fails: the response lists the failures.
#[derive(Debug)]
pub struct Batch {
    /// The member of the request that holds the items. Its shape has the maximum number of items.
    pub items: &'static str,
    /// The member of the response that holds the failures.
    pub failures: &'static str,
}

/// A service: its names in endpoints, signatures and settings.
///
/// The operations are listed in [`Api`] instead, so that a program links only the rows that it uses.
#[derive(Debug)]
pub struct Service {
    /// The service id, such as `Chime`, from which names of settings are derived.
    pub id: &'static str,
    /// The version of its API description.
    pub api_version: &'static str,
    /// The first label of its host names.
    pub endpoint_prefix: &'static str,
    /// The service name in signatures.
    pub signing_name: &'static str,
    /// The region that serves the whole `aws` partition, if the service exists in one region only.
    pub global_region: Option<&'static str>,
    /// The regions in which the service exists. Empty if it has a global region.
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
    /// The maximum number of items of a batch, if the operation has batches and a limit is documented.
    #[must_use]
    pub fn batch_size(&self) -> Option<usize> {
        match self.input.member(self.batch.as_ref()?.items)?.shape {
            Shape::List(list) => list.max,
            _ => None,
        }
    }
}

impl Api {
    /// Finds an operation by name.
    #[must_use]
    pub fn operation(&self, name: &str) -> Option<&'static OperationInfo> {
        let found = self.operations.binary_search_by_key(&name, |info| info.name).ok()?;
        self.operations.get(found).copied()
    }
}

/// An HTTP method, defined here because this crate uses no HTTP library.
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
    /// The name of the method, in upper case.
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
