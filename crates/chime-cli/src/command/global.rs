//! The flags that every operation has.

use std::path::PathBuf;

use clap::{Arg, ArgMatches, Command, value_parser};

use crate::failure::Failure;
use crate::flags::{
    self, ALLOW_PLAIN_HTTP, CA_BUNDLE, CONNECT_TIMEOUT, DEBUG, ENDPOINT_URL, LOCAL, NO_PAGINATE,
    PROFILE, QUIET, READ_TIMEOUT, REGION, STATE, switch, valued,
};
use crate::output;

pub(super) fn global_flags() -> Vec<Arg> {
    let timeout =
        |id, help: &'static str| flags::number::<u32>(id).value_name("SECONDS").help(help);
    let before = [
        switch(LOCAL, "Use an embedded Amazon Chime with a sample organisation"),
        valued(STATE, "FILE", "Persist the state of --local in this file; created if missing")
            .value_parser(value_parser!(PathBuf)),
    ];
    let after = [
        valued(
            ENDPOINT_URL,
            "URL",
            "Endpoint URL; overrides AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_<SERVICE>",
        ),
        valued(PROFILE, "NAME", "Profile; overrides AWS_DEFAULT_PROFILE and AWS_PROFILE"),
        valued(REGION, "REGION", "Region; overrides AWS_REGION"),
        valued(CA_BUNDLE, "FILE", "Trusted root certificates in PEM; overrides AWS_CA_BUNDLE")
            .value_parser(value_parser!(PathBuf)),
        timeout(CONNECT_TIMEOUT, "Connect timeout; 0 for no limit"),
        timeout(READ_TIMEOUT, "Read timeout; 0 for no limit"),
        switch(NO_PAGINATE, "Fetch only the first page of a list"),
        switch(ALLOW_PLAIN_HTTP, "Allow an http:// endpoint on another machine"),
        switch(QUIET, "Show no progress and no reason why a call waits"),
        switch(DEBUG, "Log details to stderr"),
        // Flags of the AWS CLI that change nothing here: there are no prompts and no binary values.
        switch("no-cli-auto-prompt", "").hide(true),
        valued("cli-binary-format", "FORMAT", "").hide(true),
    ];
    let refused = REFUSED.map(|(name, _)| switch(name, "").hide(true));
    let all = before.into_iter().chain(output::flags()).chain(after).chain(refused);
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

/// Adds the global flags without those that the command has itself.
pub(super) fn with_hidden_globals(command: Command) -> Command {
    let is_own = |flag: &Arg| command.get_arguments().any(|own| own.get_id() == flag.get_id());
    let hidden: Vec<Arg> = global_flags().into_iter().filter(|flag| !is_own(flag)).collect();
    command.args(hidden.into_iter().map(|flag| flag.hide(true)))
}
