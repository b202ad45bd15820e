//! Access control of an emulator that listens on a port.

use std::net::IpAddr;

use bytes::Bytes;
use chime_model::{SensitiveString, ServiceError};
use http::Request;
use http::header::HOST;
use http::uri::Authority;

use super::cors::Origin;
use crate::engine::control::guard::{check_direct, is_local, is_loopback};
use crate::engine::control::token;
use crate::engine::credential::Credential;
use crate::engine::document::InvalidDocument;
use crate::engine::errors::common;
use crate::engine::routing::Routes;

/// The configuration of the access control.
#[derive(Clone, Default)]
pub(crate) struct Access {
    pub(crate) control_token: Option<SensitiveString>,
    pub(crate) allow_remote_demo_credential: bool,
    pub(crate) cors_origins: Vec<Origin>,
}

/// The connection that a request arrived on.
#[derive(Clone, Copy)]
pub(crate) struct Connection {
    pub(crate) peer: IpAddr,
    /// The address that the server listens on.
    pub(crate) listener: IpAddr,
    /// The number of the service that the port is dedicated to, if any.
    pub(crate) service: Option<usize>,
    /// Whether it has one of the slots that are reserved for the control endpoint.
    pub(crate) is_reserved: bool,
}

impl Connection {
    /// Whether the peer is on the same machine.
    pub(crate) fn is_loopback(self) -> bool {
        is_loopback(self.peer)
    }
}

impl Access {
    /// Checks the control token, if it is set.
    ///
    /// # Errors
    /// Returns an error if the control token is invalid.
    pub(crate) fn check(&self) -> Result<(), InvalidDocument> {
        self.control_token.as_ref().map_or(Ok(()), token::check)
    }

    /// Checks a request that is signed with the demo credential, which is public: it must come
    /// from this machine, and neither from a proxy nor from a web page whose host name resolves to this
    /// machine (DNS rebinding).
    ///
    /// # Errors
    /// Returns an error if the server listens on an address that is not loopback, if the request has a
    /// header of a proxy, or if it is for the host of neither this machine nor an AWS endpoint.
    pub(crate) fn admit<W, R>(
        &self,
        connection: Connection,
        caller: &Credential,
        request: &Request<Bytes>,
        routes: &Routes<W, R>,
    ) -> Result<(), ServiceError> {
        if self.allow_remote_demo_credential || !caller.is_demo() {
            return Ok(());
        }
        if !is_loopback(connection.listener) {
            return Err(refused(
                "it is accepted only while the server listens on a loopback address",
            ));
        }
        check_direct(request.headers()).map_err(refused)?;
        let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
        let authority = request.uri().authority().map(Authority::as_str);
        let is_known = |host: &str| is_local(host) || routes.is_host_of_aws(host);
        if host.is_some_and(is_known) && authority.is_none_or(is_known) {
            return Ok(());
        }
        Err(refused("Host must be localhost, a loopback address or the host of an AWS endpoint"))
    }
}

fn refused(why: &str) -> ServiceError {
    let message = format!(
        "The demo credential is public: {why}. Use another credential, or start the server with \
         --allow-remote-demo-key (Config::allow_remote_demo_credential)."
    );
    common("AccessDeniedException", 403, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Config;
    use crate::engine::server::exchange;
    use crate::testing::{Answer, Bench, at_once, sign};

    /// Sends a signed request for a host to a server that listens on an address.
    fn ask(bench: &Bench, listener: &str, target: &str, host: &str) -> Answer {
        ask_with(bench, listener, target, &[("host", host)])
    }

    fn ask_with(bench: &Bench, listener: &str, target: &str, headers: &[(&str, &str)]) -> Answer {
        let request = headers.iter().fold(Request::get(target), |it, (k, v)| it.header(*k, *v));
        let mut request = request.body(Bytes::new()).unwrap();
        sign(&mut request, &bench.caller, bench.clock.now());
        let peer = "127.0.0.1".parse().unwrap();
        let listener = listener.parse().unwrap();
        let connection = Connection { peer, listener, service: None, is_reserved: false };
        Answer(at_once(exchange::handle(bench.chime.engine(), connection, &request)).unwrap())
    }

    fn own_credential() -> Bench {
        let credential = Credential { secret_access_key: "own".into(), ..Credential::default() };
        Bench::new(Config { credentials: vec![credential], ..Config::default() })
    }

    #[test]
    fn the_demo_credential_is_accepted_from_this_machine_only() {
        let bench = Bench::sample();
        for host in [
            "localhost:8080",
            "chime.localhost",
            "127.0.0.1:8080",
            "[::1]:80",
            "chime.us-east-1.amazonaws.com",
            "service.chime.aws.amazon.com",
        ] {
            assert_eq!(ask(&bench, "127.0.0.1", "/accounts", host).status(), 200, "{host}");
            assert_eq!(ask(&bench, "::1", "/accounts", host).status(), 200, "{host}");
        }
        for host in ["rebound.example", "chime.rebound.example", "192.0.2.1", "0.0.0.0:80", ""] {
            let answer = ask(&bench, "127.0.0.1", "/accounts", host);
            assert_eq!((answer.status(), answer.exception()), (403, "AccessDeniedException"));
            let message = answer.json()["Message"].as_str().unwrap().to_owned();
            assert!(message.contains("Host must be localhost"), "{host}: {message}");
        }
        let elsewhere = ask(&bench, "127.0.0.1", "http://rebound.example/accounts", "localhost");
        assert_eq!(elsewhere.status(), 403);
        for listener in ["0.0.0.0", "::", "192.0.2.1"] {
            let answer = ask(&bench, listener, "/accounts", "localhost");
            assert_eq!((answer.status(), answer.exception()), (403, "AccessDeniedException"));
        }
    }

    #[test]
    fn the_demo_credential_is_refused_behind_a_proxy() {
        let ask = |bench: &Bench, header: &str| {
            ask_with(bench, "127.0.0.1", "/accounts", &[("host", "localhost"), (header, "x")])
        };
        for header in ["forwarded", "via", "x-real-ip", "x-forwarded-for", "x-forwarded-proto"] {
            let answer = ask(&Bench::sample(), header);
            assert_eq!((answer.status(), answer.exception()), (403, "AccessDeniedException"));
            let message = answer.json()["Message"].as_str().unwrap().to_owned();
            assert!(message.contains("a proxy forwarded this request"), "{header}: {message}");
            assert_eq!(ask(&own_credential(), header).status(), 200, "{header}");
        }
        assert_eq!(ask(&Bench::sample(), "x-forward").status(), 200);
    }

    #[test]
    fn another_credential_is_accepted_from_everywhere() {
        let bench = own_credential();
        for listener in ["127.0.0.1", "0.0.0.0"] {
            assert_eq!(ask(&bench, listener, "/accounts", "chime.example").status(), 200);
        }
    }

    #[test]
    fn the_demo_credential_is_accepted_from_everywhere_if_configured() {
        let bench = Bench::new(Config { allow_remote_demo_credential: true, ..Config::default() });
        for listener in ["127.0.0.1", "0.0.0.0"] {
            assert_eq!(ask(&bench, listener, "/accounts", "chime.example").status(), 200);
        }
    }

    #[test]
    fn an_in_process_call_may_have_any_host() {
        let bench = Bench::sample();
        let mut request = Request::get("/accounts").header("host", "x").body(Bytes::new()).unwrap();
        sign(&mut request, &bench.caller, bench.clock.now());
        assert_eq!(bench.handle(&request).status(), 200);
    }
}
