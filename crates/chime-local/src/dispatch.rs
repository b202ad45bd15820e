//! Which handler answers which operation.

use std::collections::HashMap;

use bytes::Bytes;
use chime_model::{Operation, ServiceError, Validate, Violations};
use chime_wire::Route;
use http::{Request, Response};

use crate::call::Call;
use crate::refusal::{bad_request, common};
use crate::service::Inner;
use crate::{
    Credential, accounts, bots, meetings, memberships, messages, numbers, rooms, settings, users,
};

/// A request that was routed and whose caller is known.
pub(crate) struct Exchange<'a> {
    pub(crate) caller: &'a Credential,
    pub(crate) route: &'a Route,
    pub(crate) request: &'a Request<Bytes>,
}

type Handler =
    Box<dyn Fn(&Inner, &Exchange<'_>) -> Result<Response<Bytes>, ServiceError> + Send + Sync>;

/// The handlers, by the name of their operation.
#[derive(Default)]
pub(crate) struct Handlers(HashMap<&'static str, Handler>);

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
            let invalid = |violations: Violations| bad_request(violations.to_string());
            let request: O =
                chime_wire::decode_request(exchange.route, exchange.request).map_err(invalid)?;
            request.validate().map_err(invalid)?;
            let output = chime.call(exchange.caller, |call| handler(call, request))?;
            Ok(chime_wire::encode_response::<O>(&output))
        };
        self.0.insert(O::INFO.name, Box::new(answer));
    }

    /// Answers a request by the handler of its operation.
    pub(crate) fn answer(
        &self,
        chime: &Inner,
        exchange: &Exchange<'_>,
    ) -> Result<Response<Bytes>, ServiceError> {
        let name = exchange.route.info.name;
        match self.0.get(name) {
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

#[cfg(test)]
mod tests {
    use chime_model::chime::CHIME;

    use super::*;

    #[test]
    fn every_operation_of_the_table_has_a_handler() {
        let handlers = Handlers::all();
        for info in CHIME.operations() {
            assert!(handlers.0.contains_key(info.name), "{}", info.name);
        }
        assert_eq!(handlers.0.len(), CHIME.operations().len());
    }
}
