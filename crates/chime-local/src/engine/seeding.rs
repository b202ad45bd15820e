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
    /// The path of the item that is being added; empty for the seed itself.
    path: String,
    problems: Vec<String>,
    seen: HashSet<(&'static str, String)>,
}

impl<'a> Seeding<'a> {
    pub(crate) fn new(now: OffsetDateTime, ids: &'a mut Ids) -> Self {
        let (path, problems, seen) = (String::new(), Vec::new(), HashSet::new());
        Self { now, ids, alone: false, round: 0, path, problems, seen }
    }

    /// Adds each item of a list of the current item. While an item is added, it is the current one.
    pub(crate) fn each<T>(
        &mut self,
        list: &str,
        items: impl IntoIterator<Item = T>,
        mut add: impl FnMut(&mut Self, T),
    ) {
        let list = self.path_of(list);
        for (i, item) in items.into_iter().enumerate() {
            let outer = mem::replace(&mut self.path, format!("{list}[{i}]"));
            add(self, item);
            self.path = outer;
        }
    }

    /// The path of a member of the current item. An empty member stands for the item itself.
    pub(crate) fn path_of(&self, member: &str) -> String {
        let dot = if self.path.is_empty() || member.is_empty() { "" } else { "." };
        format!("{}{dot}{member}", self.path)
    }

    /// Adds a problem with a member of the current item.
    pub(crate) fn problem(&mut self, member: &str, problem: &str) {
        self.problem_at(&self.path_of(member), problem);
    }

    /// Adds a problem with a member of an earlier item, by its path.
    pub(crate) fn problem_at(&mut self, path: &str, problem: &str) {
        self.problems.push(format!("{path}: {problem}"));
    }

    /// Adds a problem with a member if `wrong`.
    pub(crate) fn problem_if(&mut self, wrong: bool, member: &str, problem: &str) {
        if wrong {
            self.problem(member, problem);
        }
    }

    /// Adds a problem if an id is blank: no request could name it. The API constrains some ids in
    /// requests, but not in responses.
    pub(crate) fn id(&mut self, id: &str, member: &str) {
        self.problem_if(id.trim().is_empty(), member, "must not be blank");
    }

    /// Adds a problem if this or an earlier seed had an item of the same kind and id.
    pub(crate) fn once(
        &mut self,
        kind: &'static str,
        id: impl Into<String>,
        member: &str,
        problem: &str,
    ) {
        let is_new = self.seen.insert((kind, id.into()));
        self.problem_if(!is_new, member, problem);
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
