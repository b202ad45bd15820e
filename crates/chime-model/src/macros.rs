//! The declarations that the generated modules are written in: ids, open enums, setters, and the
//! members of a structure.

/// Declares ids: thin types around the text that the service assigned, so that two of them cannot be
/// swapped unnoticed. An id is opaque: its form is not checked.
macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident;)+) => {$(
        id_type! { $(#[$meta])* #[derive(Debug)] $name() }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.text)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.text)
            }
        }
    )+};
}

/// Declares ids whose text is personal: `Debug` and [`Masked`](crate::Masked) do not show it, and
/// there is no `Display`.
macro_rules! sensitive_ids {
    ($($(#[$meta:meta])* $name:ident;)+) => {$(
        sensitive_id_type! { $(#[$meta])* $name() }

        impl serde::Serialize for $name {
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
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str($crate::sensitive::REDACTED)
            }
        }
    };
}

/// Declares what all ids have in common. Ids are compared by their text alone.
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
            pub fn as_str(&self) -> &str {
                &self.text
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self { text, $($field: Default::default())? }
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::from(text.to_owned())
            }
        }

        impl From<&String> for $name {
            fn from(text: &String) -> Self {
                Self::from(text.clone())
            }
        }

        impl From<&$name> for $name {
            fn from(id: &$name) -> Self {
                id.clone()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.text
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::convert::Infallible;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Ok(Self::from(text))
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.text
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.text
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.text == other.text
            }
        }

        impl Eq for $name {}

        impl PartialEq<str> for $name {
            fn eq(&self, text: &str) -> bool {
                self.text == text
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, text: &&str) -> bool {
                self.text == *text
            }
        }

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Ord for $name {
            fn cmp(&self, other: &Self) -> std::cmp::Ordering {
                self.text.cmp(&other.text)
            }
        }

        impl std::hash::Hash for $name {
            fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
                self.text.hash(state);
            }
        }
    };
}

/// Declares that one id may stand where another is asked for.
macro_rules! id_conversions {
    ($($from:ident => $to:ident;)+) => {$(
        impl From<$from> for $to {
            fn from(id: $from) -> Self {
                Self::from(id.text)
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
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
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

            /// Whether this version knows the value.
            #[must_use]
            pub fn is_known(&self) -> bool {
                !matches!(self, Self::Unknown(_))
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

        impl std::str::FromStr for $name {
            type Err = std::convert::Infallible;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Ok(Self::from(text))
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

/// Declares two setters for each optional member of a structure: with a value, and with an option.
macro_rules! setters {
    ($($field:ident, $option:ident: $type:ty),+ $(,)?) => {$(
        #[doc = concat!("Sets `", stringify!($field), "`.")]
        #[must_use]
        pub fn $field(mut self, value: impl Into<$type>) -> Self {
            self.$field = Some(value.into());
            self
        }

        #[doc = concat!("Sets `", stringify!($field), "`; `None` unsets it.")]
        #[must_use]
        pub fn $option(mut self, value: Option<$type>) -> Self {
            self.$field = value;
            self
        }
    )+};
}

/// Says which member of a response holds the items of a page. Page tokens have one name everywhere.
macro_rules! paged {
    ($request:ident { $items:ident: $item:ty }) => {
        impl $crate::PagedOperation for $request {
            type Item = $item;

            fn token(&self) -> Option<&str> {
                self.next_token.as_ref().map($crate::sensitive::PageToken::text)
            }

            fn set_token(&mut self, token: Option<&str>) {
                self.next_token = token.map(Into::into);
            }

            fn next_token(page: &Self::Output) -> Option<&str> {
                let token = page.next_token.as_ref().map($crate::sensitive::PageToken::text);
                token.filter(|token| !token.is_empty())
            }

            fn items(page: Self::Output) -> Vec<$item> {
                page.$items.unwrap_or_default()
            }

            fn page(items: Vec<$item>, next_token: Option<String>) -> Self::Output {
                let mut page = <Self::Output as Default>::default();
                page.$items = Some(items);
                page.next_token = next_token.map(Into::into);
                page
            }
        }
    };
}

/// Says which member of a request holds its items, and which lists of the response grow with them.
macro_rules! batch {
    ($request:ident { $items:ident: $item:ty => $($list:ident $(. $inner:ident)?),+ }) => {
        impl $crate::BatchOperation for $request {
            type Item = $item;

            fn items(&mut self) -> &mut Vec<$item> {
                &mut self.$items
            }

            fn merge(output: &mut Self::Output, later: Self::Output) {
                $(merge_list!(output, later, $list $(. $inner)?);)+
            }
        }
    };
}

/// Appends a list of a later response, which may be inside a structure.
macro_rules! merge_list {
    ($output:ident, $later:ident, $list:ident) => {
        $crate::operation::append(&mut $output.$list, $later.$list)
    };
    ($output:ident, $later:ident, $structure:ident . $list:ident) => {
        match (&mut $output.$structure, $later.$structure) {
            (Some(into), Some(later)) => $crate::operation::append(&mut into.$list, later.$list),
            (into, later) => *into = into.take().or(later),
        }
    };
}

/// Lists exceptions by their variants.
macro_rules! exceptions {
    ($($variant:ident,)*) => { &[$($crate::Exception::$variant),*] };
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
