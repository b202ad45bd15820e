//! Finds the operation that a request asks for.

use chime_model::{MemberInfo, OperationInfo, Place, Service};
use http::{Method, Uri};

use crate::text::{decode_segment, query_pairs};

/// The routes of one or several services.
#[derive(Debug)]
pub struct Router {
    /// By how many segments they have.
    routes: Vec<Vec<RoutePattern>>,
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

/// An operation that was asked for, with the labels of its path.
#[derive(Debug)]
pub struct Route {
    /// The row of the operation.
    pub info: &'static OperationInfo,
    pub(crate) labels: Vec<(&'static MemberInfo, String)>,
}

impl Router {
    /// The routes of all operations of these services.
    pub fn new(services: impl IntoIterator<Item = &'static Service>) -> Self {
        let mut routes: Vec<Vec<RoutePattern>> = Vec::new();
        for info in services.into_iter().flat_map(Service::operations) {
            let route = RoutePattern::new(info);
            let length = route.segments.len();
            routes.resize_with(routes.len().max(length + 1), Vec::new);
            routes[length].push(route);
        }
        Self { routes }
    }

    /// The operation for this method, path and query.
    ///
    /// The path is split before it is decoded, so that an encoded slash stays inside its segment.
    /// A leading `/console`, which old endpoints had, is dropped.
    #[must_use]
    pub fn route(&self, method: &Method, uri: &Uri) -> Option<Route> {
        let path = uri.path();
        let path = match path.strip_prefix("/console") {
            Some(rest) if rest.starts_with('/') => rest,
            _ => path,
        };
        let path: Vec<&str> = path.split('/').skip(1).collect();
        let candidates: Vec<&RoutePattern> = self
            .routes
            .get(path.len())?
            .iter()
            .filter(|route| route.accepts(method, &path))
            .collect();
        // Operations on one path differ by one parameter: `operation`, say, or its absence.
        let told_apart_by = candidates.iter().find_map(|route| route.info.query.first());
        let asked = told_apart_by.and_then(|(name, _)| {
            let mut pairs = query_pairs(uri.query().unwrap_or_default());
            pairs.find_map(|(key, value)| (key == *name).then_some(value))
        });
        let chosen = candidates
            .into_iter()
            .find(|route| route.info.query.first().map(|(_, value)| *value) == asked.as_deref())?;
        Some(Route { info: chosen.info, labels: chosen.labels(&path)? })
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

    /// Whether it is for that method and for that path, which has as many segments.
    fn accepts(&self, method: &Method, path: &[&str]) -> bool {
        let fits = |(expected, segment): (&Segment, &&str)| match expected {
            Segment::Literal(literal) => literal == segment,
            Segment::Label(_) => true,
        };
        self.info.method.as_str() == method.as_str() && self.segments.iter().zip(path).all(fits)
    }

    fn labels(&self, path: &[&str]) -> Option<Vec<(&'static MemberInfo, String)>> {
        let mut labels = Vec::new();
        for (expected, segment) in self.segments.iter().zip(path) {
            if let Segment::Label(member) = expected {
                labels.push((*member, decode_segment(segment)?.into_owned()));
            }
        }
        Some(labels)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chime_model::chime::CHIME;

    fn route(method: &str, uri: &str) -> Option<Route> {
        Router::new([&CHIME]).route(&method.parse().unwrap(), &uri.parse().unwrap())
    }

    fn name(method: &str, uri: &str) -> Option<&'static str> {
        route(method, uri).map(|route| route.info.name)
    }

    #[test]
    fn one_path_many_operations() {
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
    fn old_endpoints_had_a_prefix() {
        assert_eq!(name("GET", "/console/accounts"), Some("ListAccounts"));
        assert_eq!(name("GET", "/consoles"), None);
    }

    #[test]
    fn a_slash_stays_inside_its_segment() {
        let route = route("GET", "/accounts/a%2Fb%20c").unwrap();
        assert_eq!(route.info.name, "GetAccount");
        assert_eq!(route.labels[0].1, "a/b c");
        assert_eq!(name("GET", "/accounts/a/b"), None);
    }

    #[test]
    fn broken_encoding_has_no_route() {
        assert_eq!(name("GET", "/accounts/%FF"), None);
    }
}
