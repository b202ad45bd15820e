//! A client of the emulator's control endpoint.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::Outcome;

/// The control endpoint.
pub struct Control {
    /// The host and port.
    address: String,
    /// The control token.
    token: String,
}

impl Control {
    /// Creates the client for the emulator at this URL.
    pub fn of(url: &str) -> Outcome<Self> {
        let address = url.strip_prefix("http://").ok_or("the URL does not start with http://")?;
        let token = std::env::var("CHIME_LOCAL_CONTROL_TOKEN")?;
        Ok(Self { address: address.to_owned(), token })
    }

    /// Advances the clock.
    pub fn advance(&self, seconds: u32) -> Outcome {
        self.ask("POST", "clock/advance", &format!(r#"{{"Seconds":{seconds}}}"#))
    }

    /// Makes the next call of an operation fail with this exception.
    pub fn fault(&self, service: &str, operation: &str, exception: &str) -> Outcome {
        let error = format!(r#"{{"Exception":"{exception}"}}"#);
        let names = format!(r#""Service":"{service}","Operation":"{operation}""#);
        let fault = format!(r#"{{{names},"Times":1,"Error":{error}}}"#);
        self.ask("PUT", "faults", &format!(r#"{{"Faults":[{fault}]}}"#))
    }

    /// Removes all faults.
    pub fn no_faults(&self) -> Outcome {
        self.ask("PUT", "faults", "{}")
    }

    /// Sends a request, which must succeed.
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
        let mut response = String::new();
        line.read_to_string(&mut response)?;
        if response.starts_with("HTTP/1.1 2") {
            return Ok(());
        }
        Err(format!("{method} /_chime/{path} with {body}: {response}").into())
    }
}
