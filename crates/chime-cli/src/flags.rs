//! The flags of operations.

use std::str::FromStr;

use chime_client::model::{MemberInfo, Paging, Shape};
use clap::{Arg, ArgAction, ArgMatches};

use crate::names::kebab;
use crate::shapes::is_scalar;

// The ids of the flags that are not members.
pub(crate) const ALLOW_PLAIN_HTTP: &str = "allow-plain-http";
pub(crate) const CA_BUNDLE: &str = "ca-bundle";
pub(crate) const CLI_INPUT_JSON: &str = "cli-input-json";
pub(crate) const CLI_INPUT_YAML: &str = "cli-input-yaml";
pub(crate) const COLOR: &str = "color";
pub(crate) const CONNECT_TIMEOUT: &str = "cli-connect-timeout";
pub(crate) const DEBUG: &str = "debug";
pub(crate) const ENDPOINT_URL: &str = "endpoint-url";
pub(crate) const LOCAL: &str = "local";
pub(crate) const MAX_ITEMS: &str = "max-items";
pub(crate) const NO_PAGER: &str = "no-cli-pager";
pub(crate) const NO_PAGINATE: &str = "no-paginate";
pub(crate) const OUTPUT: &str = "output";
pub(crate) const PAGE_SIZE: &str = "page-size";
pub(crate) const PROFILE: &str = "profile";
pub(crate) const QUERY: &str = "query";
pub(crate) const QUIET: &str = "quiet";
pub(crate) const READ_TIMEOUT: &str = "cli-read-timeout";
pub(crate) const REGION: &str = "region";
pub(crate) const SKELETON: &str = "generate-cli-skeleton";
pub(crate) const STARTING_TOKEN: &str = "starting-token";
pub(crate) const STATE: &str = "state";

/// Returns the value of a flag; `None` if it is unset or empty.
pub(crate) fn text<'a>(given: &'a ArgMatches, flag: &str) -> Option<&'a str> {
    given.get_one::<String>(flag).map(String::as_str).filter(|text| !text.is_empty())
}

/// The id of the flag that sets a member to false.
pub(crate) fn no(member: &MemberInfo) -> String {
    format!("no {}", member.name)
}

/// The flags that take the whole input as a document.
pub(crate) fn documents() -> [Arg; 2] {
    let json = "All parameters as one JSON object, or file://<path>; flags override it";
    let yaml = "All parameters as YAML, or file://<path>; flags override it";
    [
        valued(CLI_INPUT_JSON, "JSON", json).conflicts_with(CLI_INPUT_YAML),
        valued(CLI_INPUT_YAML, "YAML", yaml),
    ]
}

/// The flags of an operation that returns pages.
pub(crate) fn page_flags(paging: &'static Paging) -> Vec<Arg> {
    let mut flags = vec![
        number::<u64>(MAX_ITEMS)
            .help("Print at most this many items, and a token that continues the list"),
        valued(STARTING_TOKEN, "TOKEN", "Continue a list: the NextToken that --max-items printed"),
    ];
    if paging.limit.is_some() {
        flags.push(number::<u32>(PAGE_SIZE).help("Number of items to fetch with one call"));
    }
    flags
}

/// A flag without a value.
pub(crate) fn switch(id: &'static str, help: &'static str) -> Arg {
    Arg::new(id).long(id).action(ArgAction::SetTrue).help(help)
}

/// A flag with a value.
pub(crate) fn valued(id: &'static str, name: &'static str, help: &'static str) -> Arg {
    Arg::new(id).long(id).value_name(name).help(help)
}

/// A flag that takes a whole number.
pub(crate) fn number<T: FromStr + Clone + Send + Sync + 'static>(id: &'static str) -> Arg {
    let parse = |text: &str| text.parse::<T>().map_err(|_| "must be a whole number, 0 or more");
    Arg::new(id).long(id).value_name("NUMBER").allow_negative_numbers(true).value_parser(parse)
}

/// The flags of a member, with its API name as the id. clap treats none as required, since
/// `--cli-input-json` can set the member too.
pub(crate) fn member_flags(member: &'static MemberInfo) -> Vec<Arg> {
    let long = kebab(member.name);
    let flag = Arg::new(member.name).long(long.clone()).help(summary_of(member));
    match member.shape {
        Shape::Boolean => {
            let no = Arg::new(no(member))
                .long(format!("no-{long}"))
                .conflicts_with(member.name)
                .help(format!("Sends `false` where --{long} sends `true`."));
            vec![flag.action(ArgAction::SetTrue), no.action(ArgAction::SetTrue)]
        }
        Shape::List(list) if is_scalar(list.item) => {
            vec![flag.value_name("TEXT").num_args(1..)]
        }
        Shape::List(_) => vec![flag.value_name("SHORTHAND|JSON").num_args(1..)],
        Shape::Structure(_) | Shape::Map(_) => vec![flag.value_name("SHORTHAND|JSON")],
        Shape::Integer(_) | Shape::Float(_) => {
            vec![flag.value_name("NUMBER").allow_negative_numbers(true)]
        }
        _ => vec![flag.value_name("TEXT").allow_negative_numbers(true)],
    }
}

fn summary_of(member: &MemberInfo) -> String {
    let mut help = member.doc.to_owned();
    if let Shape::Enumeration(names) = member.shape {
        help.push_str(&format!(" One of {}.", names.values.join(", ")));
    }
    if member.required {
        help.push_str(" [required]");
    }
    help
}
