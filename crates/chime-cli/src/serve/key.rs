//! The access key that a local Chime accepts, and how it is announced to clients.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use chime_client::model::Service;
use chime_local::{Credential, LocalChime};

use super::token_file::VARIABLE;
use crate::failure::Failure;

const ACCESS_KEY_ID: &str = "CHIME_LOCAL_ACCESS_KEY_ID";
const SECRET_ACCESS_KEY: &str = "CHIME_LOCAL_SECRET_ACCESS_KEY";

/// The access key that the server accepts.
pub(super) struct Key {
    pub(super) credential: Credential,
    /// Whether it is the demo key, which is public. A key from the environment is secret.
    pub(super) is_demo: bool,
}

impl Key {
    pub(super) fn from_vars(var: impl Fn(&str) -> Option<String>) -> Result<Self, Failure> {
        let var = |name| var(name).filter(|value| !value.trim().is_empty());
        let credential = Credential::default();
        match (var(ACCESS_KEY_ID), var(SECRET_ACCESS_KEY)) {
            (None, None) => Ok(Self { credential, is_demo: true }),
            (Some(id), Some(secret)) if is_plain(&id) => {
                let secret_access_key = secret.into();
                let credential = Credential { access_key_id: id, secret_access_key, ..credential };
                Ok(Self { credential, is_demo: false })
            }
            (Some(_), Some(_)) => Err(Failure::Setting(format!(
                "{ACCESS_KEY_ID} must be up to 128 letters and digits"
            ))),
            _ => Err(Failure::Setting(format!(
                "{ACCESS_KEY_ID} and {SECRET_ACCESS_KEY} must be set together"
            ))),
        }
    }

    /// The text that a script reads and a person pastes into a shell.
    pub(super) fn announcement(
        &self,
        address: SocketAddr,
        own: impl Fn(&Service) -> Option<SocketAddr>,
        region: &str,
        token: &str,
    ) -> String {
        let address = reachable(address);
        let Credential { access_key_id, secret_access_key, .. } = &self.credential;
        // The secret itself is not printed: the shell takes it from the variable.
        let endpoints: String = LocalChime::endpoints()
            .map(|(service, path)| {
                let name = service.id.to_uppercase().replace(' ', "_");
                let url = match own(service) {
                    Some(own) => format!("http://{}", reachable(own)),
                    None => format!("http://{address}{path}"),
                };
                format!("export AWS_ENDPOINT_URL_{name}={url}\n")
            })
            .collect();
        let from_environment = format!("\"${SECRET_ACCESS_KEY}\"");
        let secret = if self.is_demo { secret_access_key.expose() } else { &from_environment };
        format!(
            "Listening on http://{address}\n\
             Page: http://{address}/#{token}\n\
             {endpoints}\
             export AWS_ENDPOINT_URL_STS=http://{address}\n\
             export AWS_REGION={region}\n\
             export AWS_DEFAULT_REGION={region}\n\
             export AWS_ACCESS_KEY_ID={access_key_id}\n\
             export AWS_SECRET_ACCESS_KEY={secret}\n\
             export {VARIABLE}={token}\n\
             unset AWS_SESSION_TOKEN\n"
        )
    }
}

/// The address that a client on this machine uses. No client can connect to `0.0.0.0`.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    address
}

/// Whether an access key id is valid in signatures and needs no quotes in any shell.
fn is_plain(id: &str) -> bool {
    id.len() <= 128 && id.bytes().all(|c| c.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(id: &str, secret: &str) -> Result<Key, Failure> {
        Key::from_vars(|name| match name {
            ACCESS_KEY_ID => Some(id.to_owned()),
            SECRET_ACCESS_KEY => Some(secret.to_owned()),
            other => panic!("{other}"),
        })
    }

    #[test]
    fn the_announcement_is_for_scripts_and_shells() {
        let address = "127.0.0.1:4711".parse().unwrap();
        let expected = "Listening on http://127.0.0.1:4711\n\
            Page: http://127.0.0.1:4711/#a-token\n\
            export AWS_ENDPOINT_URL_CHIME=http://127.0.0.1:4711\n\
            export AWS_ENDPOINT_URL_CHIME_SDK_MEETINGS=http://127.0.0.1:4712\n\
            export AWS_ENDPOINT_URL_CHIME_SDK_MEDIA_PIPELINES=http://127.0.0.1:4711/chime-sdk-media-pipelines\n\
            export AWS_ENDPOINT_URL_STS=http://127.0.0.1:4711\n\
            export AWS_REGION=eu-west-1\n\
            export AWS_DEFAULT_REGION=eu-west-1\n\
            export AWS_ACCESS_KEY_ID=AKIDLOCALCHIME\n\
            export AWS_SECRET_ACCESS_KEY=local-chime-secret\n\
            export CHIME_LOCAL_CONTROL_TOKEN=a-token\n\
            unset AWS_SESSION_TOKEN\n";
        let own = |service: &Service| {
            (service.id == "Chime SDK Meetings").then(|| "0.0.0.0:4712".parse().unwrap())
        };
        assert_eq!(
            key("", "").unwrap().announcement(address, own, "eu-west-1", "a-token"),
            expected
        );
    }

    #[test]
    fn the_announced_address_is_one_that_a_client_can_use() {
        for (address, expected) in [
            ("0.0.0.0:80", "127.0.0.1:80"),
            ("[::]:80", "[::1]:80"),
            ("192.0.2.1:80", "192.0.2.1:80"),
        ] {
            assert_eq!(reachable(address.parse().unwrap()).to_string(), expected);
        }
    }

    #[test]
    fn a_secret_from_the_environment_is_accepted_and_not_printed() {
        let key = key("AKIDOWN", "own-secret").unwrap();
        assert_eq!(key.credential.access_key_id, "AKIDOWN");
        assert_eq!(key.credential.secret_access_key.expose(), "own-secret");
        let text = key.announcement("[::1]:80".parse().unwrap(), |_| None, "us-east-1", "a-token");
        assert!(text.starts_with("Listening on http://[::1]:80\n"), "{text}");
        assert!(text.contains("export AWS_ACCESS_KEY_ID=AKIDOWN\n"), "{text}");
        let secret = "export AWS_SECRET_ACCESS_KEY=\"$CHIME_LOCAL_SECRET_ACCESS_KEY\"\n";
        assert!(text.contains(secret) && !text.contains("own-secret"), "{text}");
    }

    #[test]
    fn half_a_key_and_one_that_needs_quotes_are_refused() {
        for (id, secret) in [
            ("AKIDOWN", ""),
            ("AKIDOWN", " "),
            ("", "own-secret"),
            ("AKID; ls", "own-secret"),
            (&"A".repeat(129), "own-secret"),
        ] {
            let Err(failure) = key(id, secret) else { panic!("{id}") };
            assert!(!failure.to_string().contains("own-secret"));
        }
    }
}
