//! Tests of the problems that invalid seeds report.

use serde_json::{Value, json};

use crate::testing::Bench;
use crate::{AwsAccount, Config, LocalChime, Seed, StoreError, sample};

fn problems(document: &Value) -> Vec<String> {
    match Seed::parse(&document.to_string()) {
        Ok(_) => Vec::new(),
        Err(error) => error.problems().to_vec(),
    }
}

fn organisation(account_type: &str, more: Value) -> Value {
    let account = json!({"AwsAccountId": "111122223333", "AccountId": "a", "Name": "A",
        "AccountType": account_type});
    let mut organisation = json!({"Account": account});
    organisation.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({"Organisations": [organisation]})
}

fn enterprise(more: Value) -> Value {
    organisation("EnterpriseLWA", more)
}

fn aws_account(more: Value) -> Value {
    let mut account = json!({"AwsAccountId": "111122223333"});
    account.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({"AwsAccounts": [account]})
}

/// A number that is associated with a user.
fn number_of(account: &str, user: &str) -> Value {
    json!({"PhoneNumbers": [{"E164PhoneNumber": "+12065550100", "Associations": [
        {"Name": "AccountId", "Value": account}, {"Name": "UserId", "Value": user}]}]})
}

#[test]
fn a_problem_has_a_path_and_no_value() {
    let user = |id: &str, email: &str| json!({"UserId": id, "PrimaryEmail": email});
    let message = |id: &str| json!({"RoomId": "r", "MessageId": id});
    let said = |id: &str| json!({"ConversationId": "c", "MessageId": id});
    for (document, expected) in [
        (
            json!({"Organizations": []}),
            "Organizations: is not a member of this structure; did you mean Organisations?",
        ),
        (json!({"Organisations": [{}]}), "Organisations[0].Account: is required"),
        (
            enterprise(json!({"RoomMesages": []})),
            "Organisations[0].RoomMesages: is not a member of this structure; \
             did you mean RoomMessages?",
        ),
        (
            enterprise(json!({"Users": [{"UserId": "u", "PrimaryMail": "a@b.c"}]})),
            "Organisations[0].Users[0].PrimaryMail: is not a member of this structure; \
             did you mean PrimaryEmail?",
        ),
        (enterprise(json!({"Domains": [7]})), "Organisations[0].Domains[0]: must be a string"),
        (enterprise(json!({"Users": [{}]})), "Organisations[0].Users[0].UserId: is required"),
        (
            json!({"Organisations": [{"Account":
                {"AwsAccountId": "111122223333", "AccountId": " ", "Name": "A"}}]}),
            "Organisations[0].Account.AccountId: must not be blank",
        ),
        (
            enterprise(json!({"Users": [user("", "a@b.c")]})),
            "Organisations[0].Users[0].UserId: must not be blank",
        ),
        (
            enterprise(json!({"Users": [user("u", "a@b.c"), user("u", "d@e.f")]})),
            "Organisations[0].Users[1].UserId: must be unique; it duplicates an earlier item",
        ),
        (
            enterprise(json!({"Users": [user("u", "a@b.c"), user("v", "A@b.c")]})),
            "Organisations[0].Users[1].PrimaryEmail: belongs to another user of this AWS account",
        ),
        (
            enterprise(json!({"Users": [
                {"UserId": "u", "PrimaryProvisionedNumber": "+12065550100"},
                {"UserId": "v", "PrimaryProvisionedNumber": "+12065550100"}]})),
            "Organisations[0].Users[1].PrimaryProvisionedNumber: belongs to another user",
        ),
        (
            enterprise(json!({"Users": [{"UserId": "u", "PrimaryProvisionedNumber": "none"}]})),
            "Organisations[0].Users[0].PrimaryProvisionedNumber: must be a phone number, such as \
             +12065550100",
        ),
        (
            organisation(
                "Team",
                json!({"Users": [{"UserId": "u",
                "UserRegistrationStatus": "Suspended"}]}),
            ),
            "Organisations[0].Users[0].UserRegistrationStatus: must not be Suspended, because a \
             Team account removes such users",
        ),
        (
            enterprise(json!({"UserSettings": [{"UserId": "u", "Telephony":
                {"InboundCalling": true, "OutboundCalling": true, "SMS": true}}]})),
            "Organisations[0].UserSettings[0].UserId: must be the id of one of the Users",
        ),
        (
            enterprise(json!({"Rooms": [{"RoomId": "r"}], "Memberships":
                [{"RoomId": "r", "Member": {"MemberId": "u"}}]})),
            "Organisations[0].Memberships[0].Member.MemberId: must be the id of one of the Users \
             or Bots; for others, set MemberType",
        ),
        (
            enterprise(json!({"Memberships":
                [{"RoomId": "r", "Member": {"MemberId": "u", "MemberType": "Webhook"}}]})),
            "Organisations[0].Memberships[0].RoomId: must be the id of one of the Rooms",
        ),
        (
            enterprise(json!({"RoomMessages": [message("m")]})),
            "Organisations[0].RoomMessages[0].RoomId: must be the id of one of the Rooms",
        ),
        (
            enterprise(json!({"Rooms": [{"RoomId": "r"}],
                "RoomMessages": [message("m"), message("n"), message("m")]})),
            "Organisations[0].RoomMessages[2].MessageId: must be unique within the room",
        ),
        (
            enterprise(json!({"ConversationMessages": [said("m"), said("m")]})),
            "Organisations[0].ConversationMessages[1].MessageId: must be unique within the \
             conversation",
        ),
        (
            enterprise(json!({"EventsConfigurations": [{"BotId": "b"}]})),
            "Organisations[0].EventsConfigurations[0].BotId: must be the id of one of the Bots",
        ),
        (
            json!({"AwsAccounts": [{"AwsAccountId": "1"}]}),
            "AwsAccounts[0].AwsAccountId: must match `[0-9]{12}`",
        ),
        (
            aws_account(json!({"PhoneNumbers":
                [{"E164PhoneNumber": "+12065550100"}, {"PhoneNumberId": "%2B12065550100"}]})),
            "AwsAccounts[0].PhoneNumbers[1]: must be unique; it duplicates an earlier item",
        ),
        (
            aws_account(json!({"PhoneNumbers": [{"PhoneNumberId": "none"}]})),
            "AwsAccounts[0].PhoneNumbers[0]: E164PhoneNumber or a valid PhoneNumberId is required",
        ),
        (
            aws_account(json!({"PhoneNumbers": [{"E164PhoneNumber": "+12065550100",
                "Associations": [{"Name": "UserId", "Value": "u"}]}]})),
            "AwsAccounts[0].PhoneNumbers[0].Associations: no user has this AccountId and UserId; \
             add the user to the seed",
        ),
        (
            aws_account(json!({"CallingNameChanges":
                [{"E164PhoneNumber": "+12065550100", "CallingName": "Lake"}]})),
            "AwsAccounts[0].CallingNameChanges[0].E164PhoneNumber: must be listed in PhoneNumbers",
        ),
        (
            aws_account(json!({"Meetings": [
                {"MeetingId": sample::MEETING_ID, "JoinTokens": ["fine+/", "ends-with="]}]})),
            "AwsAccounts[0].Meetings[0].JoinTokens[1]: must match `[a-zA-Z0-9+/]+`",
        ),
        (
            aws_account(json!({"Meetings": [
                {"MeetingId": sample::MEETING_ID}, {"MeetingId": sample::MEETING_ID}]})),
            "AwsAccounts[0].Meetings[1].MeetingId: must be unique; it duplicates an earlier item",
        ),
        (
            json!({"PhoneStock": [{"E164PhoneNumber": "+33123456789"}]}),
            "PhoneStock[0].Country: is required, because it cannot be derived from the number",
        ),
        (
            json!({"PhoneStock": [{"E164PhoneNumber": "+12065550100"},
                {"E164PhoneNumber": "12065550100"}]}),
            "PhoneStock[1]: must be unique; it duplicates an earlier item",
        ),
        (
            json!({"SupportedCountries": [{"ProductType": "VoiceConnector"},
                {"ProductType": "VoiceConnector"}]}),
            "SupportedCountries[1].ProductType: must be unique; it duplicates an earlier item",
        ),
        (
            json!({"Credentials": [{"AccessKeyId": "A", "SecretAccessKey": 123_456,
                "AwsAccountId": "111122223333", "Arn": "arn"}]}),
            "Credentials[0].SecretAccessKey: must be a string",
        ),
    ] {
        assert_eq!(problems(&document), [expected], "{document}");
    }
    let all = problems(&enterprise(json!({"Users": [{}], "Bots": 1})));
    assert_eq!(all.len(), 2, "{all:?}");
}

