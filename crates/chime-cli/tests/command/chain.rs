//! The command with credentials of the chain of aws-config: here those that a container is given.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread;

use serde_json::json;

use super::serve::{Scratch, Server};
use super::{chime, result, stderr};

/// Gives these credentials to each container that asks.
fn container_credentials(token: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/credentials", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let lines = BufReader::new(stream.try_clone().unwrap()).lines();
            lines.map_while(Result::ok).take_while(|line| !line.is_empty()).for_each(drop);
            let body = json!({
                "AccessKeyId": "ASIACONTAINER",
                "SecretAccessKey": "container-secret",
                "Token": token,
                "Expiration": "2100-01-01T00:00:00Z",
            })
            .to_string();
            let length = body.len();
            let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/json";
            write!(stream, "{head}\r\ncontent-length: {length}\r\n\r\n{body}").unwrap();
        }
    });
    url
}

#[test]
fn a_container_is_given_its_credentials() {
    let seed = Scratch::with(
        "container.json",
        &json!({"Credentials": [{
            "AccessKeyId": "ASIACONTAINER",
            "SecretAccessKey": "container-secret",
            "SessionToken": "container-token",
            "AwsAccountId": "111122223333",
            "Arn": "arn:aws:sts::111122223333:assumed-role/task/1",
        }]})
        .to_string(),
    );
    let server =
        Server::start(chime(&format!("serve --listen 127.0.0.1:0 --seed {}", seed.path())));
    let list = |url: &str| {
        let mut command = chime(&format!("list-accounts --endpoint-url {}", server.url));
        command.env("AWS_CONTAINER_CREDENTIALS_FULL_URI", url);
        command
    };
    let answer = result(list(&container_credentials("container-token")));
    assert_eq!(answer["Accounts"], json!([]));
    let refused = stderr(list(&container_credentials("another-token")), 254);
    assert!(refused.contains("UnrecognizedClientException"), "{refused}");
    assert!(!refused.contains("container-secret") && !refused.contains("another-token"));
    assert_eq!(server.end("-TERM"), Some(0));
}

#[test]
fn a_profile_that_is_named_outranks_the_environment() {
    let server = Server::start(chime("serve --listen 127.0.0.1:0"));
    let key = |name: &str| {
        let value = server.exports.iter().find(|(export, _)| export == name);
        value.unwrap().1.trim_matches('"').to_owned()
    };
    let profile = Scratch::with(
        "named.profile",
        &format!(
            "[named]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
            key("AWS_ACCESS_KEY_ID"),
            key("AWS_SECRET_ACCESS_KEY"),
        ),
    );
    let list = |flags: &str| {
        let mut command = chime(&format!("list-accounts --endpoint-url {} {flags}", server.url));
        command.env("AWS_SHARED_CREDENTIALS_FILE", profile.path());
        command.env("AWS_ACCESS_KEY_ID", "AKIDSOMEBODY").env("AWS_SECRET_ACCESS_KEY", "else");
        command
    };
    assert!(result(list("--profile named"))["Accounts"].is_array());
    assert!(stderr(list(""), 254).contains("UnrecognizedClientException"));
    assert_eq!(server.end("-TERM"), Some(0));
}
