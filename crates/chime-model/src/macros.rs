//! The declarations that the generated modules are written in: ids, open enums, setters, and the
//! members of a structure.

/// Declares ids: thin types around the text that the service gave out, so that two of them cannot
/// be swapped unnoticed. An id is opaque: nothing is known of its form.
macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident;)+) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The id as text, as it travels.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl From<&$name> for $name {
            fn from(id: &$name) -> Self {
                id.clone()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

/// Declares that one id may stand where another is asked for.
macro_rules! id_conversions {
    ($($from:ident => $to:ident;)+) => {$(
        impl From<$from> for $to {
            fn from(id: $from) -> Self {
                Self::from(id.0)
            }
        }

        impl From<&$from> for $to {
            fn from(id: &$from) -> Self {
                Self::from(id.as_str())
            }
        }
    )+};
}

/// Declares a set of names that may grow: a value that this version does not know is kept as it
/// came and survives a round trip. Match with a wildcard arm and read such a value by `as_str`.
macro_rules! open_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        ///
        /// An open set: a value unknown to this version is kept, see `as_str`.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$doc])* $variant,)+
            /// A value unknown to this version. Made by `From` alone, so never one of the above.
            #[doc(hidden)]
            Unknown($crate::generated::UnknownValue),
        }

        impl $name {
            /// The values that the API description names, in its order.
            pub const VALUES: &'static [&'static str] = &[$($text),+];

            /// The value as it travels.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Unknown(value) => value.as_str(),
                }
            }

            fn known(text: &str) -> Option<Self> {
                match text {
                    $($text => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::known(text).unwrap_or_else(|| Self::Unknown(text.into()))
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self::from(text.as_str())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str($crate::generated::FromText(std::marker::PhantomData))
            }
        }
    };
}

/// Writes the one-line setters of a structure's optional members.
macro_rules! setters {
    ($($field:ident: $type:ty),+ $(,)?) => {$(
        #[doc = concat!("Sets `", stringify!($field), "`.")]
        #[must_use]
        pub fn $field(mut self, value: impl Into<$type>) -> Self {
            self.$field = Some(value.into());
            self
        }
    )+};
}

/// Says which member of an answer holds what is listed. The tokens of pages have one name everywhere.
macro_rules! paged {
    ($request:ident { $items:ident: $item:ty }) => {
        impl $crate::PagedOperation for $request {
            type Item = $item;

            fn token(&mut self) -> &mut Option<String> {
                &mut self.next_token
            }

            fn next_token(page: &Self::Output) -> Option<&str> {
                page.next_token.as_deref().filter(|token| !token.is_empty())
            }

            fn items(page: Self::Output) -> Vec<$item> {
                page.$items.unwrap_or_default()
            }
        }
    };
}

/// Says which member of a request holds its items, and which of the answer those that failed.
macro_rules! batch {
    ($request:ident { $items:ident: $item:ty, $failures:ident: $failure:ty }) => {
        impl $crate::BatchOperation for $request {
            type Item = $item;
            type Failure = $failure;

            fn items(&mut self) -> &mut Vec<$item> {
                &mut self.$items
            }

            fn failures(output: &mut Self::Output) -> &mut Option<Vec<$failure>> {
                &mut output.$failures
            }
        }
    };
}

/// Describes the members of a structure, a line each: where it travels, its name in the API and on
/// the way, its shape and its text. The lines are the constructors of `MemberInfo`.
macro_rules! describe {
    ($structure:ident { $($place:ident($($name:literal,)+ $shape:ident, $doc:ident),)* }) => {
        impl Describe for $structure {
            const SHAPE: &'static $crate::Structure = &$crate::Structure {
                name: stringify!($structure),
                members: &[
                    $($crate::MemberInfo::$place($($name,)+ &shapes::$shape, docs::$doc),)*
                ],
            };
        }
    };
}
