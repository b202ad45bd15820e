//! The behavior of the server, as data.

use std::time::Duration;

use h2::Reason;

use super::message::Message;

/// What the server does with its connections and requests, in order. Any further connection opens,
/// and any further request succeeds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Script {
    pub(crate) protocol: Protocol,
    /// The maximum number of concurrent streams of an HTTP/2 connection.
    pub(crate) max_streams: Option<u32>,
    pub(crate) connects: Vec<Connect>,
    pub(crate) responses: Vec<Response>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Protocol {
    #[default]
    Http1,
    Http1OverTls,
    /// Over TLS, which the client needs to negotiate HTTP/2.
    Http2,
}

impl Protocol {
    pub(crate) fn is_tls(self) -> bool {
        self != Self::Http1
    }
}

/// How a connection begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Connect {
    Open,
    Refused,
    /// Never opens.
    Silent,
    /// Opens after this time.
    Slow(Duration),
    /// The certificate is for another name. TLS only, like the variants below.
    WrongName,
    /// The certificate is expired.
    ExpiredCertificate,
    /// The client does not trust the issuer of the certificate.
    UnknownIssuer,
    /// The server responds in plain text.
    PlainText,
    /// The server never continues the handshake.
    HandshakeStalls,
}

impl Connect {
    pub(crate) fn needs_tls(self) -> bool {
        use Connect::{ExpiredCertificate, HandshakeStalls, PlainText, UnknownIssuer, WrongName};
        matches!(self, WrongName | ExpiredCertificate | UnknownIssuer | PlainText | HandshakeStalls)
    }

    /// Whether the client gets no connection.
    pub(crate) fn fails(self) -> bool {
        match self {
            Self::Open => false,
            Self::Slow(time) => time > CONNECT_TIMEOUT,
            _ => true,
        }
    }
}

/// The connect timeout of the client.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_millis(3100);

/// What the server does with a request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Response {
    /// Whether the service acts on the request before it responds.
    pub(crate) acts: bool,
    pub(crate) message: Message,
    pub(crate) delivery: Delivery,
}

/// How the response is sent. A share is in 256ths of the response.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Delivery {
    Whole,
    /// Whole, then the connection closes.
    Last,
    /// This share of the response, then the connection, or over HTTP/2 the stream, ends like this.
    Cut(u8, End),
    /// After this time.
    Late(Duration),
    /// In small pieces, with this pause before each.
    Drip(Duration),
    /// `RST_STREAM` with `REFUSED_STREAM`: not processed. HTTP/2 only, like the variants below.
    RefusedStream,
    /// This share of the response, then `RST_STREAM` with this reason.
    ResetStream(u8, Reason),
    /// `GOAWAY` whose last stream is below this one: not processed.
    GoAwayBelow(Reason),
    /// `GOAWAY` that includes this stream, then the whole response.
    GoAwayGraceful,
    /// `GOAWAY` that includes this stream, then the connection closes without a response.
    GoAwayAbrupt(Reason),
    /// Nothing is sent on the connection any more, not even in response to a ping.
    Dead,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The connection closes.
    Closed,
    /// The connection is reset.
    Reset,
    /// Nothing more is sent.
    Silence,
}

impl Delivery {
    /// Whether the client gets the whole response at once.
    pub(crate) fn is_prompt(self) -> bool {
        matches!(self, Self::Whole | Self::Last | Self::GoAwayGraceful)
    }

    /// Whether the client gets the whole response at some time.
    pub(crate) fn is_whole(self) -> bool {
        self.is_prompt() || matches!(self, Self::Late(_) | Self::Drip(_))
    }

    /// Whether the client knows that the request was not processed.
    pub(crate) fn is_unprocessed(self) -> bool {
        matches!(self, Self::RefusedStream | Self::GoAwayBelow(_))
    }

    /// Whether it ends the connection for the other requests on it, or for later ones.
    pub(crate) fn ends_connection(self) -> bool {
        match self {
            Self::Cut(_, end) => end != End::Silence,
            Self::Last
            | Self::GoAwayBelow(_)
            | Self::GoAwayGraceful
            | Self::GoAwayAbrupt(_)
            | Self::Dead => true,
            _ => false,
        }
    }
}

impl Response {
    pub(crate) fn new(message: Message, delivery: Delivery) -> Self {
        let acts = message.is_success() && !delivery.is_unprocessed();
        Self { acts, message, delivery }
    }

    /// Whether the client knows from it that the service did not act.
    pub(crate) fn is_refusal(&self) -> bool {
        self.delivery.is_unprocessed() || self.message.is_refusal() && self.delivery.is_prompt()
    }

    /// Whether the call succeeds at once.
    pub(crate) fn is_fine(&self, protocol: Protocol) -> bool {
        match self.message {
            Message::Fine | Message::Early(_) => self.delivery.is_prompt(),
            Message::NoLength if protocol == Protocol::Http2 => self.delivery.is_prompt(),
            Message::NoLength => self.delivery == Delivery::Last,
            _ => false,
        }
    }

    /// Whether a later request on the connection may be lost.
    pub(crate) fn leaves_stale_connection(&self, protocol: Protocol) -> bool {
        matches!(self.delivery, Delivery::Last | Delivery::Dead)
            || self.message == Message::TooShort && protocol != Protocol::Http2
    }
}
