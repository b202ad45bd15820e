//! Runs an operation: input, check, calls, output.

use std::io;

use chime_client::model::{OperationInfo, check};
use clap::ArgMatches;

use crate::failure::Failure;
use crate::flags::NO_PAGINATE;
use crate::{connect, input, output, pages};

/// Runs the operation with what the command line gives and prints its result.
///
/// # Errors
/// Whatever stands in the way. Nothing is sent before the input is found to be right.
pub(crate) async fn run(info: &'static OperationInfo, given: &ArgMatches) -> Result<(), Failure> {
    let input = input::read(info, given)?;
    check(info.input, &input).map_err(|violations| Failure::Invalid(info, violations))?;
    let client = connect::client(given).await?;
    let call = async |input| client.call(info, input).await;
    let result = match pages::to_follow(info, &input) {
        Some(paging) if !given.get_flag(NO_PAGINATE) => pages::merged(paging, input, call).await,
        _ => call(input).await,
    };
    let result = result.map_err(|error| Failure::call(info, error))?;
    output::print(&mut io::stdout().lock(), info.output, &result)
        .map_err(|error| Failure::Io("cannot print the result".to_owned(), error))
}
