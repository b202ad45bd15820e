//! What is done to the local Chime behind the client's back.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::Outcome;

/// The control endpoint.
pub struct Control {
    /// Host and port.
    address: String,
    /// What its requests carry.
    token: String,
}

impl Control {
    /// Of the local Chime at that URL.
    pub fn of(url: &str) -> Outcome<Self> {
        let address = url.strip_prefix("http://").ok_or("the URL is not of plain HTTP")?;
        let token = std::env::var("CHIME_LOCAL_CONTROL_TOKEN")?;
        Ok(Self { address: address.to_owned(), token })
    }

    /// Moves the clock on.
    pub fn advance(&self, seconds: u32) -> Outcome {
        self.ask("POST", "clock/advance", &format!(r#"{{"Seconds":{seconds}}}"#))
    }

    /// The next call of that operation is answered with that exception.
    pub fn fault(&self, service: &str, operation: &str, exception: &str) -> Outcome {
        let error = format!(r#"{{"Exception":"{exception}"}}"#);
        let names = format!(r#""Service":"{service}","Operation":"{operation}""#);
        let fault = format!(r#"{{{names},"Times":1,"Error":{error}}}"#);
        self.ask("PUT", "faults", &format!(r#"{{"Faults":[{fault}]}}"#))
    }

    /// From now on nothing goes wrong.
    pub fn no_faults(&self) -> Outcome {
        self.ask("PUT", "faults", "{}")
    }

    /// One request, which must succeed.
    fn ask(&self, method: &str, path: &str, body: &str) -> Outcome {
        let Self { address, token } = self;
        let mut line = TcpStream::connect(address)?;
        line.set_read_timeout(Some(Duration::from_secs(30)))?;
        let length = body.len();
        let request = format!(
            "{method} /_chime/{path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
             Authorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        line.write_all(request.as_bytes())?;
        let mut answer = String::new();
        line.read_to_string(&mut answer)?;
        if answer.starts_with("HTTP/1.1 2") {
            return Ok(());
        }
        Err(format!("{method} /_chime/{path} with {body}: {answer}").into())
    }
}
