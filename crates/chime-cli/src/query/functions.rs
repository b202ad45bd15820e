//! The functions of JMESPath.

use std::borrow::Cow;
use std::cmp::Ordering;

use jmespath::ast::Ast;
use serde_json::Number;

use super::{order, search};
use crate::tree::{Member, Tree};

/// Every function with its parameters.
const SIGNATURES: [(&str, &str); 26] = [
    ("abs", "number"),
    ("avg", "list of numbers"),
    ("ceil", "number"),
    ("contains", "list or string, any"),
    ("ends_with", "string, string"),
    ("floor", "number"),
    ("join", "string, list of strings"),
    ("keys", "object"),
    ("length", "string, list or object"),
    ("map", "&expression, list"),
    ("max", "list of numbers or of strings"),
    ("max_by", "list, &expression that gives numbers or strings"),
    ("merge", "object, …"),
    ("min", "list of numbers or of strings"),
    ("min_by", "list, &expression that gives numbers or strings"),
    ("not_null", "any, …"),
    ("reverse", "list or string"),
    ("sort", "list of numbers or of strings"),
    ("sort_by", "list, &expression that gives numbers or strings"),
    ("starts_with", "string, string"),
    ("sum", "list of numbers"),
    ("to_array", "any"),
    ("to_number", "any"),
    ("to_string", "any"),
    ("type", "any"),
    ("values", "object"),
];

enum Argument<'a> {
    Value(Tree),
    Expression(&'a Ast),
}

/// Calls a function.
pub(super) fn call(name: &str, arguments: &[Ast], data: &Tree) -> Result<Tree, String> {
    let Some((_, parameters)) = SIGNATURES.iter().find(|(known, _)| *known == name) else {
        let names = SIGNATURES.map(|(name, _)| name).join(", ");
        return Err(format!("unknown function {name}(); the functions are {names}"));
    };
    let arguments = arguments.iter().map(|argument| match argument {
        Ast::Expref { ast, .. } => Ok(Argument::Expression(ast)),
        argument => search(argument, data).map(Argument::Value),
    });
    let arguments = arguments.collect::<Result<Vec<_>, String>>()?;
    let result = match arguments.as_slice() {
        [Argument::Value(one)] => of_one(name, one),
        [Argument::Value(one), Argument::Value(two)] => of_two(name, one, two),
        [Argument::Value(list), Argument::Expression(key)] => by_key(name, list, key)?,
        [Argument::Expression(each), Argument::Value(Tree::List(items))] if name == "map" => {
            let mapped = items.iter().map(|item| search(each, item));
            Some(mapped.collect::<Result<Vec<_>, _>>()?.into_iter().collect())
        }
        _ => None,
    };
    result
        .or_else(|| of_many(name, &arguments))
        .ok_or_else(|| format!("invalid arguments: the function is {name}({parameters})"))
}

/// Sets a member, in the place where it stands if there is one of this name.
pub(super) fn set(members: &mut Vec<Member>, name: Cow<'static, str>, value: Tree) {
    match members.iter_mut().find(|(found, _)| *found == name) {
        Some(member) => member.1 = value,
        None => members.push((name, value)),
    }
}

fn of_one(name: &str, argument: &Tree) -> Option<Tree> {
    Some(match (name, argument) {
        ("abs", Tree::Number(number)) => match number.as_i64() {
            Some(whole) => Tree::Number(whole.unsigned_abs().into()),
            None => float(number.as_f64()?.abs()),
        },
        ("ceil", Tree::Number(number)) => whole(number.as_f64()?.ceil()),
        ("floor", Tree::Number(number)) => whole(number.as_f64()?.floor()),
        ("avg", Tree::List(items)) if items.is_empty() => Tree::Null,
        ("avg", Tree::List(items)) => float(total(items)?.as_f64()? / items.len() as f64),
        ("sum", Tree::List(items)) => Tree::Number(total(items)?),
        ("keys", Tree::Map(members)) => {
            members.iter().map(|(name, _)| Tree::from(&**name)).collect()
        }
        ("values", Tree::Map(members)) => members.iter().map(|(_, value)| value.clone()).collect(),
        ("length", Tree::Text(text)) => Tree::Number(text.chars().count().into()),
        ("length", Tree::List(items)) => Tree::Number(items.len().into()),
        ("length", Tree::Map(members)) => Tree::Number(members.len().into()),
        ("max", Tree::List(items)) => sorted(items, items.to_vec())?.pop().unwrap_or(Tree::Null),
        ("min", Tree::List(items)) => {
            sorted(items, items.to_vec())?.into_iter().next().unwrap_or(Tree::Null)
        }
        ("sort", Tree::List(items)) => sorted(items, items.to_vec())?.into_iter().collect(),
        ("reverse", Tree::List(items)) => items.iter().rev().cloned().collect(),
        ("reverse", Tree::Text(text)) => text.chars().rev().collect::<String>().into(),
        ("to_array", Tree::List(_)) => argument.clone(),
        ("to_array", _) => [argument.clone()].into_iter().collect(),
        ("to_number", Tree::Number(_)) => argument.clone(),
        ("to_number", Tree::Text(text)) => match text.trim().parse::<i64>() {
            Ok(number) => Tree::Number(number.into()),
            Err(_) => text.trim().parse().map_or(Tree::Null, float),
        },
        ("to_number", _) => Tree::Null,
        ("to_string", Tree::Text(_)) => argument.clone(),
        ("to_string", _) => serde_json::to_string(argument).ok()?.into(),
        ("type", _) => match argument {
            Tree::Null => "null",
            Tree::Bool(_) => "boolean",
            Tree::Number(_) => "number",
            Tree::Text(_) => "string",
            Tree::List(_) => "array",
            Tree::Map(_) => "object",
        }
        .into(),
        _ => return None,
    })
}

