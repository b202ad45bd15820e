//! Tests that the guide lists every rule of the emulator with its default.

use std::collections::BTreeMap;

use chime_local::Rules;
use serde_json::Value;

#[test]
fn the_guide_lists_all_rules_with_their_defaults() {
    let guide = include_str!("../../docs/guides/testing.md");
    let (_, section) = guide.split_once("## Rules\n").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let rows = section.lines().filter_map(|line| {
        let mut cells = line.split('|').map(str::trim).skip(1);
        let mut code = || cells.next()?.strip_prefix('`')?.strip_suffix('`');
        Some((code()?.to_owned(), serde_json::from_str(code()?).unwrap()))
    });
    let rows: Vec<(String, Value)> = rows.collect();
    let listed: BTreeMap<_, _> = rows.iter().cloned().collect();
    assert_eq!(listed.len(), rows.len(), "a rule is listed twice");
    let rules = serde_json::to_value(Rules::default()).unwrap();
    let rules: BTreeMap<_, _> = rules.as_object().unwrap().clone().into_iter().collect();
    let without = |these: &BTreeMap<String, Value>, others: &BTreeMap<String, Value>| {
        let mut these = these.clone();
        these.retain(|name, default| others.get(name) != Some(default));
        these
    };
    assert_eq!(without(&rules, &listed), BTreeMap::new(), "missing, or with another default");
    assert_eq!(without(&listed, &rules), BTreeMap::new(), "listed, but no rule");
}