#[test]
fn a_team_account_has_only_users() {
    for (member, value) in [
        ("Domains", json!(["harbour.example"])),
        ("RetentionSettings", json!({"RoomRetentionSettings": {"RetentionDays": 1}})),
        ("InitiateDeletionTimestamp", json!("2025-03-05T12:00:00.000Z")),
        ("Rooms", json!([{"RoomId": "r"}])),
        ("Bots", json!([{"BotId": "b"}])),
        ("ConversationMessages", json!([{"ConversationId": "c", "MessageId": "m"}])),
    ] {
        let of = |account_type| problems(&organisation(account_type, json!({member: value})));
        let problem = format!("Organisations[0].{member}: is for Enterprise accounts only");
        assert_eq!(of("Team"), [problem]);
        assert_eq!(of("EnterpriseOIDC"), [""; 0]);
    }
}

#[test]
fn an_email_address_is_unique_within_an_aws_account() {
    let account = |owner: &str, id: &str| {
        json!({"Account": {"AwsAccountId": owner, "AccountId": id, "Name": id},
            "Users": [{"UserId": "u", "PrimaryEmail": "u@lake.example"}]})
    };
    let two = |owner: &str| {
        problems(&json!({"Organisations": [account("111122223333", "a"), account(owner, "b")]}))
    };
    assert_eq!(two("444455556666"), [""; 0]);
    let problem =
        "Organisations[1].Users[0].PrimaryEmail: belongs to another user of this AWS account";
    assert_eq!(two("111122223333"), [problem]);
}

