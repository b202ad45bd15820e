//! Adds seeds to a state, and collects their problems.

use std::collections::HashSet;
use std::mem;

use chime_model::Describe;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use time::OffsetDateTime;

use crate::engine::credential::Credential;
use crate::engine::document::InvalidDocument;
use crate::engine::ids::Ids;

/// The problem with a duplicate.
pub(crate) const TWICE: &str = "must be unique; it duplicates an earlier item";

/// Returns the items of a list of a document, each with its path.
pub(crate) fn with_paths<T>(
    items: Vec<T>,
    parent: &str,
    list: &str,
) -> impl Iterator<Item = (T, String)> {
    let start = if parent.is_empty() { list.to_owned() } else { format!("{parent}.{list}") };
    items.into_iter().enumerate().map(move |(i, item)| (item, format!("{start}[{i}]")))
}

/// A document with state of all services.
pub(crate) trait Seed:
    Describe + Serialize + DeserializeOwned + Clone + Default + Send + Sync
{
    /// The credentials to accept.
    fn credentials(&self) -> &[Credential];

    /// Removes members that responses of AWS have although the API description does not list them,
    /// so that such a response can be pasted in.
    fn drop_unmodelled(document: &mut Value);
}

/// A seed that is being added, and its problems so far.
pub(crate) struct Seeding<'a> {
    pub(crate) now: OffsetDateTime,
    pub(crate) ids: &'a mut Ids,
    /// Whether the seed is only validated. Then it can refer to accounts that are not in it.
    pub(crate) alone: bool,
    /// The number of seeds that were added before.
    pub(crate) round: usize,
    problems: Vec<String>,
    seen: HashSet<(&'static str, String)>,
}

impl<'a> Seeding<'a> {
    pub(crate) fn new(now: OffsetDateTime, ids: &'a mut Ids) -> Self {
        Self { now, ids, alone: false, round: 0, problems: Vec::new(), seen: HashSet::new() }
    }

    /// Adds a problem with a member.
    pub(crate) fn problem(&mut self, path: impl AsRef<str>, problem: &str) {
        self.problems.push(format!("{}: {problem}", path.as_ref()));
    }

    /// Adds a problem with a member if `wrong`.
    pub(crate) fn problem_if(&mut self, wrong: bool, path: impl FnOnce() -> String, problem: &str) {
        if wrong {
            self.problem(path(), problem);
        }
    }

    /// Adds a problem if an id is blank: no request could name it. The API constrains some ids in
    /// requests, but not in responses.
    pub(crate) fn id(&mut self, id: &str, path: impl FnOnce() -> String) {
        self.problem_if(id.trim().is_empty(), path, "must not be blank");
    }

    /// Adds a problem if this or an earlier seed had an item of the same kind and id.
    pub(crate) fn once(
        &mut self,
        kind: &'static str,
        id: impl Into<String>,
        path: impl FnOnce() -> String,
        problem: &str,
    ) {
        let is_new = self.seen.insert((kind, id.into()));
        self.problem_if(!is_new, path, problem);
    }

    /// Whether this or an earlier seed had an item of that kind and id.
    pub(crate) fn had(&self, kind: &'static str, id: &str) -> bool {
        self.seen.contains(&(kind, id.to_owned()))
    }

    /// Ends this seed.
    ///
    /// # Errors
    /// All problems of the seed.
    pub(crate) fn finish(&mut self) -> Result<(), InvalidDocument> {
        self.round += 1;
        InvalidDocument::unless_none(mem::take(&mut self.problems))
    }
}
