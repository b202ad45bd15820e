//! Runs an operation: reads the input, checks it, calls the operation and prints the result.

use std::io;

use chime_client::model::{OperationInfo, check};
use clap::ArgMatches;

use crate::failure::Failure;
use crate::flags::NO_PAGINATE;
use crate::{connect, input, output, pages};

/// Runs an operation and prints its result.
///
/// # Errors
/// Returns the first failure. Nothing is sent if the input is invalid.
pub(crate) async fn run(info: &'static OperationInfo, given: &ArgMatches) -> Result<(), Failure> {
    let input = input::read(info, given)?;
    check(info.input, &input).map_err(|violations| Failure::Invalid(info, violations))?;
    let client = connect::client(info.service, given).await?;
    let call = async |input| client.call(info, input).await.map(|response| response.into_body());
    let result = match pages::to_follow(info, &input) {
        Some(paging) if !given.get_flag(NO_PAGINATE) => pages::merged(paging, input, call).await,
        _ => call(input).await,
    };
    let result = result.map_err(|error| Failure::call(info, error))?;
    output::print(&mut io::stdout().lock(), info.output, &result)
        .map_err(|error| Failure::Io("cannot print the result".to_owned(), error))
}
