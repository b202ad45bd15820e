//! Seeds of a world: read, checked, put in place.

use std::mem;

use chime_model::Describe as _;
use chime_wire::without_nulls;
use serde_json::Value;
use time::OffsetDateTime;

use crate::engine::document::{self, InvalidDocument};
use crate::engine::ids::Ids;
use crate::engine::rows::Mark;
use crate::engine::seeding::{Seed, Seeding, TWICE};
use crate::engine::world::World;

/// Puts a seed in place. If anything is wrong with it, nothing changes.
///
/// # Errors
/// All that is wrong with it.
pub(crate) fn apply<W: World>(
    seeding: &mut Seeding<'_>,
    world: &mut W,
    seed: W::Seed,
) -> Result<(), InvalidDocument> {
    document::check(W::Seed::SHAPE, &seed)?;
    for (i, credential) in seed.credentials().iter().enumerate() {
        let path = || format!("Credentials[{i}].AccessKeyId");
        seeding.once("credential", &credential.access_key_id, path, TWICE);
    }
    let (mark, ids) = (Mark::now(), seeding.ids.clone());
    // The seed may come from a Chime that made ids as this one is going to.
    seeding.ids.stir(&serde_json::to_vec(&seed).unwrap_or_default());
    world.seed(seed, seeding);
    seeding.finish().inspect_err(|_| {
        world.undo(mark);
        *seeding.ids = ids;
    })
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
    let outcomes = seeds.into_iter().map(|seed| apply(&mut seeding, &mut world, seed.clone()));
    outcomes.last().unwrap_or(Ok(()))
}