fn of_two(name: &str, one: &Tree, two: &Tree) -> Option<Tree> {
    Some(match (name, one, two) {
        ("contains", Tree::List(items), item) => Tree::Bool(items.contains(item)),
        ("contains", Tree::Text(text), Tree::Text(part)) => Tree::Bool(text.contains(&**part)),
        ("contains", Tree::Text(_), _) => Tree::Bool(false),
        ("ends_with", Tree::Text(text), Tree::Text(end)) => Tree::Bool(text.ends_with(&**end)),
        ("starts_with", Tree::Text(text), Tree::Text(start)) => {
            Tree::Bool(text.starts_with(&**start))
        }
        ("join", Tree::Text(separator), Tree::List(items)) => {
            let texts = items.iter().map(|item| match item {
                Tree::Text(text) => Some(&**text),
                _ => None,
            });
            texts.collect::<Option<Vec<_>>>()?.join(separator).into()
        }
        _ => return None,
    })
}

fn by_key(name: &str, list: &Tree, key: &Ast) -> Result<Option<Tree>, String> {
    let Tree::List(items) = list else { return Ok(None) };
    let keys = items.iter().map(|item| search(key, item)).collect::<Result<Vec<_>, _>>()?;
    let keyed = keys.iter().cloned().zip(items.iter().cloned()).collect();
    let Some(sorted) = sorted_by(&keys, keyed, |(key, _): &(Tree, Tree)| key) else {
        return Ok(None);
    };
    let mut sorted = sorted.into_iter();
    // Of several that are equal, the first one counts.
    let greatest = |sorted: std::vec::IntoIter<(Tree, Tree)>| {
        sorted.reduce(|best, next| match order(&next.0, &best.0) {
            Some(Ordering::Greater) => next,
            _ => best,
        })
    };
    Ok(match name {
        "sort_by" => Some(sorted.map(|(_, item)| item).collect()),
        "min_by" => Some(sorted.next().map_or(Tree::Null, |(_, item)| item)),
        "max_by" => Some(greatest(sorted).map_or(Tree::Null, |(_, item)| item)),
        _ => None,
    })
}

/// The functions that take any number of arguments.
fn of_many(name: &str, arguments: &[Argument<'_>]) -> Option<Tree> {
    let values = arguments.iter().map(|argument| match argument {
        Argument::Value(value) => Some(value),
        Argument::Expression(_) => None,
    });
    let values = values.collect::<Option<Vec<_>>>().filter(|values| !values.is_empty())?;
    match name {
        "not_null" => {
            let found = values.into_iter().find(|value| !matches!(value, Tree::Null));
            Some(found.cloned().unwrap_or(Tree::Null))
        }
        "merge" => {
            let mut merged = Vec::new();
            for value in values {
                for (name, value) in value.members()? {
                    set(&mut merged, name.clone(), value.clone());
                }
            }
            Some(merged.into_iter().collect())
        }
        _ => None,
    }
}

/// Sorts numbers or texts; `None` if the items are neither or both.
fn sorted(keys: &[Tree], items: Vec<Tree>) -> Option<Vec<Tree>> {
    sorted_by(keys, items, |item| item)
}

fn sorted_by<T>(keys: &[Tree], mut items: Vec<T>, key: impl Fn(&T) -> &Tree) -> Option<Vec<T>> {
    let all_numbers = keys.iter().all(|key| matches!(key, Tree::Number(_)));
    let all_texts = keys.iter().all(|key| matches!(key, Tree::Text(_)));
    if !all_numbers && !all_texts {
        return None;
    }
    items.sort_by(|a, b| order(key(a), key(b)).unwrap_or(Ordering::Equal));
    Some(items)
}

/// The sum: a whole number if all of them are.
fn total(items: &[Tree]) -> Option<Number> {
    let numbers = items.iter().map(|item| match item {
        Tree::Number(number) => Some(number),
        _ => None,
    });
    let numbers = numbers.collect::<Option<Vec<_>>>()?;
    let whole = numbers
        .iter()
        .try_fold(0_i64, |sum, number| number.as_i64().and_then(|number| sum.checked_add(number)));
    match whole {
        Some(whole) => Some(whole.into()),
        None => Number::from_f64(numbers.iter().filter_map(|number| number.as_f64()).sum()),
    }
}

fn float(number: f64) -> Tree {
    Number::from_f64(number).map_or(Tree::Null, Tree::Number)
}

/// A float without a fraction as a whole number, unless it is too large for one.
fn whole(number: f64) -> Tree {
    // Every float below this has an exact whole number.
    const LIMIT: f64 = 9_007_199_254_740_992.0;
    match number.abs() < LIMIT {
        true => Tree::Number((number as i64).into()),
        false => float(number),
    }
}
