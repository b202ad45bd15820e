//! Finds the service and the operation of a request.
//!
//! The services of a family can share a signing name and routes. So the service is determined by,
//! in this order:
//!
//! 1. the first segment of the path, as in the endpoint URL
//!    `http://127.0.0.1:8080/chime-sdk-meetings`,
//! 2. the port, if it is dedicated to a service,
//! 3. the host.
//!
//! Otherwise it is the first service.
//!
//! Some clients add the path of an operation to an endpoint URL with a trailing slash as it is, so the
//! path of the operation may start with two slashes.

use bytes::Bytes;
use chime_model::{Api, Service};
use chime_wire::{Route, Router};
use http::Request;
use http::header::HOST;
use http::uri::Authority;

use crate::engine::dispatch::HostedService;
use crate::engine::text::{rsplit_once, split_once, start};

/// The domains of service endpoints of AWS. Customers have names below them too.
const AWS_DOMAINS: [&str; 3] = [".amazonaws.com", ".amazonaws.com.cn", ".api.aws"];
/// A domain below which only AWS has names.
const AWS_OWN_DOMAIN: &str = ".aws.amazon.com";

/// The maximum length of a path in a message, in bytes.
const MAX_PATH: usize = 256;

/// The routes of all services.
pub(crate) struct Routes<W, R>(Vec<(Endpoint, Box<dyn HostedService<W, R>>)>);

/// How requests address a service.
struct Endpoint {
    /// The first segment of paths, such as `chime-sdk-meetings`.
    prefix: String,
    /// The first label of the AWS hosts, such as `meetings-chime`.
    label: &'static str,
    router: Router,
}

impl<W, R> Routes<W, R> {
    pub(crate) fn new(services: Vec<Box<dyn HostedService<W, R>>>) -> Self {
        let endpoint = |service: &dyn HostedService<W, R>| Endpoint::new(service.api());
        Self(services.into_iter().map(|service| (endpoint(&*service), service)).collect())
    }

    /// Whether a host, with or without a port, is an AWS endpoint of one of the services.
    pub(crate) fn is_host_of_aws(&self, host: &str) -> bool {
        let host = without_port(host);
        is_below(host, AWS_OWN_DOMAIN)
            || is_of_aws(host) && self.0.iter().any(|(endpoint, _)| endpoint.has_host(host))
    }

    /// The hosted service; `None` if it is not one of these.
    pub(crate) fn service(&self, service: &Service) -> Option<&dyn HostedService<W, R>> {
        Some(&*self.0.get(self.number(service)?)?.1)
    }

    /// The index of a service; `None` if it is not one of these.
    pub(crate) fn number(&self, service: &Service) -> Option<usize> {
        self.0.iter().position(|(_, hosted)| hosted.api().service.id == service.id)
    }

    /// The service and the route of a request; `None` if no operation matches. `own` is the index of
    /// the service that the port is dedicated to, if any.
    pub(crate) fn find<'a>(
        &'a self,
        request: &'a Request<Bytes>,
        own: Option<usize>,
    ) -> Option<(&'a dyn HostedService<W, R>, Route<'a>)> {
        let (i, route) = find(self.0.iter().map(|(endpoint, _)| endpoint), request, own)?;
        Some((&*self.0.get(i)?.1, route))
    }

    /// The message for a request that matches no operation.
    pub(crate) fn unknown(&self, request: &Request<Bytes>) -> String {
        unknown(self.0.iter().map(|(endpoint, _)| endpoint), request)
    }
}

/// Describes a request that matches no operation. Names the endpoint whose path prefix is missing, if that
/// would make the request match.
fn unknown<'a>(
    mut endpoints: impl Iterator<Item = &'a Endpoint> + Clone,
    request: &Request<Bytes>,
) -> String {
    let (method, path) = (request.method(), request.uri().path());
    let services: Vec<&str> = endpoints.clone().map(|endpoint| &*endpoint.prefix).collect();
    let meant = endpoints.find_map(|endpoint| {
        let route = endpoint.route(request, path)?;
        Some(format!("; the endpoint of {} is /{}", route.info.name, endpoint.prefix))
    });
    format!(
        "No operation has the method and path {method} {}{} (services: {})",
        start(path, MAX_PATH),
        meant.unwrap_or_default(),
        services.join(", ")
    )
}

impl Endpoint {
    fn new(api: &'static Api) -> Self {
        Self {
            prefix: name(api.service),
            label: api.service.endpoint_prefix,
            router: Router::new([api]),
        }
    }

