//! What a seed may hold, as rows like those of the API: its check is the same, and so are its words.

use chime_model::chime::{
    Account, AccountSettings, Bot, BusinessCallingSettings, EventsConfiguration, PhoneNumber,
    PhoneNumberCountry, PhoneNumberOrder, PhoneNumberProductType, PhoneNumberType,
    RetentionSettings, Room, RoomMembership, TelephonySettings, User, VoiceConnectorSettings,
};
use chime_model::{
    Describe, Enumeration, ListShape, MemberInfo, Pattern, Shape, Structure, TextShape,
    TimestampFormat,
};

use super::Seed;

/// A list of anything.
const fn list(item: &'static Shape) -> Shape {
    Shape::List(ListShape { item, min: None, max: None })
}

const fn matching(pattern: &'static Pattern, sensitive: bool) -> Shape {
    Shape::Text(TextShape { pattern: Some(pattern), sensitive, ..TextShape::ANY })
}

static NOT_BLANK: Pattern = Pattern::new(r".*\S.*");
static ID: Shape = matching(&NOT_BLANK, false);
static SECRET: Shape = matching(&NOT_BLANK, true);
static NAMES: Shape = list(&ID);
static BOOLEAN: Shape = Shape::Boolean;
static TIMESTAMP: Shape = Shape::Timestamp(TimestampFormat::Iso8601);
static GUID_PATTERN: Pattern = Pattern::new("[a-fA-F0-9]{8}(?:-[a-fA-F0-9]{4}){3}-[a-fA-F0-9]{12}");
static GUID: Shape = matching(&GUID_PATTERN, false);
static AWS_ACCOUNT_ID_PATTERN: Pattern = Pattern::new("[0-9]{12}");
static AWS_ACCOUNT_ID: Shape = matching(&AWS_ACCOUNT_ID_PATTERN, false);
static ACCESS_KEY_ID_PATTERN: Pattern = Pattern::new("[A-Za-z0-9]{1,128}");
static ACCESS_KEY_ID: Shape = matching(&ACCESS_KEY_ID_PATTERN, false);

impl Describe for Seed {
    const SHAPE: &'static Structure = &Structure {
        name: "Seed",
        members: &[
            MemberInfo::body("Credentials", &CREDENTIALS, "Who may call."),
            MemberInfo::body("Organisations", &ORGANISATIONS, "Chime accounts and what is theirs."),
            MemberInfo::body("AwsAccounts", &AWS_ACCOUNTS, "What belongs to no one Chime account."),
            MemberInfo::body("PhoneStock", &PHONE_STOCK, "Phone numbers that can be ordered."),
            MemberInfo::body("SupportedCountries", &SUPPORTED_COUNTRIES, "Where they can be had."),
        ],
    };
}

static CREDENTIALS: Shape = list(&CREDENTIAL);
static CREDENTIAL: Shape = Shape::Structure(&Structure {
    name: "Credential",
    members: &[
        MemberInfo::required_body("AccessKeyId", &ACCESS_KEY_ID, "The access key id."),
        MemberInfo::required_body("SecretAccessKey", &SECRET, "What requests are signed with."),
        MemberInfo::body("SessionToken", &SECRET, "Of a temporary credential."),
        MemberInfo::required_body("AwsAccountId", &AWS_ACCOUNT_ID, "The AWS account that calls."),
        MemberInfo::required_body("Arn", &ID, "Who calls, as in `CreatedBy` and `InvitedBy`."),
    ],
});

static ORGANISATIONS: Shape = list(&ORGANISATION);
static ORGANISATION: Shape = Shape::Structure(&Structure {
    name: "Organisation",
    members: &[
        MemberInfo::required_body("Account", &ACCOUNT, "The account."),
        MemberInfo::body("Domains", &NAMES, "The domains that it has claimed."),
        MemberInfo::body("Settings", &SETTINGS, "What is allowed in its meetings."),
        MemberInfo::body("RetentionSettings", &RETENTION, "How long its messages are kept."),
        MemberInfo::body(
            "InitiateDeletionTimestamp",
            &TIMESTAMP,
            "When messages beyond the retention are deleted for good.",
        ),
        MemberInfo::body("Users", &USERS, "Its users."),
        MemberInfo::body("UserSettings", &USERS_SETTINGS, "What its users may do."),
        MemberInfo::body("Rooms", &ROOMS, "Its rooms."),
        MemberInfo::body("Memberships", &MEMBERSHIPS, "Who is in which room."),
        MemberInfo::body("Bots", &BOTS, "Its bots."),
        MemberInfo::body("EventsConfigurations", &EVENTS, "Where its bots are told of events."),
        MemberInfo::body("RoomMessages", &ROOM_MESSAGES, "The messages in its rooms."),
        MemberInfo::body("ConversationMessages", &CONVERSATION_MESSAGES, "Those elsewhere."),
    ],
});

