//! Events configurations of bots. No events are sent, because rooms get no messages. If a rule says
//! so, an endpoint on this machine must pass a handshake.

mod challenge;

use chime_model::SensitiveString;
use chime_model::chime::*;
use http::Uri;
use http::uri::Scheme;

use crate::chime::Chime;
use crate::chime::call::Call;
use crate::engine::control::guard::is_local;
use crate::engine::dispatch::{AsyncCheck, handlers};
use crate::engine::errors::{Result, bad_request, not_found};

handlers! {
    Chime: put_events_configuration, get_events_configuration, delete_events_configuration;
    check ask_endpoint
}

/// The handshake with a new endpoint, if the rules require one and the endpoint uses `http`.
fn ask_endpoint(
    call: &mut Call<'_>,
    request: PutEventsConfigurationRequest,
) -> Result<Option<AsyncCheck>> {
    let endpoint = configuration(call, &request)?.outbound_events_https_endpoint;
    let asked = endpoint.filter(|endpoint| {
        call.rules.events_endpoints_are_asked && endpoint.expose().parse().is_ok_and(is_plain)
    });
    Ok(asked.map(|endpoint| -> AsyncCheck { Box::pin(challenge::send(endpoint)) }))
}

/// Replaces the configuration. It can have an endpoint and a function at the same time.
fn put_events_configuration(
    call: &mut Call<'_>,
    request: PutEventsConfigurationRequest,
) -> Result<PutEventsConfigurationResponse> {
    let configuration = configuration(call, &request)?;
    let within = call.tenant.within_mut(&request.account_id)?;
    within.events_configurations.insert(request.bot_id, configuration.clone());
    Ok(PutEventsConfigurationResponse::default().events_configuration(configuration))
}

/// Checks a request and returns its configuration.
fn configuration(
    call: &Call<'_>,
    request: &PutEventsConfigurationRequest,
) -> Result<EventsConfiguration> {
    let endpoint = request.outbound_events_https_endpoint.as_ref();
    let function = request.lambda_function_arn.as_ref();
    let function = function.filter(|function| !function.expose().trim().is_empty());
    if endpoint.is_none() && function.is_none() {
        return Err(bad_request(
            "OutboundEventsHTTPSEndpoint or LambdaFunctionArn: one of them is required",
        ));
    }
    if endpoint.is_some_and(|endpoint| !is_allowed(endpoint)) {
        return Err(bad_request(
            "OutboundEventsHTTPSEndpoint: must start with https://, or http:// for a loopback host",
        ));
    }
    call.tenant.enterprise(&request.account_id)?.below.bot(&request.bot_id)?;

    Ok(EventsConfiguration::default()
        .bot_id(&request.bot_id)
        .set_outbound_events_https_endpoint(endpoint.cloned())
        .set_lambda_function_arn(function.cloned()))
}

fn is_plain(endpoint: Uri) -> bool {
    endpoint.scheme() == Some(&Scheme::HTTP)
}

/// Whether an endpoint is allowed. Without TLS it must be on this machine.
fn is_allowed(endpoint: &SensitiveString) -> bool {
    let Ok(uri) = endpoint.expose().parse::<Uri>() else { return false };
    let host = uri.host().unwrap_or_default();
    match uri.scheme_str() {
        Some("https") => !host.is_empty(),
        Some("http") => is_local(host),
        _ => false,
    }
}

fn get_events_configuration(
    call: &mut Call<'_>,
    request: GetEventsConfigurationRequest,
) -> Result<GetEventsConfigurationResponse> {
    let within = &call.tenant.enterprise(&request.account_id)?.below;
    within.bot(&request.bot_id)?;
    let configuration = within.events_configurations.get(&request.bot_id);
    let configuration = configuration.ok_or_else(|| not_found("Events configuration"))?;
    Ok(GetEventsConfigurationResponse::default().events_configuration(configuration.value.clone()))
}

/// Deletes the configuration. A missing one is not an error.
fn delete_events_configuration(
    call: &mut Call<'_>,
    request: DeleteEventsConfigurationRequest,
) -> Result<()> {
    let within = call.tenant.enterprise_mut(&request.account_id)?;
    within.bot(&request.bot_id)?;
    within.events_configurations.remove(&request.bot_id);
    Ok(())
}

#[cfg(test)]
mod tests;
