//! The services and their operations, by their names on the command line.

use chime_client::model::{
    Api, OperationInfo, chime, identity, media_pipelines, meetings, messaging, voice,
};
use clap::ArgMatches;

use crate::names::kebab;

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
