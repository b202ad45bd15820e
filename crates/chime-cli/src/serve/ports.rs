//! The ports that `chime serve` listens on: one for all services, and those that services have for
//! themselves.

use std::io;
use std::net::SocketAddr;

use chime_client::model::Service;
use chime_local::LocalChime;
use clap::ArgMatches;
use tokio::net::TcpListener;

use super::{DEFAULT_ADDRESS, LISTEN};
use crate::failure::Failure;
use crate::services::SERVICES;

/// The listeners of a server.
pub(super) struct Ports {
    pub(super) all: TcpListener,
    pub(super) own: Vec<(&'static Service, TcpListener)>,
}

impl Ports {
    /// Listens as the flags say. Of several addresses without a service the last one counts.
    ///
    /// # Errors
    /// Returns an error if an address is invalid or taken, or if a service is not served.
    pub(super) async fn bind(given: &ArgMatches) -> Result<Self, Failure> {
        let mut place = DEFAULT_ADDRESS;
        let mut own = Vec::new();
        for value in given.get_many::<String>(LISTEN).into_iter().flatten() {
            match value.split_once('=') {
                None => place = value,
                Some((service, place)) => own.push((named(service)?, bind(place).await?)),
            }
        }
        Ok(Self { all: bind(place).await?, own })
    }

    /// The address of the port that a service has for itself.
    pub(super) fn of(&self, service: &Service) -> Option<SocketAddr> {
        let port = self.own.iter().find(|(own, _)| own.id == service.id);
        port.and_then(|(_, listener)| listener.local_addr().ok())
    }
}

/// The service of a name, which may lack the `chime-sdk-`.
fn named(service: &str) -> Result<&'static Service, Failure> {
    let served = |id| LocalChime::endpoints().any(|(served, _)| served.id == id);
    let known = SERVICES.iter().filter(|(_, _, api)| served(api.service.id));
    let found = known.clone().find(|(name, aws_name, _)| [*name, *aws_name].contains(&service));
    found.map(|(_, _, api)| api.service).ok_or_else(|| {
        let names: Vec<_> = known.map(|(name, ..)| *name).collect();
        let reason = format!("unknown service '{service}'; there are {}", names.join(", "));
        Failure::flag(LISTEN, reason)
    })
}

async fn bind(place: &str) -> Result<TcpListener, Failure> {
    TcpListener::bind(place).await.map_err(|error| match error.kind() {
        io::ErrorKind::InvalidInput => {
            Failure::flag(LISTEN, format!("{error}; write an address such as {DEFAULT_ADDRESS}"))
        }
        io::ErrorKind::AddrInUse => Failure::Io(
            format!("cannot listen on {place} (--listen 127.0.0.1:0 picks a free port)"),
            error,
        ),
        _ => Failure::Io(format!("cannot listen on {place}"), error),
    })
}
