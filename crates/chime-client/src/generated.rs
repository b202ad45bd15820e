//! The named methods, one view per service, printed by `cargo xtask codegen`.

/// Declares methods that each send the request of one operation.
#[allow(unused_macros, reason = "without a service there is no method")]
macro_rules! methods {
    ($view:ident $($(#[$meta:meta])* $name:ident($request:ty) -> $output:ty;)+) => {
        impl<'c> $view<'c> {
            $(
                $(#[$meta])*
                ///
                /// # Errors
                /// As [`Client::send`](crate::Client::send).
                pub fn $name(
                    self,
                    request: $request,
                ) -> impl Future<Output = Result<$output, $crate::Error>> + Send + 'c {
                    self.0.send(request)
                }
            )+
        }
    };
}

#[cfg(feature = "chime")]
mod chime;
#[cfg(feature = "identity")]
mod identity;
#[cfg(feature = "media-pipelines")]
mod media_pipelines;
#[cfg(feature = "meetings")]
mod meetings;
#[cfg(feature = "messaging")]
mod messaging;
#[cfg(feature = "voice")]
mod voice;

#[cfg(feature = "chime")]
pub use chime::Chime;
#[cfg(feature = "identity")]
pub use identity::Identity;
#[cfg(feature = "media-pipelines")]
pub use media_pipelines::MediaPipelines;
#[cfg(feature = "meetings")]
pub use meetings::Meetings;
#[cfg(feature = "messaging")]
pub use messaging::Messaging;
#[cfg(feature = "voice")]
pub use voice::Voice;
