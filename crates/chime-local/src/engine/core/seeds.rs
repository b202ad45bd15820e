//! Parses, validates and applies the seeds of a world.

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

/// Applies a seed. If it is invalid, nothing changes.
///
/// # Errors
/// Returns all problems of the seed.
pub(crate) fn apply<W: World>(
    seeding: &mut Seeding<'_>,
    world: &mut W,
    rules: &W::Rules,
    seed: W::Seed,
) -> Result<(), InvalidDocument> {
    document::check(W::Seed::SHAPE, &seed)?;
    seeding.each("Credentials", seed.credentials(), |at, credential| {
        at.once("credential", &credential.access_key_id, "AccessKeyId", TWICE);
    });
    let (mark, ids) = (Mark::now(), seeding.ids.clone());
    // The seed may be an export of an emulator with the same random seed. Without this, new ids would
    // collide with those in the export.
    seeding.ids.stir(&serde_json::to_vec(&seed).unwrap_or_default());
    world.seed(seed, rules, seeding);
    seeding.finish().inspect_err(|_| {
        world.undo(mark);
        *seeding.ids = ids;
    })
}

/// Parses and validates a seed.
pub(crate) fn parse<W: World>(text: &str) -> Result<W::Seed, InvalidDocument> {
    let mut document = document::read(text)?;
    W::Seed::drop_unmodelled(&mut document);
    document::check(W::Seed::SHAPE, &document)?;
    // AWS writes null for unset members.
    if let Value::Object(members) = &mut document {
        *members = without_nulls(mem::take(members));
    }
    let seed: W::Seed = serde_json::from_value(document)
        .map_err(|_| InvalidDocument::one("a member has an invalid value"))?;
    validate::<W>([&seed])?;
    Ok(seed)
}

/// Validates seeds that will be applied together, by applying them to an empty world with the default
/// rules.
///
/// # Errors
/// Returns all problems of the last seed, each with its path.
pub(crate) fn validate<'a, W: World>(
    seeds: impl IntoIterator<Item = &'a W::Seed>,
) -> Result<(), InvalidDocument> {
    let mut ids = Ids::new(0);
    let mut seeding = Seeding::new(OffsetDateTime::UNIX_EPOCH, &mut ids);
    seeding.alone = true;
    let (mut world, rules) = (W::default(), W::Rules::default());
    let apply = |seed: &W::Seed| apply(&mut seeding, &mut world, &rules, seed.clone());
    let outcomes = seeds.into_iter().map(apply);
    outcomes.last().unwrap_or(Ok(()))
}
