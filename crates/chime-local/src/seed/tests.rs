//! Tests of parsing, validating, adding and exporting seeds.

use chime_model::chime::{Account, AccountType, User};
use serde_json::json;

use super::*;
use crate::engine::faults::{CutPoint, Fault, Faults};
use crate::testing::Bench;
use crate::{Config, StoreError, sample};

/// The current state, as text.
fn exported(bench: &Bench) -> String {
    serde_json::to_string_pretty(&bench.chime.export()).unwrap()
}

#[test]
fn a_syntax_error_has_its_line_and_no_value() {
    let error = Seed::parse("{\"Organisations\": [\n  \"secret").unwrap_err().to_string();
    assert!(error.contains("line 2") && !error.contains("secret"), "{error}");
}

#[cfg(feature = "yaml")]
#[test]
fn seeds_can_be_yaml() {
    let text = "
Organisations:
- Account: {AwsAccountId: '111122223333', AccountId: a, Name: A, AccountType: EnterpriseLWA}
  Domains: [harbour.example]
  Users:
  - UserId: u
    PrimaryEmail: ines@harbour.example
";
    let seed = Seed::parse(text).unwrap();
    assert_eq!(seed.organisations[0].users[0].user_id.as_str(), "u");
    let error = Seed::parse("Organisations:\n- Acount: 1\n").unwrap_err().to_string();
    assert!(error.starts_with("Organisations[0].Acount: is not a member"), "{error}");
    let error = Seed::parse("a: [\n").unwrap_err().to_string();
    assert!(error.starts_with("invalid YAML at line "), "{error}");
}

#[test]
fn a_response_of_the_service_can_be_pasted_in() {
    // Published responses with other ids.
    let account = json!({"AccountId": "a", "AccountType": "Team", "Admins": null,
        "AwsAccountId": "111122223333", "BillingType": "SeatBilling",
        "CreatedTimestamp": "2018-12-20T18:38:02.181Z", "DefaultLicense": "Pro",
        "DelegationStatus": "NoDelegation", "DirectoryId": null, "Domains": null,
        "Groups": [{"GroupId": "g", "License": "Pro"}], "Name": "A", "Owner": null,
        "SigninDelegateGroups": null, "SupportedLicenses": ["Basic", "Pro"],
        "UseProTrialLicense": false});
    let user = json!({"AccountId": "a", "AlexaForBusinessMetadata":
            {"AlexaForBusinessRoomArn": null, "IsAlexaForBusinessEnabled": false},
        "Delegates": null, "Devices": null, "DisplayName": "Mary", "EmailAlias": [],
        "FullName": "Mary Major", "InvitedOn": null, "IsProTrial": false, "LastActiveOn": null,
        "LicenseType": "Pro", "PersonalPIN": "0123456789", "PresenceVisibility": "Visible",
        "PrimaryEmail": "mary@lake.example", "PrimaryProvisionedNumber": null,
        "RegisteredOn": "2018-12-20T18:45:25.231Z", "UserId": "u", "UserInvitationStatus": null,
        "UserLocale": "en_US", "UserRegistrationStatus": "Registered", "Vanity": null});
    let mut organisation = json!({"Account": account, "Users": [user], "Settings": null,
        "Domains": null, "Rooms": null, "InitiateDeletionTimestamp": null});
    let aws_account = json!({"AwsAccountId": "111122223333", "PhoneNumbers": null,
        "Meetings": [{"MeetingId": sample::MEETING_ID, "JoinTokens": null}]});
    let seed = |organisation: &serde_json::Value| {
        Seed::parse(
            &json!({"Credentials": null, "Organisations": [organisation],
                "AwsAccounts": [aws_account]})
            .to_string(),
        )
    };
    let read = seed(&organisation).unwrap();
    assert_eq!(read.organisations[0].users[0].personal_pin, Some("0123456789".into()));

    // Other unknown members are still errors, and so is a null item.
    organisation["Users"][0]["Fullname"] = json!("Mary Major");
    organisation["Account"]["Billing"] = json!(null);
    organisation["Domains"] = json!([null]);
    let error = seed(&organisation).unwrap_err();
    assert_eq!(
        error.problems(),
        [
            "Organisations[0].Account.Billing: is not a member of this structure",
            "Organisations[0].Domains[0]: is required",
            "Organisations[0].Users[0].Fullname: is not a member of this structure",
        ]
    );
}

#[test]
fn an_invalid_seed_changes_nothing() {
    let bench = Bench::sample();
    let before = exported(&bench);
    let account = Account::new("not twelve digits", "a", "A").account_type(AccountType::Team);
    let error = bench.chime.seed(Organisation::new(account.clone())).unwrap_err();
    let StoreError::Invalid(error) = error else { panic!("{error}") };
    assert_eq!(error.problems(), ["Organisations[0].Account.AwsAccountId: must be 12 digits"]);
    assert_eq!(exported(&bench), before);
    let seed = Organisation::new(account).into();
    assert!(crate::LocalChime::new(Config { seed, ..Config::default() }).is_err());
}

#[test]
fn seeded_credentials_are_accepted_and_not_exported() {
    let bench = Bench::sample();
    let other = crate::testing::other_caller();
    assert_eq!(bench.send_as(&other, "GET", "/accounts", "").status(), 403);
    bench.chime.seed(Seed { credentials: vec![other.clone()], ..Seed::default() }).unwrap();
    assert_eq!(bench.send_as(&other, "GET", "/accounts", "").status(), 200);
    let exported = exported(&bench);
    assert!(!exported.contains("Credentials"), "{exported}");
    assert!(!exported.contains(other.secret_access_key.expose()));
}

#[test]
fn resources_that_are_created_after_an_import_have_new_ids() {
    let made = |bench: &Bench| {
        let account = bench.send("POST", "/accounts", r#"{"Name":"Made"}"#).json();
        account["Account"]["AccountId"].as_str().unwrap().to_owned()
    };
    let bench = Bench::sample();
    let mut ids = vec![made(&bench)];
    let text = exported(&bench);
    let again = bench.copy();
    for _ in 0..3 {
        ids.push(made(&again));
        again.chime.seed(Seed::parse(&text).unwrap()).unwrap();
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 4);
    let listed = again.send("GET", "/accounts?name=Made", "").json();
    assert_eq!(listed["Accounts"].as_array().unwrap().len(), 4);
}

#[test]
fn a_reset_restores_the_initial_state() {
    let bench = Bench::sample();
    let start = exported(&bench);
    let user = User::new("u").primary_email("u@harbour.example");
    let account = Account::new(sample::AWS_ACCOUNT_ID, "a", "A");
    bench.chime.seed(Organisation { users: vec![user], ..Organisation::new(account) }).unwrap();
    assert_ne!(exported(&bench), start);
    let other = crate::testing::other_caller();
    bench.chime.seed(Seed { credentials: vec![other.clone()], ..Seed::default() }).unwrap();
    let fault = Fault { cut: Some(CutPoint::Before), ..Fault::default() };
    bench.chime.set_faults(Faults { faults: vec![fault], ..Faults::default() }).unwrap();
    bench.chime.reset().unwrap();
    assert_eq!(exported(&bench), start);
    assert_eq!(bench.chime.faults(), Faults::default());
    assert_eq!(bench.send_as(&other, "GET", "/accounts", "").status(), 403);
}
