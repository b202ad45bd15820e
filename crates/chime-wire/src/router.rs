//! Finds the operation of a request.

use std::borrow::Cow;
use std::fmt;

use chime_model::{Api, MemberInfo, OperationInfo, Place};
use http::Method;
use memchr::memchr;

use crate::text::{decode_segment, query_pairs};

/// The routes of one or several services.
#[derive(Debug)]
pub struct Router {
    /// The routes by number of segments.
    routes: Vec<Vec<RoutePattern>>,
    /// The query parameters that select between operations on the same path, such as `operation`.
    selectors: Vec<&'static str>,
}

#[derive(Debug)]
struct RoutePattern {
    info: &'static OperationInfo,
    segments: Vec<Segment>,
}

#[derive(Debug)]
enum Segment {
    Literal(&'static str),
    Label(&'static MemberInfo),
}

/// The name and the value of a query parameter.
type Pair<'a> = (Cow<'a, str>, Option<Cow<'a, str>>);

/// A member of the path, the query or the headers, with its decoded text.
pub(crate) type Parameter<'a> = (&'static MemberInfo, Cow<'a, str>);

/// The operation of a request, with the labels of its path. `Debug` shows only the name of the operation,
/// because labels can be sensitive.
pub struct Route<'a> {
    /// The description of the operation.
    pub info: &'static OperationInfo,
    pub(crate) labels: Vec<Parameter<'a>>,
}

impl fmt::Debug for Route<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Route").field("operation", &self.info.name).finish_non_exhaustive()
    }
}

impl Router {
    /// Creates a router for all operations of these APIs.
    pub fn new(apis: impl IntoIterator<Item = &'static Api>) -> Self {
        let mut routes: Vec<Vec<RoutePattern>> = Vec::new();
        let mut selectors = Vec::new();
        for info in apis.into_iter().flat_map(|api| api.operations) {
            let route = RoutePattern::new(info);
            let length = route.segments.len();
            routes.resize_with(routes.len().max(length + 1), Vec::new);
            routes[length].push(route);
            selectors.extend(info.query.iter().map(|(name, _)| *name));
        }
        selectors.sort_unstable();
        selectors.dedup();
        Self { routes, selectors }
    }

    /// Finds the operation for a method, path and query.
    ///
    /// The path is split before it is decoded, so an encoded slash stays inside its segment. A
    /// leading `/console`, which old endpoints had, is ignored. Returns `None` if no operation
    /// matches, or if a query parameter that selects an operation has an unknown value.
    #[must_use]
    pub fn route<'a>(
        &self,
        method: &Method,
        path: &'a str,
        query: Option<&str>,
    ) -> Option<Route<'a>> {
        let path = match path.strip_prefix("/console") {
            Some(rest) if rest.starts_with('/') => rest,
            _ => path,
        };
        let mut segments = Vec::with_capacity(self.routes.len());
        // Takes a fraction of the time of `str::split`.
        let mut rest = path.strip_prefix('/')?;
        while let Some(slash) = memchr(b'/', rest.as_bytes()) {
            segments.push(rest.get(..slash)?);
            rest = rest.get(slash + 1..)?;
        }
        segments.push(rest);
        let selected: Vec<Pair<'_>> = query_pairs(query.unwrap_or_default())
            .filter(|(name, _)| self.selectors.contains(&name.as_ref()))
            .collect();
        let chosen =
            self.routes.get(segments.len())?.iter().find(|route| {
                route.accepts(method, &segments) && route.is_selected_by(&selected)
            })?;
        Some(Route { info: chosen.info, labels: chosen.labels(&segments)? })
    }
}

impl RoutePattern {
    fn new(info: &'static OperationInfo) -> Self {
        let label = |segment: &str| {
            let name = segment.strip_prefix('{')?.strip_suffix('}')?;
            info.input
                .members
                .iter()
                .find(|member| matches!(member.place, Place::Label(label) if label == name))
        };
        let segments = info.path.split('/').skip(1).map(|segment| match label(segment) {
            Some(member) => Segment::Label(member),
            None => Segment::Literal(segment),
        });
        Self { info, segments: segments.collect() }
    }

    /// Whether the method and the path match. `path` must have the same number of segments.
    fn accepts(&self, method: &Method, path: &[&str]) -> bool {
        let fits = |(expected, segment): (&Segment, &&str)| match expected {
            Segment::Literal(literal) => literal == segment,
            Segment::Label(_) => true,
        };
        self.info.method.as_str() == method.as_str() && self.segments.iter().zip(path).all(fits)
    }

