//! The public API of a local Chime.

use std::fmt;
use std::io;
use std::net::ToSocketAddrs;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use chime_model::SensitiveString;
use chime_model::Service;
use http::{Request, Response};
use tokio::net::TcpListener;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::engine::core::Engine;
use crate::engine::routing;
#[cfg(test)]
use crate::engine::store::{State, Store};
use crate::engine::world::ActionError;
use crate::family::{APIS, Family};
use crate::meetings::presence::{AttendeeAction, Joining};
use crate::pipelines::control::{About, PipelineAction, PoolAction};
use crate::{
    Clock, Config, Cut, Delivered, Faults, InvalidDocument, Listening, LoggedRequest, Seed,
    StoreError,
};

/// How long requests in flight may take after a server was told to stop.
const GRACE: Duration = Duration::from_secs(5);

/// A local emulator of Amazon Chime, Chime SDK meetings and Chime SDK media pipelines.
///
/// Clones share their state. It is a [`tower::Service`] of signed requests and always ready. Errors
/// of the API are responses; the service fails only if [faults](crate::faults) cut the connection.
/// [`serve`](Self::serve) and [`listen`](Self::listen) make it listen on a port.
#[derive(Clone)]
pub struct LocalChime(Engine<Family>);

impl LocalChime {
    /// Creates an emulator with its state in memory. With the default configuration it is empty.
    ///
    /// # Errors
    /// All problems of the configuration: its credentials, seed, faults, control token and the
    /// probabilities among its rules.
    pub fn new(config: Config) -> Result<Self, InvalidDocument> {
        Engine::in_memory(config.into()).map(Self)
    }

    /// Creates an emulator that saves its state in a file.
    ///
    /// A file that does not exist is created with the seed of the configuration. An existing file
    /// is used with its snapshots and its clock mode; of the seed of the configuration, only the
    /// credentials are used until a [`reset`](Self::reset). Changes are on the disk before the
    /// response is sent. Calls that arrive during a write are saved together in the next one; if
    /// that write fails, all of them fail and change nothing. Rules, faults and the last requests
    /// are not saved.
    ///
    /// # Errors
    /// If another Chime has the file open, if the file cannot be read or written or is not a state file
    /// of this version, or if the configuration is invalid. A panic of the database, which a damaged
    /// file can cause, is caught after the panic hook.
    #[cfg(feature = "durable")]
    pub fn open(config: Config, path: impl AsRef<std::path::Path>) -> Result<Self, StoreError> {
        Engine::open(config.into(), path.as_ref()).map(Self)
    }

    /// Whether the state is from a file that existed, so that the seed of the configuration is not used.
    #[cfg(feature = "durable")]
    #[must_use]
    pub fn is_reopened(&self) -> bool {
        self.0.store().is_reopened
    }

    /// Creates an emulator in memory with the organisation of [`sample`](crate::sample).
    #[must_use]
    pub fn sample() -> Self {
        Self(Engine::of_valid(Config::sample().into()))
    }

    /// Creates an emulator over a store that saves changes.
    #[cfg(test)]
    pub(crate) fn durable(
        config: Config,
        open: impl FnOnce(State<Family>) -> Result<Store<Family>, StoreError>,
    ) -> Result<Self, StoreError> {
        Engine::durable(config.into(), open).map(Self)
    }

    #[cfg(test)]
    pub(crate) fn engine(&self) -> &Engine<Family> {
        &self.0
    }

    /// The services, each with the path of its endpoint URL: empty for Amazon Chime, and a name
    /// such as `/chime-sdk-meetings` for the others.
    ///
    /// ```
    /// use chime_local::LocalChime;
    ///
    /// let chime = LocalChime::sample().listen("127.0.0.1:0")?;
    /// for (service, path) in LocalChime::endpoints() {
    ///     println!("{}: {}{path}", service.id, chime.url());
    /// }
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn endpoints() -> impl Iterator<Item = (&'static Service, String)> {
        let path = |i, name: String| if i == 0 { String::new() } else { format!("/{name}") };
        let services = APIS.iter().map(|api| api.service).enumerate();
        services.map(move |(i, service)| (service, path(i, routing::name(service))))
    }