#[test]
fn a_number_can_be_associated_only_with_an_existing_user() {
    let problem = "AwsAccounts[0].PhoneNumbers[0].Associations: no user has this AccountId and \
                   UserId; add the user to the seed";
    let mut document = enterprise(json!({"Users": [{"UserId": "u"}]}));
    for (account, user, alone, problems_of_document) in [
        ("a", "u", true, &[][..]),
        ("a", "nobody", true, &[problem]),
        // An account that is not in the seed can exist in the emulator that the seed is added to.
        ("elsewhere", "u", false, &[]),
        (sample::ENTERPRISE_ACCOUNT_ID, sample::BO_ID, false, &[]),
    ] {
        document["AwsAccounts"] = aws_account(number_of(account, user))["AwsAccounts"].clone();
        assert_eq!(problems(&document), problems_of_document, "{account} {user}");
        let Ok(seed) = Seed::parse(&document.to_string()) else { continue };
        let chime = LocalChime::new(Config { seed, ..Config::default() });
        assert_eq!(chime.is_ok(), alone, "{account} {user}");
    }

    let bench = Bench::sample();
    let seed = |user: &str| {
        let numbers = number_of(sample::ENTERPRISE_ACCOUNT_ID, user);
        let account: AwsAccount =
            serde_json::from_value(aws_account(numbers)["AwsAccounts"][0].clone()).unwrap();
        bench.chime.seed(account)
    };
    seed(sample::BO_ID).unwrap();
    let Err(StoreError::Invalid(error)) = seed("nobody") else { panic!("accepted") };
    assert_eq!(error.problems(), [problem]);
}

