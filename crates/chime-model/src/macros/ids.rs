//! Macros that declare ids.

/// Declares ids: newtypes of the text that the service assigned, so that ids of different kinds cannot be
/// confused. An id is opaque: its form is not checked.
macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident;)+) => {$(
        id_type! { $(#[$meta])* #[derive(Debug)] $name() }

        impl serde::Serialize for $name {
            #[inline]
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.text)
            }
        }

        impl std::fmt::Display for $name {
            #[inline]
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.text)
            }
        }
    )+};
}

/// Declares ids whose text is sensitive: `Debug` and [`Masked`](crate::Masked) redact it, and they have no
/// `Display`.
macro_rules! sensitive_ids {
    ($($(#[$meta:meta])* $name:ident;)+) => {$(
        sensitive_id_type! { $(#[$meta])* $name() }

        impl serde::Serialize for $name {
            #[inline]
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str($crate::sensitive::shown(&self.text))
            }
        }
    )+};
}

/// Declares an id whose `Debug` does not show its text.
macro_rules! sensitive_id_type {
    ($(#[$meta:meta])* $name:ident($($field:ident: $type:ty)?)) => {
        id_type! {
            $(#[$meta])*
            ///
            /// Its text is sensitive: `Debug` does not show it.
            $name($($field: $type)?)
        }

        impl std::fmt::Debug for $name {
            #[inline]
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str($crate::sensitive::REDACTED)
            }
        }
    };
}

/// Declares the parts that all ids share. Ids are compared by their text only.
macro_rules! id_type {
    ($(#[$meta:meta])* $name:ident($($field:ident: $type:ty)?)) => {
        $(#[$meta])*
        #[derive(Clone, serde::Deserialize)]
        #[serde(from = "String")]
        pub struct $name {
            text: String,
            $($field: $type,)?
        }

        impl $name {
            /// The id as text.
            #[must_use]
            #[inline]
            pub fn as_str(&self) -> &str {
                &self.text
            }
        }

        impl From<String> for $name {
            #[inline]
            fn from(text: String) -> Self {
                Self { text, $($field: Default::default())? }
            }
        }

        impl From<&str> for $name {
            #[inline]
            fn from(text: &str) -> Self {
                Self::from(text.to_owned())
            }
        }

        impl From<&String> for $name {
            #[inline]
            fn from(text: &String) -> Self {
                Self::from(text.clone())
            }
        }

        impl From<&$name> for $name {
            #[inline]
            fn from(id: &$name) -> Self {
                id.clone()
            }
        }

        impl From<$name> for String {
            #[inline]
            fn from(id: $name) -> Self {
                id.text
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::convert::Infallible;

            #[inline]
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Ok(Self::from(text))
            }
        }

        impl AsRef<str> for $name {
            #[inline]
            fn as_ref(&self) -> &str {
                &self.text
            }
        }

        impl std::borrow::Borrow<str> for $name {
            #[inline]
            fn borrow(&self) -> &str {
                &self.text
            }
        }

        impl PartialEq for $name {
            #[inline]
            fn eq(&self, other: &Self) -> bool {
                self.text == other.text
            }
        }

        impl Eq for $name {}

        impl PartialEq<str> for $name {
            #[inline]
            fn eq(&self, text: &str) -> bool {
                self.text == text
            }
        }

        impl PartialEq<&str> for $name {
            #[inline]
            fn eq(&self, text: &&str) -> bool {
                self.text == *text
            }
        }

        impl PartialOrd for $name {
            #[inline]
            fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Ord for $name {
            #[inline]
            fn cmp(&self, other: &Self) -> std::cmp::Ordering {
                self.text.cmp(&other.text)
            }
        }

        impl std::hash::Hash for $name {
            #[inline]
            fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
                self.text.hash(state);
            }
        }

        member! { [] $name }
        json_schema! { $name = $crate::schema::text(&[]) }
    };
}

/// Declares conversions from one kind of id to another.
macro_rules! id_conversions {
    ($($from:ident => $to:ident;)+) => {$(
        impl From<$from> for $to {
            #[inline]
            fn from(id: $from) -> Self {
                Self::from(id.text)
            }
        }

        impl From<&$from> for $to {
            #[inline]
            fn from(id: &$from) -> Self {
                Self::from(id.as_str())
            }
        }
    )+};
}