    /// The path below the prefix; `None` if the first segment of the path is not the prefix.
    fn without_prefix<'a>(&self, path: &'a str) -> Option<&'a str> {
        let rest = path.strip_prefix('/')?.strip_prefix(&*self.prefix)?;
        (rest.is_empty() || rest.starts_with('/')).then_some(rest)
    }

    /// The route of a request whose path below the endpoint is `path`.
    fn route<'a>(&self, request: &Request<Bytes>, path: &'a str) -> Option<Route<'a>> {
        let path = path.strip_prefix('/').filter(|rest| rest.starts_with('/')).unwrap_or(path);
        self.router.route(request.method(), path, request.uri().query())
    }

    /// Whether a host, without a port, is an AWS endpoint of the service, or the name of the service
    /// below `localhost`.
    fn has_host(&self, host: &str) -> bool {
        let Some((label, rest)) = split_once(host, b'.') else { return false };
        let is = |name: &str| label.eq_ignore_ascii_case(name);
        if rest.eq_ignore_ascii_case("localhost") {
            return is(&self.prefix) || self.prefix.strip_prefix("chime-sdk-").is_some_and(is);
        }
        is(self.label) || label.strip_suffix("-fips").is_some_and(|label| label == self.label)
    }
}

/// Whether a host is the AWS endpoint of one of the SDK services, such as
/// `voice-chime.us-east-1.amazonaws.com`. The first service has hosts of other forms.
fn is_of_another_service(host: &str) -> bool {
    let label = host.split('.').next().unwrap_or_default();
    is_of_aws(host) && (is_below(label, "-chime") || is_below(label, "-chime-fips"))
}

/// Whether a host is in a domain of service endpoints of AWS.
fn is_of_aws(host: &str) -> bool {
    AWS_DOMAINS.iter().any(|domain| is_below(host, domain))
}

/// Whether a name ends with a suffix, ignoring case.
fn is_below(name: &str, end: &str) -> bool {
    let start = name.len().checked_sub(end.len());
    start.and_then(|start| name.get(start..)).is_some_and(|own| own.eq_ignore_ascii_case(end))
}

fn without_port(host: &str) -> &str {
    rsplit_once(host, b':').map_or(host, |(name, _)| name)
}

/// The name of a service in paths and fault rules: its name in the AWS CLI.
pub(crate) fn name(service: &Service) -> String {
    service.id.to_lowercase().replace(' ', "-")
}

fn find<'a>(
    endpoints: impl Iterator<Item = &'a Endpoint> + Clone,
    request: &'a Request<Bytes>,
    own: Option<usize>,
) -> Option<(usize, Route<'a>)> {
    let path = request.uri().path();
    let mut endpoints = endpoints.enumerate();
    let named = endpoints.clone().find_map(|it| Some((it, it.1.without_prefix(path)?)));
    let ((i, endpoint), path) = match (named, own) {
        (Some(named), _) => named,
        (None, Some(own)) => (endpoints.nth(own)?, path),
        (None, None) => (of_host(endpoints, request)?, path),
    };
    Some((i, endpoint.route(request, path)?))
}

/// The service that the host of a request names, or the first one.
fn of_host<'a>(
    mut endpoints: impl Iterator<Item = (usize, &'a Endpoint)> + Clone,
    request: &Request<Bytes>,
) -> Option<(usize, &'a Endpoint)> {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    let authority = request.uri().authority().map(Authority::as_str);
    let host = without_port(authority.or(host).unwrap_or_default());
    let first = endpoints.clone().next();
    let own = endpoints.find(|(_, endpoint)| endpoint.has_host(host));
    own.or_else(|| first.filter(|_| !is_of_another_service(host)))
}

#[cfg(test)]
mod tests {
    use chime_model::{chime, meetings, messaging};

    use super::*;

    fn found(method: &str, target: &str, host: &str) -> Option<(usize, &'static str)> {
        found_at(None, method, target, host)
    }

    fn found_at(
        own: Option<usize>,
        method: &str,
        target: &str,
        host: &str,
    ) -> Option<(usize, &'static str)> {
        let endpoints = [&chime::API, &meetings::API, &messaging::API].map(Endpoint::new);
        let request = Request::builder().method(method).uri(target);
        let request = request.header(HOST, host).body(Bytes::new()).unwrap();
        find(endpoints.iter(), &request, own).map(|(i, route)| (i, route.info.name))
    }