#[test]
fn a_user_has_one_number_which_is_assigned() {
    let mut document = enterprise(json!({"Users": [{"UserId": "u"}]}));
    let mut numbers = number_of("a", "u")["PhoneNumbers"].clone();
    let mut second = numbers[0].clone();
    second["E164PhoneNumber"] = "+12065550101".into();
    second["Status"] = "Unassigned".into();
    numbers.as_array_mut().unwrap().push(second);
    document["AwsAccounts"] = aws_account(json!({"PhoneNumbers": numbers}))["AwsAccounts"].clone();
    let expected = [
        "AwsAccounts[0].PhoneNumbers[1].Status: must be Assigned, because the number is associated \
         with a user",
        "AwsAccounts[0].PhoneNumbers[1].Associations: the user has another of the numbers",
    ];
    assert_eq!(problems(&document), expected);
    let mut shared = number_of("a", "u");
    let other = json!({"Name": "UserId", "Value": "v"});
    shared["PhoneNumbers"][0]["Associations"].as_array_mut().unwrap().push(other);
    document["AwsAccounts"] = aws_account(shared)["AwsAccounts"].clone();
    let expected = "AwsAccounts[0].PhoneNumbers[0].Associations: must have at most one AccountId and \
                    one UserId";
    assert_eq!(problems(&document), [expected]);
}

#[test]
fn a_number_of_a_user_is_that_users_where_it_is_listed() {
    let mut document = enterprise(json!({"Users": [
        {"UserId": "u", "PrimaryProvisionedNumber": "+12065550100"}, {"UserId": "v"}]}));
    let mut problems_with = |accounts: Value| {
        document["AwsAccounts"] = accounts["AwsAccounts"].clone();
        problems(&document)
    };
    let listed = json!({"PhoneNumbers": [{"E164PhoneNumber": "+12065550100"}]});
    assert_eq!(problems_with(aws_account(number_of("a", "u"))), [""; 0]);
    assert_eq!(problems_with(aws_account(listed.clone())), [""; 0]);
    let expected = "AwsAccounts[0].PhoneNumbers[0].Associations: must be those of the user who has \
                    the number in the seed";
    assert_eq!(problems_with(aws_account(number_of("a", "v"))), [expected]);
    let mut elsewhere = aws_account(listed);
    elsewhere["AwsAccounts"][0]["AwsAccountId"] = "444455556666".into();
    assert_eq!(problems_with(elsewhere), [expected]);
}

#[test]
fn a_merge_conflict_has_its_path_in_the_other_seed() {
    let parse = |document: &Value| Seed::parse(&document.to_string()).unwrap();
    let mut first = parse(&enterprise(json!({"Users": [{"UserId": "u"}]})));
    let number = |number: &str| json!({"PhoneNumbers": [{"E164PhoneNumber": number}]});
    first.merge(parse(&aws_account(number("+12065550100")))).unwrap();
    first.merge(parse(&aws_account(number("+12065550101")))).unwrap();
    first.merge(parse(&aws_account(json!({"GlobalSettings": {}})))).unwrap();
    assert_eq!(first.aws_accounts.len(), 1);
    assert_eq!(first.aws_accounts[0].phone_numbers.len(), 2);
    assert!(first.aws_accounts[0].global_settings.is_some());

    let before = serde_json::to_value(&first).unwrap();
    for (other, problem) in [
        (
            enterprise(json!({})),
            "Organisations[0].Account.AccountId: must be unique; it duplicates an earlier item",
        ),
        (
            aws_account(number("+12065550101")),
            "AwsAccounts[0].PhoneNumbers[0]: must be unique; it duplicates an earlier item",
        ),
        (
            aws_account(number_of("a", "nobody")),
            "AwsAccounts[0].PhoneNumbers[0].Associations: no user has this AccountId and UserId; \
             add the user to the seed",
        ),
    ] {
        let error = first.merge(parse(&other)).unwrap_err();
        assert_eq!(error.problems()[0], problem);
    }
    assert_eq!(serde_json::to_value(&first).unwrap(), before);
}

#[test]
fn credentials_of_a_configuration_are_validated() {
    let credential =
        crate::Credential { aws_account_id: "1111".into(), ..crate::Credential::default() };
    let config = Config { credentials: vec![credential], ..Config::default() };
    let error = LocalChime::new(config).unwrap_err();
    assert_eq!(error.problems(), ["Credentials[0].AwsAccountId: must match `[0-9]{12}`"]);
}