static ACCOUNT: Shape = Shape::Structure(Account::SHAPE);
static SETTINGS: Shape = Shape::Structure(AccountSettings::SHAPE);
static RETENTION: Shape = Shape::Structure(RetentionSettings::SHAPE);
static USERS: Shape = list(&USER);
static USER: Shape = Shape::Structure(User::SHAPE);
static ROOMS: Shape = list(&ROOM);
static ROOM: Shape = Shape::Structure(Room::SHAPE);
static MEMBERSHIPS: Shape = list(&MEMBERSHIP);
static MEMBERSHIP: Shape = Shape::Structure(RoomMembership::SHAPE);
static BOTS: Shape = list(&BOT);
static BOT: Shape = Shape::Structure(Bot::SHAPE);
static EVENTS: Shape = list(&EVENTS_CONFIGURATION);
static EVENTS_CONFIGURATION: Shape = Shape::Structure(EventsConfiguration::SHAPE);

static USERS_SETTINGS: Shape = list(&USER_SETTINGS);
static USER_SETTINGS: Shape = Shape::Structure(&Structure {
    name: "UserSettings",
    members: &[
        MemberInfo::required_body("UserId", &ID, "Whose they are."),
        MemberInfo::required_body("Telephony", &TELEPHONY, "Calls and messages by telephone."),
    ],
});
static TELEPHONY: Shape = Shape::Structure(TelephonySettings::SHAPE);

static ROOM_MESSAGES: Shape = list(&ROOM_MESSAGE);
static ROOM_MESSAGE: Shape = Shape::Structure(&Structure {
    name: "RoomMessage",
    members: &[
        MemberInfo::required_body("RoomId", &ID, "The room that it is in."),
        MemberInfo::required_body("MessageId", &ID, "Its id."),
        MemberInfo::body("Redacted", &BOOLEAN, "Whether it was taken from view."),
    ],
});

static CONVERSATION_MESSAGES: Shape = list(&CONVERSATION_MESSAGE);
static CONVERSATION_MESSAGE: Shape = Shape::Structure(&Structure {
    name: "ConversationMessage",
    members: &[
        MemberInfo::required_body("ConversationId", &ID, "The conversation that it is in."),
        MemberInfo::required_body("MessageId", &ID, "Its id."),
        MemberInfo::body("Redacted", &BOOLEAN, "Whether it was taken from view."),
    ],
});

static AWS_ACCOUNTS: Shape = list(&AWS_ACCOUNT);
static AWS_ACCOUNT: Shape = Shape::Structure(&Structure {
    name: "AwsAccount",
    members: &[
        MemberInfo::required_body("AwsAccountId", &AWS_ACCOUNT_ID, "Its id, 12 digits."),
        MemberInfo::body("PhoneNumbers", &PHONE_NUMBERS, "Its phone numbers."),
        MemberInfo::body("CallingNameChanges", &NAME_CHANGES, "Names that its numbers are to get."),
        MemberInfo::body("PhoneNumberOrders", &ORDERS, "Its orders of phone numbers."),
        MemberInfo::body("PhoneNumberSettings", &PHONE_NUMBER_SETTINGS, "Its calling name."),
        MemberInfo::body("GlobalSettings", &GLOBAL_SETTINGS, "Where its records of calls go."),
        MemberInfo::body("Meetings", &MEETINGS, "The meetings that can dial out."),
    ],
});

static PHONE_NUMBERS: Shape = list(&PHONE_NUMBER);
static PHONE_NUMBER: Shape = Shape::Structure(PhoneNumber::SHAPE);
static ORDERS: Shape = list(&ORDER);
static ORDER: Shape = Shape::Structure(PhoneNumberOrder::SHAPE);
static E164_PATTERN: Pattern = Pattern::new(r"\+?[1-9]\d{1,14}");
static E164: Shape = matching(&E164_PATTERN, true);
static NEW_NAME_PATTERN: Pattern = Pattern::new("[a-zA-Z0-9 ]{2,15}");
static NEW_NAME: Shape = matching(&NEW_NAME_PATTERN, true);
static CALLING_NAME_PATTERN: Pattern = Pattern::new("^$|^[a-zA-Z0-9 ]{2,15}$");
static CALLING_NAME: Shape = matching(&CALLING_NAME_PATTERN, true);

