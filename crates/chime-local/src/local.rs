//! The local Chime as its users see it.

use std::fmt;
use std::io;
use std::net::ToSocketAddrs;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use chime_model::SensitiveString;
use chime_model::Service;
use http::{Request, Response};
use tokio::net::TcpListener;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::engine::core::Engine;
use crate::engine::dispatch::Moment;
use crate::engine::routing;
#[cfg(test)]
use crate::engine::store::{State, Store};
use crate::engine::world::ActionError;
use crate::family::{APIS, Family};
use crate::meetings::presence::{AttendeeAction, Joining};
use crate::pipelines;
use crate::pipelines::control::{About, PipelineAction, PoolAction};
use crate::{
    Answered, Clock, Config, Cut, Delivered, Faults, InvalidDocument, Listening, Seed, StoreError,
};

/// An Amazon Chime of your own.
///
/// Clones share their state. It is a [`tower::Service`] of signed requests and always ready. Errors
/// of the API are responses; it fails only where its [faults](crate::faults) cut the connection. See
/// [`serve`](Self::serve) and [`listen`](Self::listen) for one that listens on a port.
#[derive(Clone)]
pub struct LocalChime(Engine<Family>);

impl LocalChime {
    /// Sets up a Chime. With the default configuration it is empty.
    ///
    /// # Errors
    /// All that is wrong with the credentials, the seed and the faults.
    pub fn new(config: Config) -> Result<Self, InvalidDocument> {
        Engine::in_memory(config.into()).map(Self)
    }

    /// Sets up a Chime whose state is saved in a file, and survives the process.
    ///
    /// A file that does not exist is created, and starts with the seed of the configuration. One
    /// that exists is used as it is, snapshots and the mode of the clock included; then of the seed
    /// only the credentials count, until a [`reset`](Self::reset). Whatever a response says is on the
    /// disk before it is sent. Calls that come while the disk writes are saved together; if that fails,
    /// all of them fail and change nothing. Rules, faults and the last requests belong to the process
    /// and are not saved.
    ///
    /// # Errors
    /// If another Chime has the file open, if it cannot be read or written, or is not a state file
    /// of this version; or if something is wrong with the configuration.
    #[cfg(feature = "durable")]
    pub fn open(config: Config, path: impl AsRef<std::path::Path>) -> Result<Self, StoreError> {
        Engine::open(config.into(), path.as_ref()).map(Self)
    }

    /// A Chime with the organisation of [`sample`](crate::sample) in it.
    #[must_use]
    pub fn sample() -> Self {
        Self(Engine::of_valid(Config::sample().into()))
    }

    /// A Chime over a store that saves what changes.
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

    /// The services, each with the path of its endpoint: empty for Amazon Chime, and for the others
    /// such as `/chime-sdk-meetings`.
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

