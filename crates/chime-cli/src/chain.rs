//! Credentials from all sources of the AWS SDKs: also roles, SSO, web identity, containers and EC2.
//! Needs the feature `aws-config`.
//!
//! The proxy and CA bundle settings apply to calls of Chime only, not to these lookups.

use aws_config::Region;
use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use chime_client::Config;
use chime_client::credentials::SharedProvider;

use crate::profile::Profile;

/// The region of the STS and SSO endpoints if none is set.
const DEFAULT_REGION: &str = "us-east-1";

/// Sets the credentials to those of the provider chain, or to those of the profile in `--profile` and
/// no other source. They are loaded at the first call.
pub(crate) async fn with_credentials(mut config: Config, profile: &Profile) -> Config {
    let https = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let region = config.region.clone().unwrap_or_else(|| DEFAULT_REGION.to_owned());
    // With a region set, the chain does not ask the network for one.
    let provider_config = ProviderConfig::without_region()
        .with_region(Some(Region::new(region)))
        .with_http_client(https);
    let chain = DefaultCredentialsChain::builder().configure(provider_config.clone());
    config.credentials = Some(match profile {
        // The chain would read the environment first.
        Profile::Flag(name) => SharedProvider::aws(
            ProfileFileCredentialsProvider::builder()
                .configure(&provider_config)
                .profile_name(name)
                .build(),
        ),
        Profile::DefaultVariable(name) => {
            SharedProvider::aws(chain.profile_name(name).build().await)
        }
        Profile::Unset => SharedProvider::aws(chain.build().await),
    });
    config
}
