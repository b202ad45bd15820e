//! The command line: every operation of the tables, with a flag for each member.

mod global;

use std::ffi::OsString;
use std::str::FromStr;

use chime_client::model::{
    Api, MemberInfo, OperationInfo, Paging, Shape, Structure, chime, identity, media_pipelines,
    meetings, messaging, voice,
};
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Command};

use self::global::{global_flags, with_hidden_globals};
pub(crate) use self::global::{output_flags, refuse, switch};
use crate::complete::script;
use crate::names::kebab;
use crate::{bulk, help, local, man, serve, skeleton, wait};

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

/// Parses a command line.
///
/// clap copies the global flags to every subcommand, which would dominate the start-up time. So only
/// the subcommands that a word names are built, and all of them only for an error or a help text.
///
/// # Errors
/// Returns what clap returns: help and version too.
pub(crate) fn parsed(words: &[OsString]) -> Result<ArgMatches, clap::Error> {
    let is_named = |name: &str| words.iter().skip(1).any(|word| word == name);
    build(Some(&is_named))
        .try_get_matches_from(words)
        .or_else(|_| command().try_get_matches_from(words))
}

/// Builds the whole command. The flags of an operation are built only when it is called or asked
/// for help.
pub(crate) fn command() -> Command {
    build(None)
}

/// Says which subcommands are built; `None` for all of them.
type Filter<'a> = Option<&'a dyn Fn(&str) -> bool>;

fn build(filter: Filter<'_>) -> Command {
    let is_built = |name: &str| filter.is_none_or(|is_named| is_named(name));
    // These make no calls. They accept the global flags, but their help does not list them.
    let without_calls = [
        (serve::NAME, serve::command as fn() -> _),
        (local::NAME, local::command),
        (man::NAME, man::command),
        (script::NAME, script::command),
    ];
    let without_calls = without_calls.into_iter().filter(|(name, _)| is_built(name));
    Command::new("chime")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Amazon Chime and the Amazon Chime SDK from the shell, with the operations and flags of `aws`")
        .after_help(EXIT_CODES)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand_value_name("OPERATION")
        .subcommand_help_heading("Operations")
        // No wrapping: tools find the summary on the line of its operation.
        .term_width(0)
        .args_override_self(true)
        .args(global_flags())
        .subcommands(operations::<CHIME>(filter))
        // `aws chime list-accounts` may have become `chime chime list-accounts`.
        .subcommands(services(filter).map(|service| {
            let is_chime = service.get_name() == SERVICES[CHIME].0;
            service.hide(is_chime)
        }))
        .subcommands(is_built(wait::NAME).then(wait::command))
        .subcommands(is_built(bulk::NAME).then(|| bulk::command(services(filter))))
        .subcommands(without_calls.map(|(_, command)| with_hidden_globals(command())))
}

pub(crate) const EXIT_CODES: &str = "\
Exit codes:
    0  Success
    1  bulk: a row failed, was not sent, or has an unknown outcome
  130  Interrupted by Ctrl-C; bulk: --resume continues
  252  The command line or the input is invalid; nothing was sent
  253  No credentials, or they could not be loaded
  254  The service returned an error
  255  Any other failure, such as a connection error, a timeout or an invalid setting

If a list fails on a later page, text and yaml-stream have printed the earlier pages; other formats
print nothing.

'help' after a service or an operation describes it, as in 'chime create-room help'.";

/// The services, each with its name on the command line and its name in the AWS CLI. The operations of the
/// first one need no service in front.
pub(crate) const SERVICES: [(&str, &str, &Api); 6] = [
    ("chime", "chime", &chime::API),
    ("identity", "chime-sdk-identity", &identity::API),
    ("meetings", "chime-sdk-meetings", &meetings::API),
    ("messaging", "chime-sdk-messaging", &messaging::API),
    ("media-pipelines", "chime-sdk-media-pipelines", &media_pipelines::API),
    ("voice", "chime-sdk-voice", &voice::API),
];
pub(crate) const CHIME: usize = 0;

/// The commands of the services that are built.
fn services(filter: Filter<'_>) -> impl Iterator<Item = Command> {
    let services = [
        service::<CHIME>(filter),
        service::<1>(filter),
        service::<2>(filter),
        service::<3>(filter),
        service::<4>(filter),
        service::<5>(filter),
    ];
    services.into_iter().flatten()
}

/// The command of a service, if it is built.
fn service<const SERVICE: usize>(filter: Filter<'_>) -> Option<Command> {
    let (name, aws_name, api) = SERVICES[SERVICE];
    let command = Command::new(name)
        .visible_aliases((name != aws_name).then_some(aws_name))
        .about(format!("The {} operations of {}", api.operations.len(), api.service.id));
    match filter {
        None => Some(command.defer(|command| with_operations::<SERVICE>(command, None))),
        Some(is_named) if is_named(name) || is_named(aws_name) => {
            Some(with_operations::<SERVICE>(command, filter))
        }
        Some(_) => None,
    }
}

