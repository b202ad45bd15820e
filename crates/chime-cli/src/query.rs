//! `--query`: JMESPath, parsed by the `jmespath` crate.
//!
//! The crate evaluates over maps sorted by name. The AWS CLI prints members in the order of the API
//! or of the expression, and compares text with `<` and `>`, so the evaluation is our own.

mod functions;

use std::borrow::Cow;
use std::cmp::Ordering;

use jmespath::ast::{Ast, Comparator};
use jmespath::{Rcvar, Variable};
use serde::de::IgnoredAny;

use crate::tree::Tree;

/// The most operators in an expression. Parser and evaluation recurse for each of them.
const MAX_OPERATORS: usize = 150;

/// A parsed expression.
pub(crate) struct Query(Ast);

impl Query {
    /// Parses an expression.
    ///
    /// # Errors
    /// Returns what is wrong with the expression.
    pub(crate) fn parse(expression: &str) -> Result<Self, String> {
        if expression.matches(['.', '[', '{', '(', '|', '&', '!', '?']).count() > MAX_OPERATORS {
            return Err(format!("must have at most {MAX_OPERATORS} operators"));
        }
        jmespath::parse(&with_json_literals(expression)).map(Self).map_err(|error| {
            let reason = error.reason.to_string();
            let reason = reason.strip_prefix("Parse error: ").unwrap_or(&reason).trim();
            // Jargon of the parser.
            let reason = reason.replace(" nud token", " token").replace(" led token", " token");
            let reason = reason.replace("found Eof", "found the end");
            let hint = "write literals as `1`, `true` or 'text'";
            format!("{reason} (character {}); {hint}", error.column + 1)
        })
    }

    /// Evaluates the expression.
    ///
    /// # Errors
    /// Returns a message if a function gets arguments of the wrong type.
    pub(crate) fn search(&self, data: &Tree) -> Result<Tree, String> {
        search(&self.0, data)
    }
}

/// Quotes the literals that are not JSON, which the AWS CLI takes for text: `` State==`running` ``.
fn with_json_literals(expression: &str) -> Cow<'_, str> {
    if !expression.contains('`') {
        return expression.into();
    }
    let mut quoted = String::new();
    let mut rest = expression;
    while let Some(start) = rest.find(['`', '\'', '"']) {
        let (before, opened) = rest.split_at(start);
        let quote = opened.chars().next().unwrap_or('`');
        let inside = &opened[1..];
        let Some(end) = end_of(inside, quote) else { break };
        let (inside, behind) = (&inside[..end], &inside[end + 1..]);
        quoted.push_str(before);
        quoted.push(quote);
        let is_json = || serde_json::from_str::<IgnoredAny>(&inside.replace("\\`", "`")).is_ok();
        if quote == '`' && !is_json() {
            quoted.push_str(&format!("\"{}\"", inside.trim_start()));
        } else {
            quoted.push_str(inside);
        }
        quoted.push(quote);
        rest = behind;
    }
    quoted.push_str(rest);
    quoted.into()
}

/// The position of the quote that ends a text: the first one without a backslash in front.
fn end_of(text: &str, quote: char) -> Option<usize> {
    let mut is_escaped = false;
    text.char_indices().find_map(|(i, c)| {
        let ends = c == quote && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        ends.then_some(i)
    })
}

fn search(ast: &Ast, data: &Tree) -> Result<Tree, String> {
    Ok(match ast {
        Ast::Identity { .. } => data.clone(),
        Ast::Literal { value, .. } => literal(value),
        Ast::Field { name, .. } => data.get(name).cloned().unwrap_or(Tree::Null),
        Ast::Index { idx, .. } => {
            let items = data.items().unwrap_or_default();
            let index = from_end(*idx, items.len()).and_then(|index| items.get(index));
            index.cloned().unwrap_or(Tree::Null)
        }
        Ast::Slice { start, stop, step, .. } => match data.items() {
            Some(items) => slice(items, *start, *stop, *step)?,
            None => Tree::Null,
        },
        Ast::Subexpr { lhs, rhs, .. } => search(rhs, &search(lhs, data)?)?,
        Ast::Or { lhs, rhs, .. } => match search(lhs, data)? {
            left if is_true(&left) => left,
            _ => search(rhs, data)?,
        },
        Ast::And { lhs, rhs, .. } => match search(lhs, data)? {
            left if is_true(&left) => search(rhs, data)?,
            left => left,
        },
        Ast::Not { node, .. } => Tree::Bool(!is_true(&search(node, data)?)),
        Ast::Condition { predicate, then, .. } => match is_true(&search(predicate, data)?) {
            true => search(then, data)?,
            false => Tree::Null,
        },
        Ast::Comparison { comparator, lhs, rhs, .. } => {
            compare(comparator, &search(lhs, data)?, &search(rhs, data)?)
        }
        Ast::ObjectValues { node, .. } => match search(node, data)?.members() {
            Some(members) => members.iter().map(|(_, value)| value.clone()).collect(),
            None => Tree::Null,
        },
        Ast::Projection { lhs, rhs, .. } => match search(lhs, data)?.items() {
            Some(items) => {
                let found = items.iter().map(|item| search(rhs, item));
                let found = found.filter(|found| !matches!(found, Ok(Tree::Null)));
                found.collect::<Result<Vec<_>, _>>()?.into_iter().collect()
            }
            None => Tree::Null,
        },
        Ast::Flatten { node, .. } => match search(node, data)?.items() {
            Some(items) => flattened(items),
            None => Tree::Null,
        },
        Ast::MultiList { .. } | Ast::MultiHash { .. } if matches!(data, Tree::Null) => Tree::Null,
        Ast::MultiList { elements, .. } => {
            let items = elements.iter().map(|element| search(element, data));
            items.collect::<Result<Vec<_>, _>>()?.into_iter().collect()
        }
        Ast::MultiHash { elements, .. } => {
            let mut members = Vec::with_capacity(elements.len());
            for element in elements {
                let value = search(&element.value, data)?;
                functions::set(&mut members, element.key.clone().into(), value);
            }
            members.into_iter().collect()
        }
        Ast::Function { name, args, .. } => functions::call(name, args, data)?,
        Ast::Expref { .. } => return Err("an expression (&…) must be an argument".to_owned()),
    })
}

