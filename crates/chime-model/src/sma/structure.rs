//! The macros that declare the table of actions.

/// Declares a structure: its required members, in the order of the arguments of `new`, its optional members, and
/// a check of the whole structure.
///
/// A fixed member always has the default value of its type.
macro_rules! structure {
    (
        $(#[$doc:meta])*
        $name:ident {
            $(fixed { $fixed:ident: $fixed_type:ty = $fixed_name:literal })?
            required { $($(#[$required_doc:meta])* $required:ident: $required_type:ty = $required_name:literal,)* }
            optional { $($(#[$optional_doc:meta])* $optional:ident: $optional_type:ty = $optional_name:literal,)* }
            $(check $check:expr)?
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize)]
        #[non_exhaustive]
        pub struct $name {
            $(#[serde(rename = $fixed_name)] $fixed: $fixed_type,)?
            $($(#[$required_doc])* #[serde(rename = $required_name)] pub $required: $required_type,)*
            $(
                $(#[$optional_doc])*
                #[serde(rename = $optional_name, skip_serializing_if = "Option::is_none")]
                pub $optional: Option<$optional_type>,
            )*
            /// Members unknown to this version.
            #[serde(flatten, skip_serializing_if = "crate::SensitiveMap::is_empty")]
            pub other: crate::SensitiveMap<crate::Value>,
        }

        impl $name {
            /// Creates the value from its required members.
            #[allow(clippy::new_without_default, reason = "few structures require nothing")]
            #[must_use]
            pub fn new($($required: impl Into<$required_type>),*) -> Self {
                Self {
                    $($fixed: Default::default(),)?
                    $($required: $required.into(),)*
                    $($optional: None,)*
                    other: Default::default(),
                }
            }

            $(
                #[doc = concat!("Sets `", stringify!($optional), "`.")]
                #[must_use]
                pub fn $optional(mut self, value: impl Into<$optional_type>) -> Self {
                    self.$optional = Some(value.into());
                    self
                }
            )*
        }

        impl $crate::sma::parameter::Parameter for $name {
            fn read(value: crate::Value) -> Result<Self, $crate::sma::parameter::Flaw> {
                let mut members = $crate::sma::parameter::members(value)?;
                Ok(Self {
                    $($fixed: $crate::sma::parameter::member(&mut members, $fixed_name)?,)?
                    $($required: $crate::sma::parameter::member(&mut members, $required_name)?,)*
                    $($optional: $crate::sma::parameter::member(&mut members, $optional_name)?,)*
                    other: members.into(),
                })
            }

            fn check(&self) -> Result<(), $crate::sma::parameter::Flaw> {
                $(self.$required.check().map_err(|flaw| flaw.in_member($required_name))?;)*
                $(self.$optional.check().map_err(|flaw| flaw.in_member($optional_name))?;)*
                $(let check: fn(&Self) -> Result<(), $crate::sma::parameter::Flaw> = $check; check(self)?;)?
                Ok(())
            }
        }
    };
}

/// Declares an action, with the legs that it runs on:
///
/// * `any leg`: `on` sets the leg;
/// * `any leg, collects digits`: as before, with members that define valid digits;
/// * `leg A`: the first leg of the call, which does not have to be set;
/// * `call id`: the action requires the id of its leg.
macro_rules! action {
    (
        $(#[$doc:meta])* $name:ident on any leg {
            required { $($required:tt)* }
            optional { $($optional:tt)* }
            $($check:tt)*
        }
    ) => {
        action! {
            $(#[$doc])* $name on leg A {
                required { $($required)* }
                optional { $($optional)* }
                $($check)*
            }
        }

        impl $name {
            /// Sets the leg that the action runs on. Default: the leg of the event, or else the first leg.
            #[must_use]
            pub fn on(mut self, leg: $crate::sma::Leg) -> Self {
                (self.call_id, self.participant_tag) = leg.into_members();
                self
            }
        }
    };
    (
        $(#[$doc:meta])* $name:ident on any leg, collects digits {
            required { $($required:tt)* }
            optional { $($optional:tt)* }
            $($check:tt)*
        }
    ) => {
        action! {
            $(#[$doc])* $name on any leg {
                required {
                    $($required)*
                    /// The time to wait for the first digit before the next attempt.
                    repeat_duration_in_milliseconds: Millis = "RepeatDurationInMilliseconds",
                }
                optional {
                    $($optional)*
                    /// The expression that the digits have to match, with or without the key that ended them.
                    input_digits_regex: DigitRegex = "InputDigitsRegex",
                    /// The minimum number of digits. Default: 0.
                    min_number_of_digits: u32 = "MinNumberOfDigits",
                    /// The maximum number of digits, which ends an attempt. Default: 128.
                    max_number_of_digits: u32 = "MaxNumberOfDigits",
                    /// Keys that end an attempt. Default: `#`.
                    terminator_digits: Vec<Key> = "TerminatorDigits",
                    /// The time to wait for each further digit. Default: the time for the first digit.
                    in_between_digits_duration_in_milliseconds: Millis = "InBetweenDigitsDurationInMilliseconds",
                    /// The number of attempts. Default: 1.
                    repeat: Times = "Repeat",
                }
                $($check)*
            }
        }

        impl $name {
            /// Sets the minimum and maximum number of digits. A minimum above the maximum does not compile.
            #[must_use]
            pub fn digits<const MIN: u32, const MAX: u32>(self) -> Self {
                const { assert!(MIN <= MAX, "MIN digits must not be more than MAX") };
                self.min_number_of_digits(MIN).max_number_of_digits(MAX)
            }

            /// Checks that the maximum number of digits is not less than the minimum.
            fn check_numbers_of_digits(&self) -> Result<(), Flaw> {
                let (min, max) = (self.min_number_of_digits, self.max_number_of_digits);
                match min.unwrap_or_default() <= max.unwrap_or(MAX_DIGITS) {
                    true => Ok(()),
                    false => Err(Flaw::Invalid("MaxNumberOfDigits")),
                }
            }
        }
    };
    (
        $(#[$doc:meta])* $name:ident on leg A {
            required { $($required:tt)* }
            optional { $($optional:tt)* }
            $($check:tt)*
        }
    ) => {
        structure! {
            $(#[$doc])* $name {
                required { $($required)* }
                optional {
                    $($optional)*
                    /// The id of the leg.
                    call_id: CallId = "CallId",
                    /// The tag of the leg. If both are set, the id takes precedence.
                    participant_tag: ParticipantTag = "ParticipantTag",
                }
                $($check)*
            }
        }
    };
    (
        $(#[$doc:meta])* $name:ident on call id {
            required { $($required:tt)* }
            optional { $($optional:tt)* }
        }
    ) => {
        structure! {
            $(#[$doc])* $name {
                required {
                    $($required)*
                    /// The leg.
                    call_id: CallId = "CallId",
                }
                optional {
                    $($optional)*
                    /// The tag of the leg. The id takes precedence.
                    participant_tag: ParticipantTag = "ParticipantTag",
                }
            }
        }
    };
}

/// Declares the type of each action in JSON, and the enum of all actions.
macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $text:literal on [$($legs:tt)+] { $($body:tt)* })+) => {
        $(action! { $(#[$doc])* $name on $($legs)+ { $($body)* } })+

        open_enum! {
            /// The type of an action.
            ActionType {
                $(#[doc = concat!("[`", $text, "`](super::", $text, ").")] $name = $text,)+
            }
        }

        /// An action: what the service does with a leg of the call.
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum Action {
            $($(#[$doc])* $name(Box<$name>),)+
            /// An action whose type is unknown to this version, or whose parameters are invalid: see
            /// [`check`](Self::check).
            Other(RawAction),
        }

        $(
            impl From<$name> for Action {
                fn from(action: $name) -> Self {
                    Self::$name(Box::new(action))
                }
            }
        )+

        impl Action {
            /// The type of the action.
            #[must_use]
            pub fn action_type(&self) -> ActionType {
                match self {
                    $(Self::$name(_) => ActionType::$name,)+
                    Self::Other(raw) => raw.action_type.clone(),
                }
            }

            /// The id of the action's leg, if set.
            #[must_use]
            pub fn call_id(&self) -> Option<&CallId> {
                match self {
                    $(Self::$name(action) => (&action.call_id).into(),)+
                    Self::Other(_) => None,
                }
            }

            /// The tag of the action's leg, if set.
            #[must_use]
            pub fn participant_tag(&self) -> Option<&ParticipantTag> {
                match self {
                    $(Self::$name(action) => action.participant_tag.as_ref(),)+
                    Self::Other(_) => None,
                }
            }

            /// Reads the parameters of an action of this type. Returns `None` if the type is unknown.
            pub(super) fn read(action_type: &ActionType, parameters: Value) -> Option<Result<Self, Flaw>> {
                match action_type {
                    $(ActionType::$name => Some($name::read(parameters).map(Self::from)),)+
                    ActionType::Unknown(_) => None,
                }
            }

            pub(super) fn check_parameters(&self) -> Result<(), Flaw> {
                match self {
                    $(Self::$name(action) => action.check(),)+
                    Self::Other(raw) => raw.check(),
                }
            }
        }

        impl Serialize for Action {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $(
                        Self::$name(action) => {
                            Typed { action_type: $text, parameters: action }.serialize(serializer)
                        }
                    )+
                    Self::Other(raw) => raw.serialize(serializer),
                }
            }
        }
    };
}