static NAME_CHANGES: Shape = list(&NAME_CHANGE);
static NAME_CHANGE: Shape = Shape::Structure(&Structure {
    name: "CallingNameChange",
    members: &[
        MemberInfo::required_body("E164PhoneNumber", &E164, "The number that is to get it."),
        MemberInfo::required_body("CallingName", &NEW_NAME, "The name that it is to get."),
        MemberInfo::body("Since", &TIMESTAMP, "When that was asked for."),
    ],
});

static PHONE_NUMBER_SETTINGS: Shape = Shape::Structure(&Structure {
    name: "PhoneNumberSettings",
    members: &[
        MemberInfo::body("CallingName", &CALLING_NAME, "The name that is shown on calls."),
        MemberInfo::body("CallingNameUpdatedTimestamp", &TIMESTAMP, "When it was set."),
    ],
});

static GLOBAL_SETTINGS: Shape = Shape::Structure(&Structure {
    name: "GlobalSettings",
    members: &[
        MemberInfo::body("BusinessCalling", &BUSINESS_CALLING, "Of business calling."),
        MemberInfo::body("VoiceConnector", &VOICE_CONNECTOR, "Of voice connectors."),
    ],
});
static BUSINESS_CALLING: Shape = Shape::Structure(BusinessCallingSettings::SHAPE);
static VOICE_CONNECTOR: Shape = Shape::Structure(VoiceConnectorSettings::SHAPE);

static JOIN_TOKENS: Shape = list(&JOIN_TOKEN);
static JOIN_TOKEN_PATTERN: Pattern = Pattern::new("[a-zA-Z0-9+/]+");
static JOIN_TOKEN: Shape = Shape::Text(TextShape {
    min: Some(2),
    max: Some(2048),
    pattern: Some(&JOIN_TOKEN_PATTERN),
    sensitive: true,
});
static MEETINGS: Shape = list(&MEETING);
static MEETING: Shape = Shape::Structure(&Structure {
    name: "Meeting",
    members: &[
        MemberInfo::required_body("MeetingId", &GUID, "Its id, a GUID."),
        MemberInfo::body("JoinTokens", &JOIN_TOKENS, "What lets somebody join."),
    ],
});

static PHONE_STOCK: Shape = list(&STOCK_NUMBER);
static STOCK_NUMBER: Shape = Shape::Structure(&Structure {
    name: "StockNumber",
    members: &[
        MemberInfo::required_body("E164PhoneNumber", &E164, "The number."),
        MemberInfo::body("Country", &COUNTRY, "Its country, as two capital letters."),
        MemberInfo::body("Type", &PHONE_NUMBER_TYPE, "Local or toll-free."),
        MemberInfo::body("City", &ID, "The city of the US that it is found by."),
        MemberInfo::body("State", &STATE, "The state of the US that it is found by."),
    ],
});
static COUNTRY_PATTERN: Pattern = Pattern::new("[A-Z]{2}");
static COUNTRY: Shape = matching(&COUNTRY_PATTERN, false);
static STATE_PATTERN: Pattern = Pattern::new("[A-Za-z]{2}");
static STATE: Shape = matching(&STATE_PATTERN, false);
static PHONE_NUMBER_TYPE: Shape =
    Shape::Enumeration(Enumeration { name: "PhoneNumberType", values: PhoneNumberType::VALUES });

static SUPPORTED_COUNTRIES: Shape = list(&COUNTRIES_OF_TYPE);
static COUNTRIES_OF_TYPE: Shape = Shape::Structure(&Structure {
    name: "SupportedCountries",
    members: &[
        MemberInfo::required_body("ProductType", &PRODUCT_TYPE, "The product type."),
        MemberInfo::body("PhoneNumberCountries", &PHONE_NUMBER_COUNTRIES, "The countries."),
    ],
});
static PRODUCT_TYPE: Shape = Shape::Enumeration(Enumeration {
    name: "PhoneNumberProductType",
    values: PhoneNumberProductType::VALUES,
});
static PHONE_NUMBER_COUNTRIES: Shape = list(&PHONE_NUMBER_COUNTRY);
static PHONE_NUMBER_COUNTRY: Shape = Shape::Structure(PhoneNumberCountry::SHAPE);