fn literal(value: &Rcvar) -> Tree {
    match &**value {
        Variable::Null | Variable::Expref(_) => Tree::Null,
        Variable::Bool(value) => Tree::Bool(*value),
        Variable::Number(number) => Tree::Number(number.clone()),
        Variable::String(text) => text.as_str().into(),
        Variable::Array(items) => items.iter().map(literal).collect(),
        Variable::Object(members) => {
            members.iter().map(|(name, value)| (name.clone().into(), literal(value))).collect()
        }
    }
}

fn is_true(tree: &Tree) -> bool {
    match tree {
        Tree::Null | Tree::Bool(false) => false,
        Tree::Text(text) => !text.is_empty(),
        other => !other.is_empty(),
    }
}

/// Compares two values. Only two numbers or two texts have an order; text in ISO 8601 is what makes
/// that useful.
fn compare(comparator: &Comparator, left: &Tree, right: &Tree) -> Tree {
    let ordered = |accepts: fn(Ordering) -> bool| match order(left, right) {
        Some(order) => Tree::Bool(accepts(order)),
        None => Tree::Null,
    };
    match comparator {
        Comparator::Equal => Tree::Bool(left == right),
        Comparator::NotEqual => Tree::Bool(left != right),
        Comparator::LessThan => ordered(Ordering::is_lt),
        Comparator::LessThanEqual => ordered(Ordering::is_le),
        Comparator::GreaterThan => ordered(Ordering::is_gt),
        Comparator::GreaterThanEqual => ordered(Ordering::is_ge),
    }
}

/// The order of two numbers or two texts.
fn order(left: &Tree, right: &Tree) -> Option<Ordering> {
    match (left, right) {
        (Tree::Number(left), Tree::Number(right)) => left.as_f64()?.partial_cmp(&right.as_f64()?),
        (Tree::Text(left), Tree::Text(right)) => Some(left.cmp(right)),
        _ => None,
    }
}

/// Concatenates the lists among the items.
fn flattened(items: &[Tree]) -> Tree {
    let each = items.iter().flat_map(|item| item.items().unwrap_or(std::slice::from_ref(item)));
    each.cloned().collect()
}

/// Resolves an index that counts from the end if it is negative.
fn from_end(index: i32, length: usize) -> Option<usize> {
    match usize::try_from(index) {
        Ok(index) => Some(index),
        Err(_) => length.checked_sub(index.unsigned_abs() as usize),
    }
}

fn slice(items: &[Tree], start: Option<i32>, stop: Option<i32>, step: i32) -> Result<Tree, String> {
    let length = items.len();
    let clamped = |index: i32| from_end(index, length).unwrap_or(0).min(length);
    let stride = step.unsigned_abs() as usize;
    match step {
        0 => Err("the step of a slice must not be 0".to_owned()),
        1.. => {
            let (start, stop) = (start.map_or(0, clamped), stop.map_or(length, clamped));
            let part = items.get(start..stop).unwrap_or_default();
            Ok(part.iter().step_by(stride).cloned().collect())
        }
        _ => {
            // Backwards: `start` is included and `stop` is not.
            let end = start.map_or(length, |index| match from_end(index, length) {
                Some(index) => (index + 1).min(length),
                None => 0,
            });
            let first = stop.map_or(0, |index| match from_end(index, length) {
                Some(index) => (index + 1).min(length),
                None => 0,
            });
            let part = items.get(first..end).unwrap_or_default();
            Ok(part.iter().rev().step_by(stride).cloned().collect())
        }
    }
}

#[cfg(test)]
mod tests;
