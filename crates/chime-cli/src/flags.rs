//! The command line: every operation of the tables, with a flag for each member.

use std::path::PathBuf;

use chime_client::model::{
    Api, MemberInfo, OperationInfo, Paging, Shape, chime, identity, media_pipelines, meetings,
    messaging, voice,
};
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use crate::failure::Failure;
use crate::names::kebab;
use crate::{output, serve, skeleton};

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
pub(crate) const READ_TIMEOUT: &str = "cli-read-timeout";
pub(crate) const REGION: &str = "region";
pub(crate) const SKELETON: &str = "generate-cli-skeleton";
pub(crate) const STARTING_TOKEN: &str = "starting-token";
pub(crate) const STATE: &str = "state";

/// Builds the whole command. The flags of an operation are built only when it is called or asked
/// for help: building all of them would dominate the start-up time.
pub(crate) fn command() -> Command {
    let hidden = global_flags().into_iter().filter(|flag| flag.get_id() != STATE);
    let hidden = hidden.map(|flag| flag.hide(true));
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
        .subcommands(operations::<CHIME>())
        // `aws chime list-accounts` may have become `chime chime list-accounts`.
        .subcommand(service::<CHIME>().hide(true))
        .subcommands([
            service::<1>(),
            service::<2>(),
            service::<3>(),
            service::<4>(),
            service::<5>(),
        ])
        // The server makes no calls. It accepts the global flags, but its help does not list them.
        .subcommand(serve::command().args(hidden))
}

const EXIT_CODES: &str = "\
Exit codes:
    0  Success
  252  The command line or the input is invalid; nothing was sent
  253  No credentials, or they could not be loaded
  254  The service returned an error
  255  Any other failure, such as a connection error, a timeout or an invalid setting

A list that fails in the middle has printed its first pages in the formats text and yaml-stream, and
nothing in the others.

'help' behind a service or an operation describes it, as in 'chime create-room help'.";

/// The services, each with its name on the command line and the one that the AWS CLI has for it. The
/// operations of the first one stand beside the names of the others.
const SERVICES: [(&str, &str, &Api); 6] = [
    ("chime", "chime", &chime::API),
    ("identity", "chime-sdk-identity", &identity::API),
    ("meetings", "chime-sdk-meetings", &meetings::API),
    ("messaging", "chime-sdk-messaging", &messaging::API),
    ("media-pipelines", "chime-sdk-media-pipelines", &media_pipelines::API),
    ("voice", "chime-sdk-voice", &voice::API),
];
const CHIME: usize = 0;

/// The command of a service, whose operations are built only when it is called.
fn service<const SERVICE: usize>() -> Command {
    let (name, aws_name, api) = SERVICES[SERVICE];
    Command::new(name)
        .visible_aliases((name != aws_name).then_some(aws_name))
        .about(format!("The {} operations of {}", api.operations.len(), api.service.id))
        .defer(|command| {
            command
                .subcommand_required(true)
                .arg_required_else_help(true)
                .subcommand_value_name("OPERATION")
                .subcommand_help_heading("Operations")
                .term_width(0)
                .subcommands(operations::<SERVICE>())
        })
}

fn operations<const SERVICE: usize>() -> impl Iterator<Item = Command> {
    let (_, _, api) = SERVICES[SERVICE];
    api.operations.iter().map(|info| {
        Command::new(kebab(info.name)).about(summary(info)).defer(with_flags::<SERVICE>)
    })
}

/// Finds the operation that is called, with its flags; `None` for the server.
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

fn find(api: &Api, name: &str) -> Option<&'static OperationInfo> {
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

fn global_flags() -> Vec<Arg> {
    let timeout = |id, help| {
        Arg::new(id).long(id).value_name("SECONDS").value_parser(value_parser!(u32)).help(help)
    };
    let text = |id: &'static str, name, help: &'static str| {
        Arg::new(id).long(id).value_name(name).help(help)
    };
    let flags = [
        switch(LOCAL, "Use an embedded Amazon Chime with a sample organisation"),
        text(STATE, "FILE", "Persist the state of --local in this file; created if missing")
            .value_parser(value_parser!(PathBuf)),
        text(OUTPUT, "FORMAT", "Output format; overrides AWS_DEFAULT_OUTPUT [default: json]")
            .value_parser(output::formats()),
        text(QUERY, "JMESPATH", "Print the part of the result that this expression selects"),
        text(COLOR, "WHEN", "Color of tables [default: auto]")
            .value_parser(PossibleValuesParser::new(["on", "off", "auto"])),
        switch(NO_PAGER, "Print to the terminal without AWS_PAGER, PAGER or less"),
        text(ENDPOINT_URL, "URL", "Endpoint URL; overrides AWS_ENDPOINT_URL_CHIME"),
        text(PROFILE, "NAME", "Profile; overrides AWS_DEFAULT_PROFILE and AWS_PROFILE"),
        text(REGION, "REGION", "Region; overrides AWS_REGION"),
        text(CA_BUNDLE, "FILE", "Trusted root certificates in PEM; overrides AWS_CA_BUNDLE")
            .value_parser(value_parser!(PathBuf)),
        timeout(CONNECT_TIMEOUT, "Connect timeout; 0 for no limit"),
        timeout(READ_TIMEOUT, "Read timeout; 0 for no limit"),
        switch(NO_PAGINATE, "Fetch only the first page of a list"),
        switch(ALLOW_PLAIN_HTTP, "Allow an http:// endpoint on another machine"),
        switch(DEBUG, "Log to stderr what the command does"),
        // Flags of the AWS CLI that change nothing here: there are no prompts and no binary values.
        switch("no-cli-auto-prompt", "").hide(true),
        text("cli-binary-format", "FORMAT", "").hide(true),
    ];
    let refused = REFUSED.map(|(name, _)| switch(name, "").hide(true));
    let all = flags.into_iter().chain(refused);
    all.map(|flag| flag.global(true).help_heading("Global options")).collect()
}

