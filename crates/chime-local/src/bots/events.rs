//! Where the events of a bot go. They are kept, not sent, and no endpoint is asked who it is.

use chime_model::chime::{
    DeleteEventsConfigurationRequest, EventsConfiguration, GetEventsConfigurationRequest,
    GetEventsConfigurationResponse, PutEventsConfigurationRequest, PutEventsConfigurationResponse,
};
use chime_model::{SensitiveString, ServiceError};
use http::Uri;

use crate::call::Call;
use crate::control::is_local;
use crate::dispatch::Handlers;
use crate::refusal::{bad_request, not_found};

pub(super) fn register(handlers: &mut Handlers) {
    handlers.on(put_events_configuration);
    handlers.on(get_events_configuration);
    handlers.on(delete_events_configuration);
}

/// Replaces all that was configured. Both an endpoint and a function is fine.
fn put_events_configuration(
    call: &mut Call<'_>,
    request: PutEventsConfigurationRequest,
) -> Result<PutEventsConfigurationResponse, ServiceError> {
    let PutEventsConfigurationRequest {
        account_id,
        bot_id,
        outbound_events_https_endpoint: endpoint,
        lambda_function_arn: function,
        ..
    } = request;
    let function = function.filter(|function| !function.expose().trim().is_empty());
    if endpoint.is_none() && function.is_none() {
        return Err(bad_request(
            "OutboundEventsHTTPSEndpoint or LambdaFunctionArn: one of them is required",
        ));
    }
    if endpoint.as_ref().is_some_and(|endpoint| !is_allowed(endpoint)) {
        return Err(bad_request(
            "OutboundEventsHTTPSEndpoint: must start with https://, or with http:// on loopback",
        ));
    }
    call.tenant.enterprise(&account_id)?.bot(&bot_id)?;

    let mut configuration = EventsConfiguration::default().bot_id(&bot_id);
    configuration.outbound_events_https_endpoint = endpoint;
    configuration.lambda_function_arn = function;
    let record = call.tenant.account_mut(&account_id)?;
    record.events_configurations.insert(bot_id, configuration.clone());
    Ok(PutEventsConfigurationResponse::default().events_configuration(configuration))
}

/// Whether events can go there. In the clear they must not leave this machine.
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
) -> Result<GetEventsConfigurationResponse, ServiceError> {
    let record = call.tenant.enterprise(&request.account_id)?;
    record.bot(&request.bot_id)?;
    let configuration = record.events_configurations.get(&request.bot_id);
    let configuration = configuration.ok_or_else(|| not_found("Events configuration"))?;
    Ok(GetEventsConfigurationResponse::default().events_configuration(configuration.clone()))
}

/// Deletes what is configured, which may be nothing.
fn delete_events_configuration(
    call: &mut Call<'_>,
    request: DeleteEventsConfigurationRequest,
) -> Result<(), ServiceError> {
    let record = call.tenant.enterprise(&request.account_id)?;
    record.bot(&request.bot_id)?;
    if record.events_configurations.contains(&request.bot_id) {
        let record = call.tenant.account_mut(&request.account_id)?;
        record.events_configurations.remove(&request.bot_id);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
