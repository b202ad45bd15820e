//! Seeds: state that no operation makes, put in place as a document.

use std::collections::HashSet;
use std::mem;

use chime_model::Describe;
use chime_wire::without_nulls;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use time::OffsetDateTime;

use crate::engine::credential::Credential;
use crate::engine::document::{self, InvalidDocument};
use crate::engine::ids::Ids;
use crate::engine::rows::Mark;
use crate::engine::world::World;

/// A document that holds state of all services.
pub(crate) trait Seed:
    Describe + Serialize + DeserializeOwned + Clone + Default + Send + Sync
{
    /// Who may call.
    fn credentials(&self) -> &[Credential];

    /// Removes what responses of AWS have and a seed does not, so that one can be pasted in.
    fn drop_unmodelled(document: &mut Value);
}

/// Where a seed is put in place, and what is wrong with it.
pub(crate) struct Seeding<'a> {
    pub(crate) now: OffsetDateTime,
    pub(crate) ids: &'a mut Ids,
    /// Whether the seed is looked at by itself, and may belong to what is elsewhere.
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

    /// Puts a seed in place. If anything is wrong with it, nothing changes.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub(crate) fn apply<W: World>(
        &mut self,
        world: &mut W,
        seed: W::Seed,
    ) -> Result<(), InvalidDocument> {
        document::check(W::Seed::SHAPE, &seed)?;
        for (i, credential) in seed.credentials().iter().enumerate() {
            let path = || format!("Credentials[{i}].AccessKeyId");
            self.once("credential", &credential.access_key_id, path, "is there already");
        }
        self.round += 1;
        let (mark, ids) = (Mark::now(), self.ids.clone());
        // The seed may come from a Chime that made ids as this one is going to.
        self.ids.stir(&serde_json::to_vec(&seed).unwrap_or_default());
        world.seed(seed, self);
        let outcome = InvalidDocument::unless_none(mem::take(&mut self.problems));
        if outcome.is_err() {
            world.undo(mark);
            *self.ids = ids;
        }
        outcome
    }
}

/// Reads a seed and checks it.
pub(crate) fn parse<W: World>(text: &str) -> Result<W::Seed, InvalidDocument> {
    let mut document = document::read(text)?;
    W::Seed::drop_unmodelled(&mut document);
    document::check(W::Seed::SHAPE, &document)?;
    // AWS writes null for what is not set.
    if let Value::Object(members) = &mut document {
        *members = without_nulls(mem::take(members));
    }
    let seed: W::Seed = serde_json::from_value(document)
        .map_err(|_| InvalidDocument::one("a value is not what its member takes"))?;
    validate::<W>([&seed])?;
    Ok(seed)
}

/// Checks seeds that are to be put in place together, by doing so in an empty world.
///
/// # Errors
/// All that is wrong with the last one, each with its path there.
pub(crate) fn validate<'a, W: World>(
    seeds: impl IntoIterator<Item = &'a W::Seed>,
) -> Result<(), InvalidDocument> {
    let mut ids = Ids::new(0);
    let mut seeding = Seeding::new(OffsetDateTime::UNIX_EPOCH, &mut ids);
    seeding.alone = true;
    let mut world = W::default();
    let outcomes = seeds.into_iter().map(|seed| seeding.apply(&mut world, seed.clone()));
    outcomes.last().unwrap_or(Ok(()))
}
