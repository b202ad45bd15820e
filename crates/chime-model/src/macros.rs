//! Macros that the generated modules use: open enums, setters, the members of a structure, and ids.

#[macro_use]
#[allow(unused_macros, reason = "a service need not use all of them")]
mod ids;

/// Declares an open enum: a value unknown to this version is kept and survives a round trip. Match it with a
/// wildcard arm, and read it with `as_str`.
macro_rules! open_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        ///
        /// The enum is open: a value unknown to this version is kept. Read it with `as_str`.
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$doc])* $variant,)+
            /// A value unknown to this version. Only `From` creates it, so it is never a known value.
            #[doc(hidden)]
            Unknown($crate::generated::UnknownValue),
        }

        impl $name {
            /// The values that the API description names, in its order.
            pub const VALUES: &'static [&'static str] = &[$($text),+];

            /// The value as text, as in requests and responses.
            #[must_use]
            #[inline]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Unknown(value) => value.as_str(),
                }
            }

            /// Whether this version knows the value.
            #[must_use]
            #[inline]
            pub fn is_known(&self) -> bool {
                !matches!(self, Self::Unknown(_))
            }

            #[inline]
            fn known(text: &str) -> Option<Self> {
                match text {
                    $($text => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }

        impl From<&str> for $name {
            #[inline]
            fn from(text: &str) -> Self {
                Self::known(text).unwrap_or_else(|| Self::Unknown(text.into()))
            }
        }

        impl From<String> for $name {
            #[inline]
            fn from(text: String) -> Self {
                Self::from(text.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::convert::Infallible;

            #[inline]
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Ok(Self::from(text))
            }
        }

        impl std::fmt::Display for $name {
            #[inline]
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            #[inline]
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            #[inline]
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str($crate::generated::FromText(std::marker::PhantomData))
            }
        }

        member! { [] $name }
        json_schema! { $name = $crate::schema::text($name::VALUES) }
    };
}

/// Declares two setters for each optional member of a structure: one takes a value, the other an `Option`.
macro_rules! setters {
    ($($field:ident, $option:ident: $type:ty),+ $(,)?) => {$(
        #[doc = concat!("Sets `", stringify!($field), "`.")]
        #[must_use]
        #[inline]
        pub fn $field(mut self, value: impl Into<$type>) -> Self {
            self.$field = Some(value.into());
            self
        }

        #[doc = concat!("Sets `", stringify!($field), "`; `None` unsets it.")]
        #[must_use]
        #[inline]
        pub fn $option(mut self, value: Option<$type>) -> Self {
            self.$field = value;
            self
        }
    )+};
}

/// Implements `PagedOperation`, given the member of the response with the items of a page. Page tokens and
/// page sizes have the same names in all operations.
macro_rules! paged {
    ($request:ident { $items:ident: $item:ty }) => {
        impl $crate::PagedOperation for $request {
            type Item = $item;

            #[inline]
            fn token(&self) -> Option<&str> {
                self.next_token.as_ref().map($crate::sensitive::PageToken::text)
            }

            #[inline]
            fn page_size(&self) -> Option<i32> {
                self.max_results
            }

            #[inline]
            fn set_token(&mut self, token: Option<&str>) {
                self.next_token = token.map(Into::into);
            }

            #[inline]
            fn set_page_size(&mut self, size: Option<i32>) {
                self.max_results = size;
            }

            #[inline]
            fn next_token(page: &Self::Output) -> Option<&str> {
                let token = page.next_token.as_ref().map($crate::sensitive::PageToken::text);
                token.filter(|token| !token.is_empty())
            }

            #[inline]
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

/// Implements `BatchOperation`, given the member of the request with its items and the lists of the response
/// that are merged.
macro_rules! batch {
    ($request:ident { $items:ident: $item:ty => $($list:ident $(. $inner:ident)?),+ }) => {
        impl $crate::BatchOperation for $request {
            type Item = $item;

            #[inline]
            fn items(&mut self) -> &mut Vec<$item> {
                &mut self.$items
            }

            #[inline]
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

/// Implements `schemars::JsonSchema` with this schema, if the feature `schemars` is on.
macro_rules! json_schema {
    ($name:ident = $schema:expr) => {
        #[cfg(feature = "schemars")]
        impl schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                $schema
            }
        }
    };
}

/// Describes each member of a structure in one line, with the constructors of `MemberInfo`: its field, its
/// part of the HTTP message, its names in the API and in the message, its shape and its documentation.
/// Implements `Deserialize` from the same lines.
macro_rules! describe {
    ($structure:ident {
        $($field:ident: $place:ident($member:literal, $($name:literal,)? $shape:ident, $doc:ident),)*
    }) => {
        impl Describe for $structure {
            const SHAPE: &'static $crate::Structure = &$crate::Structure {
                name: stringify!($structure),
                members: &[
                    $($crate::MemberInfo::$place(
                        $member, $($name,)? &shapes::$shape, docs::$doc,
                    ),)*
                ],
            };
        }

        from_members! { $structure { $($field $member,)* } }

        json_schema! { $structure = $crate::schema::of(<$structure as Describe>::SHAPE) }
    };
}