    /// The clock, which can be frozen and moved.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        self.0.clock()
    }

    /// The current fault rules. Their `times` have counted down.
    #[must_use]
    pub fn faults(&self) -> Faults {
        self.0.faults()
    }

    /// Replaces the fault rules.
    ///
    /// # Errors
    /// All invalid members. Then nothing changes.
    pub fn set_faults(&self, faults: Faults) -> Result<(), InvalidDocument> {
        self.0.set_faults(faults)
    }

    /// The last 200 requests, newest first.
    #[must_use]
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.0.requests()
    }

    /// The events after a sequence number; 0 returns all. The last 10,000 are kept, fewer if they have more
    /// than 32 MiB in all. They are not saved to a state file, and a reset or a restored snapshot does not
    /// remove them. Work that is due is done first.
    #[must_use]
    pub fn events(&self, after: u64) -> Vec<Delivered> {
        self.0.events(after)
    }

    /// Receives all events from now on, as [`EventRules`](crate::EventRules) deliver them.
    ///
    /// Work that becomes due is done, and its events are sent, at the next call or, while the emulator
    /// listens, within a second. Events that wait to be reordered are sent when it stops listening or its
    /// last clone is dropped.
    #[must_use]
    pub fn subscribe(&self) -> UnboundedReceiver<Delivered> {
        self.0.subscribe()
    }

    /// Adds state that no operation can create: a [`Seed`], an
    /// [`Organisation`](crate::Organisation) or an [`AwsAccount`](crate::AwsAccount).
    ///
    /// It replaces accounts of the same ids with all their resources, phone numbers, orders and
    /// meetings of the same ids, and users with the same email addresses. A domain belongs to the
    /// organisation that was added last.
    ///
    /// # Errors
    /// All problems of the seed, or the error of the state file if it cannot be written. Then
    /// nothing is added.
    pub fn seed(&self, seed: impl Into<Seed>) -> Result<(), StoreError> {
        self.0.seed(seed.into())
    }

    /// Releases a domain, as an administrator does in the console. Users with an email address in
    /// the domain are suspended, and the account that had claimed it can be deleted once it has no
    /// other domain. Returns whether an account had claimed the domain.
    ///
    /// # Errors
    /// If the state file cannot be written.
    pub fn release_domain(&self, domain: &str) -> Result<bool, StoreError> {
        self.0.change(|state, _| Ok(state.world.chime.release(domain)))
    }

    /// Simulates an action of an attendee of a Chime SDK meeting, such as joining, leaving, sending
    /// video or sharing content. It sends the events of the action. A meeting ends when no attendee
    /// is connected for a while.
    ///
    /// ```
    /// use chime_local::{AttendeeAction, LocalChime, Seed};
    ///
    /// let seed = Seed::parse(r#"{"AwsAccounts": [{"AwsAccountId": "111122223333", "Sdk": [{
    ///     "ControlRegion": "us-east-1",
    ///     "Meetings": [{
    ///         "MeetingId": "3f9c2a71-84d5-4e0b-9c36-7a1e5b082713",
    ///         "ExternalMeetingId": "standup",
    ///         "Attendees": [{
    ///             "AttendeeId": "5b0e7d92-c3f1-a846-2d75-9e14b6f8a037",
    ///             "ExternalUserId": "ana"
    ///         }]
    ///     }]
    /// }]}]}"#)?;
    /// let chime = LocalChime::sample();
    /// chime.seed(seed)?;
    /// chime.act_as_attendee(
    ///     "3f9c2a71-84d5-4e0b-9c36-7a1e5b082713",
    ///     "5b0e7d92-c3f1-a846-2d75-9e14b6f8a037",
    ///     AttendeeAction::Join,
    /// )?;
    /// let joined = chime.events(0).pop().expect("an event");
    /// assert_eq!(joined.body.detail_type.as_str(), "Chime Meeting State Change");
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If the meeting or the attendee does not exist, if the action is not possible in the current
    /// state, or if the state file cannot be written. Then nothing changes.
    pub fn act_as_attendee(
        &self,
        meeting_id: &str,
        attendee_id: &str,
        action: AttendeeAction,
    ) -> Result<(), ActionError> {
        let (meeting, attendee) = (meeting_id.into(), attendee_id.into());
        self.0.act(|family, at, rules| {
            family.meetings(rules, at).act_as(&meeting, &attendee, action, Joining::default())
        })
    }

    /// Simulates something that happens to a media pipeline: it fails, or one of its streams starts
    /// or ends. `about` is the id of the attendee whose stream starts or ends, `None` for the mixed
    /// audio. If the pipeline fails, `about` is the reason, which only the event of an insights pipeline
    /// has.
    ///
    /// # Errors
    /// If the pipeline does not exist, if the action is not possible in the current state, or if
    /// the state file cannot be written. Then nothing changes.
    pub fn act_on_pipeline(
        &self,
        media_pipeline_id: &str,
        action: PipelineAction,
        about: Option<&str>,
    ) -> Result<(), ActionError> {
        let about = about.map(str::to_owned);
        let about = About { message: about.clone(), attendee_id: about };
        self.0.act(|family, at, rules| {
            family.pipelines(rules, at).act_as(media_pipeline_id, action, about)
        })
    }

    /// Simulates a failure of a pool of Kinesis video streams, given by its name or ARN.
    ///
    /// # Errors
    /// If the pool does not exist, has failed already or is being deleted, or if the state file
    /// cannot be written. Then nothing changes.
    pub fn act_on_pool(&self, pool: &str, action: PoolAction) -> Result<(), ActionError> {
        self.0.act(|family, at, rules| family.pipelines(rules, at).act_on_pool_as(pool, action))
    }

    /// The current state as a seed. Credentials are left out, and so is what only a running service
    /// remembers: page tokens, and the client request tokens of rooms, media pipelines and meetings that
    /// have ended.
    #[must_use]
    pub fn export(&self) -> Seed {
        self.0.export()
    }

    /// Restores the state, clock, credentials, faults and delivery of events of the configuration.
    /// Snapshots are kept.
    ///
    /// # Errors
    /// If the state file cannot be written. Then nothing changes.
    pub fn reset(&self) -> Result<(), StoreError> {
        self.0.reset()
    }

    /// The names of the snapshots, in alphabetical order.
    ///
    /// # Errors
    /// If the state file cannot be read.
    pub fn snapshots(&self) -> Result<Vec<String>, StoreError> {
        self.0.store().snapshots()
    }

    /// Saves the current state as a snapshot, in the state file if there is one. A snapshot of the
    /// same name is replaced.
    ///
    /// ```
    /// use chime_local::LocalChime;
    ///
    /// # fn main() -> Result<(), chime_local::StoreError> {
    /// let chime = LocalChime::sample();
    /// chime.take_snapshot("before")?;
    /// // … calls that change things …
    /// chime.restore_snapshot("before")?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// If the state file cannot be written.
    pub fn take_snapshot(&self, name: &str) -> Result<(), StoreError> {
        self.0.take_snapshot(name)
    }

    /// Replaces the current state with that of a snapshot. The clock mode is restored, and so is
    /// the generator of ids: the same calls create the same ids as after the snapshot was taken.
    ///
    /// # Errors
    /// If no snapshot has the name, or if the state file cannot be read or written.
    pub fn restore_snapshot(&self, name: &str) -> Result<(), StoreError> {
        self.0.restore_snapshot(name)
    }

    /// Deletes a snapshot.
    ///
    /// # Errors
    /// If no snapshot has the name, or if the state file cannot be written.
    pub fn remove_snapshot(&self, name: &str) -> Result<(), StoreError> {
        self.0.store().remove_snapshot(name)
    }

    /// The bearer token of the control endpoint: that of the configuration, or a random one, which
    /// the first call of this function or the start of a server generates.
    ///
    /// # Errors
    /// If the operating system cannot provide random bytes.
    pub fn control_token(&self) -> io::Result<&str> {
        self.0.control_token().get().map(SensitiveString::expose)
    }

    /// Serves HTTP/1.1 without TLS until `shutdown` completes. Then requests in flight have five
    /// seconds to finish, all connections are closed, and events that wait to be reordered are sent.
    ///
    /// It also serves the control endpoint below `/_chime/`, for callers on the same machine that
    /// send the [control token](Self::control_token).
    ///
    /// # Errors
    /// If the listener fails permanently, or if the operating system cannot provide random bytes
    /// for the control token. A failed connection or a temporary lack of sockets is not an error.
    pub async fn serve(
        self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()>,
    ) -> io::Result<()> {
        self.0.serve(listener, None, GRACE, shutdown).await
    }

    /// Serves a port as [`serve`](Self::serve) does, but requests that name no service in their
    /// path are for the given service. Clones can serve other ports at the same time.
    ///
    /// # Errors
    /// If the service is not one of [`endpoints`](Self::endpoints), and those of
    /// [`serve`](Self::serve).
    pub async fn serve_only(
        self,
        service: &Service,
        listener: TcpListener,
        shutdown: impl Future<Output = ()>,
    ) -> io::Result<()> {
        self.0.serve(listener, Some(service), GRACE, shutdown).await
    }

    /// Listens in the background until the returned handle is dropped. Port 0 picks a free port.
    ///
    /// The server has its own thread and runtime, so the caller needs no runtime and can block.
    ///
    /// ```
    /// use chime_local::LocalChime;
    ///
    /// let chime = LocalChime::sample().listen("127.0.0.1:0")?;
    /// assert!(chime.url().starts_with("http://127.0.0.1:"));
    /// # Ok::<_, std::io::Error>(())
    /// ```
    ///
    /// # Errors
    /// If it cannot listen on the address, or if the operating system cannot provide a thread or
    /// random bytes.
    pub fn listen(&self, address: impl ToSocketAddrs) -> io::Result<Listening> {
        self.0.listen(address)
    }
}

impl tower::Service<Request<Bytes>> for LocalChime {
    type Response = Response<Bytes>;
    type Error = Cut;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Bytes>, Cut>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Cut>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let engine = self.0.clone();
        Box::pin(async move { engine.handle(&request).await })
    }
}

impl fmt::Debug for LocalChime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalChime").finish_non_exhaustive()
    }
}
