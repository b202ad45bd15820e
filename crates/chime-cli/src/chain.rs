//! Credentials from everywhere that the AWS SDKs look: roles, SSO, web identity, containers and EC2
//! too. With the feature `aws-config`.

use aws_config::{BehaviorVersion, Region};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use chime_client::Config;

/// Where roles are asked for if no region is set.
const DEFAULT_REGION: &str = "us-east-1";

/// The same settings, with the credentials of the chain. None are loaded before the first call.
pub(crate) async fn with_credentials(mut config: Config, profile: Option<&String>) -> Config {
    let https = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let region = config.region.clone().unwrap_or_else(|| DEFAULT_REGION.to_owned());
    // With a region given, nobody asks the network for one.
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(https)
        .region(Region::new(region));
    if let Some(profile) = profile {
        loader = loader.profile_name(profile);
    }
    config.credentials = loader.load().await.credentials_provider().map(Into::into);
    config
}
