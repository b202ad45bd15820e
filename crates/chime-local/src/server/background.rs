//! A local Chime on a port, beside whatever else goes on.

use std::future::pending;
use std::io;
use std::net::SocketAddr;

use tokio::net::{TcpListener, ToSocketAddrs};
use tokio::task::JoinHandle;

use crate::LocalChime;

/// A [`LocalChime`] that listens for as long as this lives.
#[derive(Debug)]
pub struct Listening {
    address: SocketAddr,
    server: JoinHandle<io::Result<()>>,
}

impl LocalChime {
    /// Listens in the background, on the present tokio runtime, until what it returns is dropped.
    /// Port 0 takes any that is free.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use chime_local::LocalChime;
    ///
    /// let chime = LocalChime::sample().listen("127.0.0.1:0").await?;
    /// assert!(chime.url().starts_with("http://127.0.0.1:"));
    /// # Ok::<_, std::io::Error>(()) })?;
    /// # Ok::<_, std::io::Error>(())
    /// ```
    ///
    /// # Errors
    /// If it cannot listen there.
    pub async fn listen(&self, address: impl ToSocketAddrs) -> io::Result<Listening> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let server = tokio::spawn(self.clone().serve(listener, pending()));
        Ok(Listening { address, server })
    }
}

impl Listening {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL for clients, such as `http://127.0.0.1:49152`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.server.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_listens_until_it_is_dropped() {
        let listening = LocalChime::sample().listen("127.0.0.1:0").await.unwrap();
        let address = listening.address();
        tokio::net::TcpStream::connect(address).await.unwrap();
        let other = LocalChime::sample().listen(address).await;
        assert_eq!(other.unwrap_err().kind(), io::ErrorKind::AddrInUse);
        drop(listening);
        // The task is gone at its next turn, and its socket with it.
        while tokio::net::TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    }
}