/// Flags of the AWS CLI that are refused, each with the reason.
const REFUSED: [(&str, &str); 3] = [
    (
        "no-verify-ssl",
        "an unverified server could read the credentials; pass the certificate that it uses with \
         --ca-bundle, or --allow-plain-http for an endpoint without TLS",
    ),
    (
        "no-sign-request",
        "every operation needs a signature; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or use \
         --local",
    ),
    ("cli-auto-prompt", "there are no prompts; append --help to see the flags of an operation"),
];

/// Fails if a flag is set that is refused.
///
/// # Errors
/// Returns an error that says why and what to do instead.
pub(crate) fn refuse(given: &ArgMatches) -> Result<(), Failure> {
    match REFUSED.iter().find(|(name, _)| given.get_flag(name)) {
        Some((name, reason)) => Err(Failure::flag(*name, format!("not supported: {reason}"))),
        None => Ok(()),
    }
}

/// Adds the flags of the operation that the command is named after.
fn with_flags<const SERVICE: usize>(command: Command) -> Command {
    let Some(info) = find(SERVICES[SERVICE].2, command.get_name()) else { return command };
    let document = |id: &'static str, name, help: &'static str| {
        Arg::new(id).long(id).value_name(name).help(help)
    };
    let json = "All parameters as one JSON object, or file://<path>; flags override it";
    let yaml = "All parameters as YAML, or file://<path>; flags override it";
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
    // The flag for the state of --local gives way to a member of that name. Before the operation it
    // keeps its name.
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
        .arg(document(CLI_INPUT_JSON, "JSON", json).conflicts_with(CLI_INPUT_YAML))
        .arg(document(CLI_INPUT_YAML, "YAML", yaml))
        .arg(skeleton)
}

/// The flags of a list that comes page by page.
fn page_flags(paging: &'static Paging) -> Vec<Arg> {
    let number = |id: &'static str, help: &'static str| {
        Arg::new(id).long(id).value_name("NUMBER").help(help)
    };
    let mut flags = vec![
        number(MAX_ITEMS, "Print at most this many items, and a token that continues the list")
            .value_parser(value_parser!(u64)),
        Arg::new(STARTING_TOKEN)
            .long(STARTING_TOKEN)
            .value_name("TOKEN")
            .help("Continue a list: the NextToken that --max-items printed"),
    ];
    if paging.limit.is_some() {
        let size = number(PAGE_SIZE, "Number of items to fetch with one call");
        flags.push(size.value_parser(value_parser!(u32)));
    }
    flags
}

/// The flags of a member, with its API name as the id. clap treats none as required, since
/// `--cli-input-json` can set the member too.
fn member_flags(member: &'static MemberInfo) -> Vec<Arg> {
    let long = kebab(member.name);
    let flag = Arg::new(member.name).long(long.clone()).help(help(member));
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

fn help(member: &MemberInfo) -> String {
    let mut help = member.doc.to_owned();
    if let Shape::Enumeration(names) = member.shape {
        help.push_str(&format!(" One of {}.", names.values.join(", ")));
    }
    if member.required {
        help.push_str(" [required]");
    }
    help
}

fn switch(id: &'static str, help: &'static str) -> Arg {
    Arg::new(id).long(id).action(ArgAction::SetTrue).help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_builds() {
        // Fails for flags that collide with each other or with a global flag.
        command().debug_assert();
    }

    #[test]
    fn only_the_operation_that_is_called_gets_its_flags() {
        let mut command = command();
        command.try_get_matches_from_mut(["chime", "get-room"]).unwrap();
        let built: Vec<&str> = command
            .get_subcommands()
            .filter(|operation| operation.get_arguments().any(|flag| flag.get_id() == "AccountId"))
            .map(Command::get_name)
            .collect();
        assert_eq!(built, ["get-room"]);
    }

    #[test]
    fn help_tells_the_summary_and_what_is_required() {
        let mut command = command();
        let list = command.render_long_help().to_string();
        for info in chime::API.operations {
            let line = list
                .lines()
                .find(|line| line.trim_start().starts_with(&format!("{} ", kebab(info.name))));
            assert!(line.is_some_and(|line| line.ends_with(summary(info))), "{list}");
        }

        let help = command.try_get_matches_from(["chime", "update-room-membership", "--help"]);
        let help = help.unwrap_err().to_string();
        let info = find(&chime::API, "update-room-membership").unwrap();
        assert!(help.starts_with(info.doc), "{help}");
        for member in info.input.members {
            assert!(help.contains(&format!("--{} <TEXT>", kebab(member.name))), "{help}");
            assert!(help.contains(member.doc), "{help}");
        }
        assert_eq!(help.matches("[required]").count(), 3);
        assert!(help.contains("One of Administrator, Member."));
    }
}
