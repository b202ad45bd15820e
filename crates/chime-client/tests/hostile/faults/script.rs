//! What a hostile server does, as data.

use std::time::Duration;

use bytes::Bytes;

/// What a server does with its connections and requests, one after another. Those after the last
/// are fine.
#[derive(Clone, Debug, Default)]
pub(crate) struct Script {
    /// Whether it speaks TLS.
    pub(crate) tls: bool,
    pub(crate) ways: Vec<Way>,
    pub(crate) answers: Vec<Answer>,
}

/// How a connection begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Open,
    Refused,
    /// Nobody says anything.
    Silent,
    /// It comes after this time.
    Slow(Duration),
    /// With a certificate for another name; over TLS, as all that follow.
    WrongName,
    /// With a certificate whose time is over.
    Expired,
    /// With a certificate of an authority that nobody knows.
    Stranger,
    /// With an answer to nothing in place of a handshake.
    NoTls,
    /// With a handshake that does not go on.
    HalfTls,
}

impl Way {
    pub(crate) fn is_of_tls(self) -> bool {
        matches!(
            self,
            Self::WrongName | Self::Expired | Self::Stranger | Self::NoTls | Self::HalfTls
        )
    }

    /// Whether no request can come by it.
    pub(crate) fn is_closed(self) -> bool {
        match self {
            Self::Open => false,
            Self::Slow(time) => time > CONNECT_TIMEOUT,
            _ => true,
        }
    }
}

/// How long the client waits for a connection.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_millis(3100);

/// What a request meets.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    /// Whether the service does as it was asked, before it answers.
    pub(crate) acts: bool,
    pub(crate) message: Message,
    pub(crate) delivery: Delivery,
}

/// What the answer says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Message {
    Fine,
    /// Fine, after so many answers of status 1xx.
    Early(u8),
    /// Fine, and as long as the connection is open.
    Endless,
    /// A refusal, a redirect or a failure, in HTML.
    Status(u16),
    /// Slow down, and wait this many milliseconds.
    Throttled(u64),
    /// The credentials of the request are not valid any more, from now on.
    Expired,
    /// The service's clock jumps 20 minutes ahead, or back, and it refuses what is dated otherwise.
    ClockJumps,
    /// A success whose body is HTML.
    Html,
    /// A success whose JSON breaks off.
    HalfJson,
    /// A success that is longer than it says.
    TooShort,
    /// A success that is larger than allowed, in one piece or in chunks.
    Oversized {
        chunked: bool,
    },
    /// No HTTP.
    Bytes(Bytes),
}

/// How it comes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Delivery {
    Whole,
    /// Whole, and the connection ends behind it.
    Last,
    /// After so many thousandths of it, something else happens.
    Cut(u8, End),
    /// After this time.
    Late(Duration),
    /// In small pieces, with this pause before each.
    Drip(Duration),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Closed,
    Reset,
    Silence,
}

impl Answer {
    pub(crate) fn new(message: Message, delivery: Delivery) -> Self {
        Self { acts: message.is_success(), message, delivery }
    }

    /// Whether the client gets all of it at once.
    pub(crate) fn is_prompt(&self) -> bool {
        matches!(self.delivery, Delivery::Whole | Delivery::Last)
    }

    /// Whether something else happens before its end.
    pub(crate) fn is_cut(&self) -> bool {
        matches!(self.delivery, Delivery::Cut(..))
    }

    /// Whether the client knows by it that the service did not act.
    pub(crate) fn is_refusal(&self) -> bool {
        let refuses = match self.message {
            Message::Status(status) => (400..500).contains(&status) || status == 503,
            Message::Throttled(_) | Message::Expired | Message::ClockJumps => true,
            _ => false,
        };
        refuses && self.is_prompt()
    }

    /// Whether the client has what it wanted, at once.
    pub(crate) fn is_fine(&self) -> bool {
        match self.message {
            Message::Fine | Message::Early(_) => self.is_prompt(),
            Message::Endless => self.delivery == Delivery::Last,
            _ => false,
        }
    }

    /// Whether the connection may look usable behind it and not be.
    pub(crate) fn leaves_a_trap(&self) -> bool {
        self.delivery == Delivery::Last || self.message == Message::TooShort
    }
}

impl Message {
    /// Whether nobody who did not act would say so.
    pub(super) fn is_success(&self) -> bool {
        matches!(self, Self::Fine | Self::Early(_) | Self::Endless)
    }

    /// Whether nobody who acted would say so.
    pub(super) fn is_refusal(&self) -> bool {
        let answer = Answer { acts: false, message: self.clone(), delivery: Delivery::Whole };
        answer.is_refusal()
    }

    /// The bytes of it, for the act of this number.
    pub(crate) fn render(&self, name: &str, act: u32, date: &str) -> Vec<u8> {
        let account =
            format!(r#"{{"Account":{{"AccountId":"{act}","AwsAccountId":"1","Name":"{name}"}}}}"#);
        let http = |status: &str, headers: &str, body: &str| {
            let length = body.len();
            format!(
                "HTTP/1.1 {status}\r\ndate: {date}\r\n{headers}content-length: {length}\r\n\r\n{body}"
            )
        };
        let refused = |code| http("403 No", &format!("x-amzn-errortype: {code}\r\n"), "{}");
        let fine = || http("201 Created", "", &account);
        let text = match self {
            Self::Fine => fine(),
            Self::Early(count) => {
                let early = "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n";
                early.repeat((*count).into()) + &fine()
            }
            Self::Endless => format!("HTTP/1.1 201 Created\r\n\r\n{account}"),
            Self::Status(status) => {
                let elsewhere = "location: http://elsewhere.invalid/\r\n";
                http(&format!("{status} So"), elsewhere, "<html>")
            }
            Self::Throttled(millis) => {
                http("429 Slow Down", &format!("x-amz-retry-after: {millis}\r\n"), "{}")
            }
            Self::Expired => refused("ExpiredTokenException"),
            Self::ClockJumps => refused("RequestTimeTooSkewed"),
            Self::Html => http("200 OK", "", "<html>"),
            Self::HalfJson => http("200 OK", "", &account[..account.len() / 2]),
            Self::TooShort => fine().replace("content-length: ", "content-length: 1\r\nx: "),
            Self::Oversized { chunked: false } => http("200 OK", "", &" ".repeat(LIMIT + 1)),
            Self::Oversized { chunked: true } => {
                let chunk = format!("64\r\n{}\r\n", " ".repeat(100));
                let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
                head.to_owned() + &chunk.repeat(LIMIT / 100 + 1) + "0\r\n\r\n"
            }
            Self::Bytes(bytes) => return bytes.to_vec(),
        };
        text.into_bytes()
    }
}

/// The size of responses that the client allows.
pub(crate) const LIMIT: usize = 1000;
