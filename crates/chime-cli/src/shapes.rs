//! What a value of a shape is on the command line.

use chime_client::model::{Shape, Structure};

/// Whether a value of the shape is plain text on the command line, not JSON.
pub(crate) fn is_scalar(shape: &Shape) -> bool {
    !matches!(shape, Shape::List(_) | Shape::Map(_) | Shape::Structure(_))
}

/// Finds the structure that a value is or contains.
pub(crate) fn structure_in(shape: &Shape) -> Option<&'static Structure> {
    match shape {
        Shape::Structure(structure) => Some(structure),
        Shape::List(list) => structure_in(list.item),
        Shape::Map(map) => structure_in(map.value),
        _ => None,
    }
}