    /// Whether the query has the selecting parameters of this operation, and no others.
    fn is_selected_by(&self, selected: &[Pair<'_>]) -> bool {
        let fits = |(name, value): &Pair<'_>, (own_name, own_value): &(&str, &str)| {
            name == own_name && value.as_deref() == Some(*own_value)
        };
        // A parameter that selects other operations can be a member of this one.
        let is_member = |(name, _): &Pair<'_>| {
            let is_it =
                |member: &MemberInfo| matches!(member.place, Place::Query(own) if own == name);
            self.info.input.members.iter().any(is_it)
        };
        let own = self.info.query;
        own.iter().all(|own| selected.iter().any(|pair| fits(pair, own)))
            && selected.iter().all(|pair| own.iter().any(|own| fits(pair, own)) || is_member(pair))
    }

    fn labels<'a>(&self, path: &[&'a str]) -> Option<Vec<Parameter<'a>>> {
        let mut labels = Vec::with_capacity(self.segments.len() / 2);
        for (expected, segment) in self.segments.iter().zip(path) {
            if let Segment::Label(member) = expected {
                labels.push((*member, decode_segment(segment)?));
            }
        }
        Some(labels)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chime_model::chime::{API, ListAccountsRequest};
    use chime_model::{Operation as _, Shape, Structure, TextShape};

    fn route<'a>(method: &str, target: &'a str) -> Option<Route<'a>> {
        let (path, query) = target.split_once('?').map_or((target, None), |(p, q)| (p, Some(q)));
        Router::new([&API]).route(&method.parse().unwrap(), path, query)
    }

    fn name(method: &str, uri: &str) -> Option<&'static str> {
        route(method, uri).map(|route| route.info.name)
    }

    #[test]
    fn operations_on_one_path_are_selected_by_method_and_query() {
        let users = "/accounts/a/users";
        assert_eq!(name("POST", users), Some("BatchUpdateUser"));
        assert_eq!(name("POST", &format!("{users}?operation=add")), Some("InviteUsers"));
        assert_eq!(name("POST", &format!("{users}?x=1&operation=create")), Some("CreateUser"));
        assert_eq!(name("POST", &format!("{users}?operation=destroy")), None);
        assert_eq!(name("GET", users), Some("ListUsers"));
        assert_eq!(name("PATCH", users), None);
        assert_eq!(name("POST", "/phone-numbers"), None);
        assert_eq!(name("GET", "/search?type=phone-numbers"), Some("SearchAvailablePhoneNumbers"));
        assert_eq!(name("GET", "/search"), None);
    }

    #[test]
    fn an_unknown_selecting_value_has_no_route() {
        for (method, path) in
            [("POST", "/accounts"), ("DELETE", "/accounts/a"), ("POST", "/accounts/a/users")]
        {
            assert!(name(method, &format!("{path}?other=x")).is_some());
            for query in ["operation=bogus", "oper%61tion=bogus", "operation=%FF", "operation"] {
                assert_eq!(name(method, &format!("{path}?{query}")), None, "{path}?{query}");
            }
        }
        let both = "/accounts/a/users?operation=add&operation=create";
        assert_eq!(name("POST", both), None);
        assert_eq!(name("GET", "/accounts?type=phone-numbers"), None);
    }

    #[test]
    fn a_selecting_parameter_may_be_a_member_elsewhere() {
        static ANY: Shape = Shape::Text(TextShape::ANY);
        static OWN: OperationInfo = OperationInfo {
            input: &Structure {
                name: "OwnRequest",
                members: &[MemberInfo::query("Type", "type", &ANY, "A member.")],
            },
            paging: None,
            batch: None,
            ..*ListAccountsRequest::INFO
        };
        let selected = [("type".into(), Some("any".into()))];
        assert!(RoutePattern::new(&OWN).is_selected_by(&selected));
        assert!(!RoutePattern::new(ListAccountsRequest::INFO).is_selected_by(&selected));
    }

    #[test]
    fn the_prefix_of_old_endpoints_is_ignored() {
        assert_eq!(name("GET", "/console/accounts"), Some("ListAccounts"));
        assert_eq!(name("GET", "/consoles"), None);
    }

    #[test]
    fn a_path_starts_with_a_slash() {
        for path in ["accounts", "xaccounts", "", "*"] {
            assert_eq!(name("GET", path), None, "{path}");
        }
    }

    #[test]
    fn an_encoded_slash_stays_inside_its_segment() {
        let route = route("GET", "/accounts/a%2Fb%20c").unwrap();
        assert_eq!(route.info.name, "GetAccount");
        assert_eq!(route.labels[0].1, "a/b c");
        assert_eq!(name("GET", "/accounts/a/b"), None);
    }

    #[test]
    fn debug_shows_no_labels() {
        let route = route("GET", "/phone-numbers/%2B12065550199").unwrap();
        assert_eq!(route.labels[0].1, "+12065550199");
        assert_eq!(format!("{route:?}"), r#"Route { operation: "GetPhoneNumber", .. }"#);
    }

    #[test]
    fn invalid_encoding_has_no_route() {
        assert_eq!(name("GET", "/accounts/%FF"), None);
    }
}
