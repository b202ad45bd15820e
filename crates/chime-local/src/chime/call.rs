//! What a handler works with.

use chime_model::{Operation, ServiceError};
use time::OffsetDateTime;

use crate::chime::inventory::OwnedNumbers;
use crate::chime::phone_stock::PhoneStock;
use crate::chime::state::{Domains, Tenant};
use crate::engine::ids::Ids;
use crate::engine::paging::Cursor;
use crate::engine::refusal::bad_request;
use crate::{Credential, Rules};

/// One call of one operation: who calls, when, and what the caller's AWS account has.
///
/// A handler that refuses must have changed nothing: it checks first and acts last.
pub(crate) struct Call<'a> {
    pub(crate) caller: &'a Credential,
    pub(crate) now: OffsetDateTime,
    pub(crate) rules: &'a Rules,
    pub(crate) tenant: &'a mut Tenant,
    pub(crate) domains: &'a Domains,
    pub(crate) phone_stock: &'a PhoneStock,
    pub(crate) owned_numbers: &'a mut OwnedNumbers,
    pub(crate) ids: &'a mut Ids,
}

impl Call<'_> {
    /// Opens a list. Its filters are all members of the request but the size and the token.
    pub(crate) fn cursor<O: Operation>(
        &self,
        filters: &[Option<&str>],
        token: Option<&str>,
    ) -> Result<Cursor, ServiceError> {
        let mut list = vec![Some(O::INFO.name), Some(self.caller.aws_account_id.as_str())];
        list.extend_from_slice(filters);
        Cursor::open(&list, token)
    }
}

/// The size of a page: as asked for, which was validated, or the default. Never 0: such a page would
/// lead nowhere.
pub(crate) fn page_size(asked: Option<i32>, default: usize) -> usize {
    asked.and_then(|asked| usize::try_from(asked).ok()).unwrap_or(default).max(1)
}

/// A batch of nothing is a mistake, though the API description does not say so.
pub(crate) fn require_items<T>(items: &[T], member: &str) -> Result<(), ServiceError> {
    if items.is_empty() { Err(bad_request(format!("{member}: must have items"))) } else { Ok(()) }
}
