//! Seeds: state that no operation makes, put in place as a document.

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

/// The problem with something that is there twice.
pub(crate) const TWICE: &str = "is there already";

/// A document that holds state of all services.
pub(crate) trait Seed:
    Describe + Serialize + DeserializeOwned + Clone + Default + Send + Sync
{
    /// Who may call.
    fn credentials(&self) -> &[Credential];

    /// Removes what responses of AWS have and a seed does not, so that one can be pasted in.
    fn drop_unmodelled(document: &mut Value);
}

/// A seed that is being put in place, and what is wrong with it.
pub(crate) struct Seeding<'a> {
    pub(crate) now: OffsetDateTime,
    pub(crate) ids: &'a mut Ids,
    /// Whether the seed is only checked, and may refer to accounts that are not in it.
    pub(crate) alone: bool,
    /// How many seeds were put in place before.
    pub(crate) round: usize,
    problems: Vec<String>,
    seen: HashSet<(&'static str, String)>,
}

impl<'a> Seeding<'a> {
    pub(crate) fn new(now: OffsetDateTime, ids: &'a mut Ids) -> Self {
        Self { now, ids, alone: false, round: 0, problems: Vec::new(), seen: HashSet::new() }
    }

    /// Notes what is wrong with a member.
    pub(crate) fn problem(&mut self, path: impl AsRef<str>, problem: &str) {
        self.problems.push(format!("{}: {problem}", path.as_ref()));
    }

    /// Notes a problem if there is one.
    pub(crate) fn problem_if(&mut self, wrong: bool, path: impl FnOnce() -> String, problem: &str) {
        if wrong {
            self.problem(path(), problem);
        }
    }

    /// Notes a problem with an id that no request can name. The API describes some ids of responses
    /// as any text, and those of requests more narrowly.
    pub(crate) fn id(&mut self, id: &str, path: impl FnOnce() -> String) {
        self.problem_if(id.trim().is_empty(), path, "must not be blank");
    }

    /// Notes a problem if this or an earlier seed had something of the same kind and id.
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

    /// Whether this or an earlier seed had something of that kind and id.
    pub(crate) fn had(&self, kind: &'static str, id: &str) -> bool {
        self.seen.contains(&(kind, id.to_owned()))
    }

    /// Ends the seed: the problems that were noted.
    pub(crate) fn finish(&mut self) -> Result<(), InvalidDocument> {
        self.round += 1;
        InvalidDocument::unless_none(mem::take(&mut self.problems))
    }
}
