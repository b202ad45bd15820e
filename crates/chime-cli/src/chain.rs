//! Credentials from everywhere that the AWS SDKs look: roles, SSO, web identity, containers and EC2
//! too. With the feature `aws-config`. Proxies and bundles of certificates are for the calls of
//! Chime alone: the chain goes its way without.

use aws_config::Region;
use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use chime_client::Config;
use chime_client::credentials::SharedProvider;

/// Where roles are asked for if no region is set.
const DEFAULT_REGION: &str = "us-east-1";

/// The same settings, with the credentials of the chain, or of this profile and nothing else. None
/// are loaded before the first call.
pub(crate) async fn with_credentials(mut config: Config, profile: Option<&String>) -> Config {
    let https = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let region = config.region.clone().unwrap_or_else(|| DEFAULT_REGION.to_owned());
    // With a region given, nobody asks the network for one.
    let way = ProviderConfig::without_region()
        .with_region(Some(Region::new(region)))
        .with_http_client(https);
    config.credentials = Some(match profile {
        // The chain would look into the environment first.
        Some(name) => SharedProvider::aws(
            ProfileFileCredentialsProvider::builder().configure(&way).profile_name(name).build(),
        ),
        None => {
            SharedProvider::aws(DefaultCredentialsChain::builder().configure(way).build().await)
        }
    });
    config
}
