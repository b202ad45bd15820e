//! Runs an operation: reads the input, checks it, calls the operation and prints the result.

use chime_client::model::{OperationInfo, check};
use clap::ArgMatches;
use serde_json::{Map, Value};

use crate::failure::Failure;
use crate::flags::{self, SKELETON};
use crate::output::{Format, Output};
use crate::pages::{self, Pages};
use crate::tree::Tree;
use crate::{connect, input, skeleton};

/// Runs an operation and prints its result.
///
/// # Errors
/// Returns the first failure. Nothing is sent if the input is invalid.
pub(crate) async fn run(info: &'static OperationInfo, given: &ArgMatches) -> Result<(), Failure> {
    let mut output = Output::new(info.name, given)?;
    let skeleton = flags::text(given, SKELETON);
    if let Some(kind @ (skeleton::INPUT | skeleton::YAML_INPUT)) = skeleton {
        return output.write(&skeleton::input(info, kind)).map(drop);
    }
    let mut input = input::read(info, given)?;
    let paging = pages::followed(info, given, &mut input)?;
    check(info.input, &input).map_err(|violations| Failure::Invalid(info, violations))?;
    if skeleton.is_some() {
        return output.print(skeleton::output(info)).map(drop);
    }
    let client = connect::client(info.service, given, &mut output).await?;
    let call = async |input: Map<String, Value>| {
        let response = client.call(info, input).await;
        response.map(|response| response.into_body()).map_err(|error| Failure::call(info, error))
    };
    let times = output.times;
    let tree = |result| match info.output {
        Some(structure) => Tree::of(structure, result, times),
        None => Tree::Map([].into()),
    };
    let Some(paging) = paging else { return output.print(tree(call(input).await?)).map(drop) };
    let mut pages = Pages::new(paging, given, input);
    if !output.is_streamed() {
        return output.print(tree(pages.merged(call).await?)).map(drop);
    }
    let is_text = output.format == Format::Text;
    let mut is_first = true;
    while let Some(page) = pages.next(&call).await? {
        let page = if is_text { pages.shown(page, is_first) } else { page };
        is_first = false;
        if !output.print(tree(page))? {
            return Ok(());
        }
    }
    match pages.resume_token() {
        Some(token) if is_text => {
            let name = paging.output_token;
            let token = [(name.into(), token.into())].into_iter().collect();
            output.print([(name.into(), token)].into_iter().collect()).map(drop)
        }
        _ => Ok(()),
    }
}
