//! The client over reqwest: an adapter of one function.
//!
//! `cargo run -p tests --example reqwest_below` runs it once; `cargo test` does the same.
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use bytes::Bytes;
use chime_client::model::chime::CreateAccountRequest;
use chime_client::{Client, Config, Credentials, HttpService};
use chime_local::{LocalChime, sample};
use http::{Request, Response};
use reqwest::redirect::Policy;
use tokio::net::TcpListener;

/// Sends a request with reqwest, and reads the whole response.
///
/// The error stays as it is: from its causes the retries can tell that a connection was refused, and
/// that nothing was sent.
async fn send(
    client: reqwest::Client,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, reqwest::Error> {
    let response = client.execute(request.try_into()?).await?;
    let (parts, body) = Response::<reqwest::Body>::from(response).into_parts();
    let body = http_body_util::BodyExt::collect(body).await?;
    Ok(Response::from_parts(parts, body.to_bytes()))
}

/// A redirect would send the request once more, with its session token, to a host that the response
/// names. The retries would know only the outcome of the last request.
fn over_reqwest() -> Result<impl HttpService, reqwest::Error> {
    let client = reqwest::Client::builder().redirect(Policy::none()).build()?;
    Ok(tower::service_fn(move |request| send(client.clone(), request)))
}

/// Creates an account in an emulator that listens on a local port, then calls again after the server has
/// stopped. Returns the name of the account, and whether the second call may have created another account.
async fn create_accounts() -> Result<(String, bool), Box<dyn std::error::Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let credentials = Credentials::new(sample::ACCESS_KEY_ID, sample::SECRET_ACCESS_KEY);
    let mut config = Config::new(credentials).without_pauses();
    config.endpoint_url = Some(format!("http://{}", listener.local_addr()?));
    let server = tokio::spawn(LocalChime::sample().serve(listener, std::future::pending()));

    let client = Client::with_http_service(config, over_reqwest()?)?;
    let created = client.chime().create_account(CreateAccountRequest::new("Example")).await?;
    let name = created.account.ok_or("no account")?.name;

    server.abort();
    let _ = server.await;
    let refused = client.chime().create_account(CreateAccountRequest::new("Example")).await;
    Ok((name, refused.err().ok_or("the server still responds")?.may_have_acted()))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (name, twice) = create_accounts().await?;
    println!("created {name:?}; a second account may exist: {twice}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tower::ServiceExt;

    type Outcome = Result<(), Box<dyn std::error::Error + Send + Sync>>;

    #[test]
    fn it_runs() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        assert_eq!(runtime.block_on(create_accounts()).unwrap(), ("Example".to_owned(), false));
    }

    #[tokio::test]
    async fn a_redirect_is_not_followed() -> Outcome {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/accounts", listener.local_addr()?);
        let server = async {
            let (mut stream, _) = listener.accept().await?;
            assert_ne!(stream.read(&mut [0; 4096]).await?, 0);
            let head =
                "HTTP/1.1 307 -\r\nlocation: http://127.0.0.1:1\r\ncontent-length: 0\r\n\r\n";
            stream.write_all(head.as_bytes()).await?;
            std::io::Result::Ok(stream)
        };
        let request = Request::post(url).body(Bytes::from("{}"))?;
        let (response, _stream) = tokio::join!(over_reqwest()?.oneshot(request), server);
        assert_eq!(response.map_err(Into::into)?.status(), 307);
        Ok(())
    }
}