    /// Its clock, to move its time.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        self.0.clock()
    }

    /// The fault rules in force, with how often each still strikes.
    #[must_use]
    pub fn faults(&self) -> Faults {
        self.0.faults()
    }

    /// Replaces the fault rules.
    ///
    /// # Errors
    /// All invalid members; then nothing changes.
    pub fn set_faults(&self, faults: Faults) -> Result<(), InvalidDocument> {
        self.0.set_faults(faults)
    }

    /// The last 200 requests, the newest first.
    #[must_use]
    pub fn requests(&self) -> Vec<Answered> {
        self.0.requests()
    }

    /// The events after a sequence number, of which the last 10,000 are kept. With 0, all of them.
    ///
    /// What is due is done first. Events belong to the process: they are not saved, and neither a
    /// reset nor a snapshot changes them.
    #[must_use]
    pub fn events(&self, after: u64) -> Vec<Delivered> {
        self.0.events(after)
    }

    /// Receives all events from now on, as [`EventRules`](crate::EventRules) deliver them.
    ///
    /// What becomes due is done, and its events are sent, with the next call or, while the Chime
    /// listens, within a second.
    #[must_use]
    pub fn subscribe(&self) -> UnboundedReceiver<Delivered> {
        self.0.subscribe()
    }

    /// Adds what no operation can make: a [`Seed`], an [`Organisation`](crate::Organisation) or an
    /// [`AwsAccount`](crate::AwsAccount).
    ///
    /// It replaces accounts, phone numbers, orders and meetings of the same ids, accounts with all
    /// that they had, and users with the same addresses. A domain belongs to the
    /// organisation that was added last.
    ///
    /// # Errors
    /// All that is wrong with it, or if there is a file and it cannot be written; then nothing is
    /// added.
    pub fn seed(&self, seed: impl Into<Seed>) -> Result<(), StoreError> {
        self.0.seed(seed.into())
    }

    /// Releases a domain, as an administrator does in the console: the users with an address in it
    /// are suspended, and the account that had it can be deleted once it has no other. Returns
    /// whether anyone had claimed it.
    ///
    /// # Errors
    /// If there is a file and it cannot be written.
    pub fn release_domain(&self, domain: &str) -> Result<bool, StoreError> {
        self.0.change(|state, _| Ok(state.world.chime.release(domain)))
    }

    /// Lets an attendee of a meeting of the Chime SDK do what no operation can cause: join, leave,
    /// send video, share content. Events tell of it, and a meeting with nobody connected ends.
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
    /// If the meeting or the attendee does not exist, if the attendee cannot do that now, or if
    /// there is a file and it cannot be written; then nothing changes.
    pub fn act_as_attendee(
        &self,
        meeting_id: &str,
        attendee_id: &str,
        action: AttendeeAction,
    ) -> Result<(), ActionError> {
        let (meeting, attendee) = (meeting_id.into(), attendee_id.into());
        self.act(|service| {
            service.meetings.act_as(&meeting, &attendee, action, Joining::default())?;
            service.follow();
            Ok(())
        })
    }

    /// Lets something happen to a media pipeline that no operation can cause: it fails, or a stream
    /// starts or ends. An attendee says whose stream; without one it is that of mixed audio.
    ///
    /// # Errors
    /// If the pipeline does not exist, if that cannot happen to it now, or if there is a file and it
    /// cannot be written; then nothing changes.
    pub fn act_on_pipeline(
        &self,
        media_pipeline_id: &str,
        action: PipelineAction,
        attendee_id: Option<&str>,
    ) -> Result<(), ActionError> {
        let about = About { attendee_id: attendee_id.map(str::to_owned), ..About::default() };
        self.act(|service| service.act_as(media_pipeline_id, action, about))
    }

    /// Lets a pool of Kinesis video streams fail, by its name or its ARN.
    ///
    /// # Errors
    /// If the pool does not exist, if it has failed or is being deleted, or if there is a file and it
    /// cannot be written; then nothing changes.
    pub fn act_on_pool(&self, pool: &str, action: PoolAction) -> Result<(), ActionError> {
        self.act(|service| service.act_on_pool_as(pool, action))
    }

    /// Performs an action on media pipelines and their meetings.
    fn act(
        &self,
        act: impl FnOnce(&mut pipelines::Service<'_>) -> Result<(), ActionError>,
    ) -> Result<(), ActionError> {
        self.0.act(|family, Moment { now, ids, events }, rules| {
            act(&mut family.pipelines(rules, Moment { now: *now, ids, events }))
        })
    }

    /// The present state as a seed. What it makes is the same, without what only a server remembers:
    /// page tokens and idempotency tokens. Credentials are left out.
    #[must_use]
    pub fn export(&self) -> Seed {
        self.0.export()
    }

    /// Starts once more with what the configuration says: state, clock, credentials and faults.
    /// Snapshots stay.
    ///
    /// # Errors
    /// If there is a file and it cannot be written; then nothing changes.
    pub fn reset(&self) -> Result<(), StoreError> {
        self.0.reset()
    }

    /// The names of the snapshots, in order.
    ///
    /// # Errors
    /// If there is a file and it cannot be read.
    pub fn snapshots(&self) -> Result<Vec<String>, StoreError> {
        self.0.store().snapshots()
    }

    /// Saves the present state under a name, beside the state itself: with a state file it is in
    /// the file too. A snapshot of the same name is replaced.
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
    /// If there is a file and it cannot be written.
    pub fn take_snapshot(&self, name: &str) -> Result<(), StoreError> {
        self.0.take_snapshot(name)
    }

    /// Replaces the present state with that of a snapshot. The clock goes as it did then, and what is
    /// created afterwards gets the ids that it got after the snapshot was taken.
    ///
    /// # Errors
    /// If no snapshot has the name, or if there is a file and it cannot be read or written.
    pub fn restore_snapshot(&self, name: &str) -> Result<(), StoreError> {
        self.0.restore_snapshot(name)
    }

    /// Deletes a snapshot.
    ///
    /// # Errors
    /// If no snapshot has the name, or if there is a file and it cannot be written.
    pub fn remove_snapshot(&self, name: &str) -> Result<(), StoreError> {
        self.0.store().remove_snapshot(name)
    }

    /// The token that requests to the control endpoint carry: that of the configuration, or one that is
    /// made at random the first time.
    ///
    /// # Errors
    /// If the system has no random bytes to give.
    pub fn control_token(&self) -> io::Result<&str> {
        self.0.control_token().get().map(SensitiveString::expose)
    }

    /// Serves HTTP/1.1 on a port until `shutdown` completes. Then requests under way have five seconds
    /// to finish, and all connections are closed. There is no TLS.
    ///
    /// For callers on the same machine that carry the [control token](Self::control_token) it also
    /// serves the control endpoint below `/_chime/`.
    ///
    /// # Errors
    /// If the listener fails for good, or if there are no random bytes for the control token. That a single connection fails, or that the system is out of
    /// sockets for a while, is no error.
    pub async fn serve(
        self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()>,
    ) -> io::Result<()> {
        self.0.serve(listener, None, shutdown).await
    }

    /// Does the same on a port that one service has for itself: it answers requests that name no service
    /// in their path. Clones can serve other ports at the same time.
    ///
    /// # Errors
    /// If the service is not one of [`endpoints`](Self::endpoints), and as [`serve`](Self::serve).
    pub async fn serve_only(
        self,
        service: &Service,
        listener: TcpListener,
        shutdown: impl Future<Output = ()>,
    ) -> io::Result<()> {
        self.0.serve(listener, Some(service), shutdown).await
    }

    /// Listens in the background until what it returns is dropped. Port 0 picks a free port.
    ///
    /// It has a thread of its own, so that a test may block while it calls, and needs no runtime.
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
    /// If it cannot listen there, or the system has no thread or no random bytes to give.
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
        Box::pin(async move { engine.answer(&request).await })
    }
}

impl fmt::Debug for LocalChime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalChime").finish_non_exhaustive()
    }
}