fn with_operations<const SERVICE: usize>(command: Command, filter: Filter<'_>) -> Command {
    command
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand_value_name("OPERATION")
        .subcommand_help_heading("Operations")
        .term_width(0)
        .subcommands(operations::<SERVICE>(filter))
}

fn operations<const SERVICE: usize>(filter: Filter<'_>) -> impl Iterator<Item = Command> {
    let (_, _, api) = SERVICES[SERVICE];
    api.operations.iter().filter_map(move |info| {
        let name = kebab(info.name);
        let is_built = filter.is_none_or(|is_named| is_named(&name));
        // The whole command is built to print help, or an error.
        let flags = if filter.is_none() { with_help::<SERVICE> } else { with_flags::<SERVICE> };
        is_built.then(|| Command::new(name).about(summary(info)).defer(flags))
    })
}

/// Finds the operation that is called, with its flags; `None` for commands such as `serve`.
pub(crate) fn operation(matches: &ArgMatches) -> Option<(&'static OperationInfo, &ArgMatches)> {
    let (name, given) = matches.subcommand()?;
    match SERVICES.iter().find(|(own, ..)| *own == name) {
        Some((_, _, api)) => {
            let (name, given) = given.subcommand()?;
            Some((find(api, name)?, given))
        }
        None => Some((find(SERVICES[CHIME].2, name)?, given)),
    }
}

pub(crate) fn find(api: &Api, name: &str) -> Option<&'static OperationInfo> {
    api.operations.iter().copied().find(|info| kebab(info.name) == name)
}

/// Returns the value of a flag; `None` if it is unset or empty.
pub(crate) fn text<'a>(given: &'a ArgMatches, flag: &str) -> Option<&'a str> {
    given.get_one::<String>(flag).map(String::as_str).filter(|text| !text.is_empty())
}

/// The id of the flag that sets a member to false.
pub(crate) fn no(member: &MemberInfo) -> String {
    format!("no {}", member.name)
}

fn summary(info: &OperationInfo) -> &'static str {
    info.doc.lines().next().unwrap_or_default()
}

/// Adds the flags of the operation that the command is named after.
fn with_flags<const SERVICE: usize>(command: Command) -> Command {
    let Some(info) = find(SERVICES[SERVICE].2, command.get_name()) else { return command };
    let skeleton = Arg::new(SKELETON)
        .long(SKELETON)
        .value_name("KIND")
        .num_args(0..=1)
        .default_missing_value(skeleton::INPUT)
        .value_parser(PossibleValuesParser::new([
            skeleton::INPUT,
            skeleton::YAML_INPUT,
            skeleton::OUTPUT,
        ]))
        .help("Print a template of the input, or a sample of the output, and send nothing");
    // If a member has the name of the flag for the state of --local, the flag is renamed. Before the
    // operation it keeps its name.
    let collides = info.input.members.iter().any(|member| kebab(member.name) == STATE);
    let command = match collides {
        true => command.mut_arg(STATE, |flag| flag.long("local-state")),
        false => command,
    };
    command
        .long_about(info.doc)
        .args_override_self(true)
        .next_line_help(true)
        .args(info.input.members.iter().flat_map(member_flags))
        .args(info.paging.iter().flat_map(page_flags))
        .args(documents())
        .arg(skeleton)
}

/// As [`with_flags`], with the additional texts of the help.
fn with_help<const SERVICE: usize>(command: Command) -> Command {
    match find(SERVICES[SERVICE].2, command.get_name()) {
        Some(info) => help::described(with_flags::<SERVICE>(command), info),
        None => command,
    }
}

/// The flags that take the whole input as a document.
pub(crate) fn documents() -> [Arg; 2] {
    let document = |id: &'static str, name, help: &'static str| {
        Arg::new(id).long(id).value_name(name).help(help)
    };
    let json = "All parameters as one JSON object, or file://<path>; flags override it";
    let yaml = "All parameters as YAML, or file://<path>; flags override it";
    [
        document(CLI_INPUT_JSON, "JSON", json).conflicts_with(CLI_INPUT_YAML),
        document(CLI_INPUT_YAML, "YAML", yaml),
    ]
}

/// The flags of an operation that returns pages.
fn page_flags(paging: &'static Paging) -> Vec<Arg> {
    let mut flags = vec![
        number::<u64>(MAX_ITEMS)
            .help("Print at most this many items, and a token that continues the list"),
        Arg::new(STARTING_TOKEN)
            .long(STARTING_TOKEN)
            .value_name("TOKEN")
            .help("Continue a list: the NextToken that --max-items printed"),
    ];
    if paging.limit.is_some() {
        flags.push(number::<u32>(PAGE_SIZE).help("Number of items to fetch with one call"));
    }
    flags
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

#[cfg(test)]
mod tests;