    #[test]
    fn the_service_is_found_by_prefix_or_host_and_defaults_to_the_first() {
        let list = |service: usize| Some((service, "ListTagsForResource"));
        for (target, host, service) in [
            ("/chime-sdk-meetings/tags?arn=a", "127.0.0.1:80", list(1)),
            ("/chime-sdk-messaging/tags?arn=a", "127.0.0.1:80", list(2)),
            // The prefix takes precedence over the host.
            ("/chime-sdk-messaging/tags?arn=a", "meetings.localhost", list(2)),
            ("/tags?arn=a", "meetings.localhost:8080", list(1)),
            ("/tags?arn=a", "Chime-SDK-Messaging.localhost", list(2)),
            ("/tags?arn=a", "messaging-chime.us-east-1.amazonaws.com", list(2)),
            ("/tags?arn=a", "meetings-chime-fips.us-east-1.api.aws", list(1)),
            ("https://meetings-chime.eu-central-1.amazonaws.com/tags?arn=a", "other", list(1)),
            ("/tags?arn=a", "127.0.0.1", None),
            ("/accounts", "127.0.0.1", Some((0, "ListAccounts"))),
            ("/accounts", "service.chime.aws.amazon.com", Some((0, "ListAccounts"))),
            ("/chime/accounts", "meetings.localhost", Some((0, "ListAccounts"))),
            ("/chime/console/accounts", "x", Some((0, "ListAccounts"))),
            // An endpoint URL with a trailing slash.
            ("/chime-sdk-meetings//tags?arn=a", "127.0.0.1", list(1)),
            ("//tags?arn=a", "meetings.localhost", list(1)),
            ("//accounts", "127.0.0.1", Some((0, "ListAccounts"))),
            ("///accounts", "127.0.0.1", None),
            ("/accounts", "meetings.localhost", None),
            ("/accounts", "voice-chime.us-east-1.amazonaws.com", None),
            ("/accounts", "identity-chime-fips.us-east-1.api.aws:443", None),
            ("/accounts", "service.us-east-1.amazonaws.com", Some((0, "ListAccounts"))),
            ("/chime-sdk-meetings", "x", None),
            ("/chime-sdk-meetings/accounts", "x", None),
            ("/chime-sdk-meetings%2Ftags", "x", None),
        ] {
            assert_eq!(found("GET", target, host), service, "{target} {host}");
        }
    }

    #[test]
    fn a_dedicated_port_selects_the_service_unless_the_path_names_one() {
        let list = |service: usize| Some((service, "ListTagsForResource"));
        assert_eq!(found_at(Some(2), "GET", "/tags?arn=a", "127.0.0.1"), list(2));
        assert_eq!(found_at(Some(2), "GET", "//tags?arn=a", "127.0.0.1"), list(2));
        assert_eq!(found_at(Some(2), "GET", "/tags?arn=a", "meetings.localhost"), list(2));
        assert_eq!(found_at(Some(2), "GET", "/chime-sdk-meetings/tags?arn=a", "x"), list(1));
        assert_eq!(found_at(Some(2), "GET", "/accounts", "x"), None);
    }

    #[test]
    fn a_missing_prefix_is_named() {
        let message = |target: &str| {
            let endpoints = [&chime::API, &meetings::API].map(Endpoint::new);
            let request = Request::post(target).body(Bytes::new()).unwrap();
            unknown(endpoints.iter(), &request)
        };
        let unknown = "No operation has the method and path POST";
        let meant = "; the endpoint of CreateMeeting is /chime-sdk-meetings";
        let services = " (services: chime, chime-sdk-meetings)";
        assert_eq!(message("/meetings"), format!("{unknown} /meetings{meant}{services}"));
        assert_eq!(message("//meetings"), format!("{unknown} //meetings{meant}{services}"));
        assert_eq!(message("/nothing"), format!("{unknown} /nothing{services}"));
        let long = message(&format!("/{}", "x".repeat(500)));
        assert!(long.contains(&format!("/{}{services}", "x".repeat(MAX_PATH - 1))), "{long}");
    }

    #[test]
    fn a_shared_route_leads_to_the_named_service() {
        let tag = "/chime-sdk-meetings/tags?operation=tag-resource";
        assert_eq!(found("POST", tag, "x"), Some((1, "TagResource")));
        assert_eq!(found("GET", "/chime/meetings/a", "meetings.localhost"), None);
    }
}
