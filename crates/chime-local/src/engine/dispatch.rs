//! Which handler answers which operation.

use std::collections::HashMap;
use std::pin::Pin;

use bytes::Bytes;
use chime_model::{Operation, ServiceError, Validate, Violations};
use chime_wire::Route;
use http::{Request, Response};

use crate::Credential;
use crate::chime::call::Call;
use crate::chime::{
    accounts, bots, meetings, memberships, messages, numbers, rooms, settings, users,
};
use crate::engine::refusal::{bad_request, common};
use crate::engine::service::Inner;

/// A request that was routed and whose caller is known.
pub(crate) struct Exchange<'a> {
    pub(crate) caller: &'a Credential,
    pub(crate) route: &'a Route,
    pub(crate) request: &'a Request<Bytes>,
}

type Handler<T> = Box<dyn Fn(&Inner, &Exchange<'_>) -> Result<T, ServiceError> + Send + Sync>;

/// What takes time, and is done with the state unlocked.
pub(crate) type Errand = Pin<Box<dyn Future<Output = Result<(), ServiceError>> + Send>>;

/// The handlers, by the name of their operation.
#[derive(Default)]
pub(crate) struct Handlers {
    handlers: HashMap<&'static str, Handler<Response<Bytes>>>,
    errands: HashMap<&'static str, Handler<Option<Errand>>>,
}

impl Handlers {
    /// All that there are.
    pub(crate) fn all() -> Self {
        let mut handlers = Self::default();
        accounts::register(&mut handlers);
        users::register(&mut handlers);
        rooms::register(&mut handlers);
        memberships::register(&mut handlers);
        messages::register(&mut handlers);
        bots::register(&mut handlers);
        numbers::register(&mut handlers);
        settings::register(&mut handlers);
        meetings::register(&mut handlers);
        handlers
    }

    /// Answers operation `O` with that function. What goes before and after it is the same for all
    /// and reads the operation's row; only the function itself runs with the state locked.
    pub(crate) fn on<O: Operation>(
        &mut self,
        handler: fn(&mut Call<'_>, O) -> Result<O::Output, ServiceError>,
    ) {
        let answer = move |chime: &Inner, exchange: &Exchange<'_>| {
            let output = run(chime, exchange, handler)?;
            Ok(chime_wire::encode_response::<O>(&output))
        };
        self.handlers.insert(O::INFO.name, Box::new(answer));
    }

    /// Has a function of the same kind say what is to be done before the handler of `O` runs. What
    /// it refuses, or what fails then, is the answer.
    pub(crate) fn before<O: Operation>(
        &mut self,
        errand: fn(&mut Call<'_>, O) -> Result<Option<Errand>, ServiceError>,
    ) {
        let errand = move |chime: &Inner, exchange: &Exchange<'_>| run(chime, exchange, errand);
        self.errands.insert(O::INFO.name, Box::new(errand));
    }

    /// What is to be done before a request is answered.
    pub(crate) fn errand(
        &self,
        chime: &Inner,
        exchange: &Exchange<'_>,
    ) -> Result<Option<Errand>, ServiceError> {
        let errand = self.errands.get(exchange.route.info.name);
        errand.map_or(Ok(None), |errand| errand(chime, exchange))
    }

    /// Answers a request by the handler of its operation.
    pub(crate) fn answer(
        &self,
        chime: &Inner,
        exchange: &Exchange<'_>,
    ) -> Result<Response<Bytes>, ServiceError> {
        let name = exchange.route.info.name;
        match self.handlers.get(name) {
            Some(handler) => handler(chime, exchange),
            // A test holds that there is none.
            None => Err(common(
                "NotImplementedException",
                501,
                format!("{name}: this local Chime does not answer this operation"),
            )),
        }
    }
}

/// Runs a function on a request that is as it should be.
fn run<O: Operation, T>(
    chime: &Inner,
    exchange: &Exchange<'_>,
    function: fn(&mut Call<'_>, O) -> Result<T, ServiceError>,
) -> Result<T, ServiceError> {
    let invalid = |violations: Violations| bad_request(violations.to_string());
    let request: O =
        chime_wire::decode_request(exchange.route, exchange.request).map_err(invalid)?;
    request.validate().map_err(invalid)?;
    chime.call(exchange.caller, |call| function(call, request))
}

#[cfg(test)]
mod tests {
    use chime_model::chime::API;

    use super::*;

    #[test]
    fn every_operation_of_the_table_has_a_handler() {
        let handlers = Handlers::all();
        for info in API.operations {
            assert!(handlers.handlers.contains_key(info.name), "{}", info.name);
        }
        assert_eq!(handlers.handlers.len(), API.operations.len());
    }
}
