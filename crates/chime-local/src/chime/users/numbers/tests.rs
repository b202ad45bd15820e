//! Tests of the association of phone numbers with users.

use chime_model::chime::{Account, AccountType, PhoneNumber, User};
use serde_json::{Value, json};

use super::*;
use crate::sample::*;
use crate::testing::{Bench, refused};
use crate::{AwsAccount, ChimeRules, Config, Organisation};

const E: &str = ENTERPRISE_ACCOUNT_ID;

fn give(bench: &Bench, user: &str, number: &str) -> Result<()> {
    let request = AssociatePhoneNumberWithUserRequest::new(E, user, number);
    bench.ask(associate_phone_number_with_user, request)
}

fn take(bench: &Bench, user: &str) -> Result<()> {
    let request = DisassociatePhoneNumberFromUserRequest::new(E, user);
    bench.ask(disassociate_phone_number_from_user, request)
}

fn number(bench: &Bench, number: &str) -> Value {
    bench.send("GET", &format!("/phone-numbers/{}", number.replace('+', "%2B")), "").json()
        ["PhoneNumber"]
        .clone()
}

fn number_of(bench: &Bench, account: &str, user: &str) -> Value {
    bench.send("GET", &format!("/accounts/{account}/users/{user}"), "").json()["User"]
        ["PrimaryProvisionedNumber"]
        .clone()
}

/// An emulator with the account `a` of a type and its user `u`, who has the number.
fn bench_of(account_type: AccountType) -> Bench {
    let account = Account::new(AWS_ACCOUNT_ID, "a", "a").account_type(account_type);
    let bench = Bench::new(Config {
        seed: Organisation {
            users: vec![User::new("u").primary_email("u@example.org")],
            ..Organisation::new(account)
        }
        .into(),
        ..Config::default()
    });
    bench
        .chime
        .seed(AwsAccount {
            phone_numbers: vec![PhoneNumber::default().e164_phone_number(UNASSIGNED_NUMBER)],
            ..AwsAccount::new(AWS_ACCOUNT_ID)
        })
        .unwrap();
    let request = AssociatePhoneNumberWithUserRequest::new("a", "u", UNASSIGNED_NUMBER);
    bench.ask(associate_phone_number_with_user, request).unwrap();
    assert_eq!(number_of(&bench, "a", "u"), UNASSIGNED_NUMBER);
    bench
}

fn is_free(bench: &Bench) -> bool {
    let number = number(bench, UNASSIGNED_NUMBER);
    number["Status"] == "Unassigned"
        && number["Associations"] == json!([])
        && number["UpdatedTimestamp"] == "2025-03-05T12:00:00.000Z"
}

#[test]
fn a_number_can_be_associated_and_disassociated() {
    let bench = Bench::sample();
    let user = format!("/accounts/{E}/users/{BO_ID}");
    // The pattern allows a number without the plus sign.
    let given = bench.send(
        "POST",
        &format!("{user}?operation=associate-phone-number"),
        r#"{"E164PhoneNumber":"12065550101"}"#,
    );
    assert_eq!((given.status(), given.0.body().as_ref()), (200, b"{}".as_ref()));
    assert_eq!(number_of(&bench, E, BO_ID), UNASSIGNED_NUMBER);
    let assigned = number(&bench, UNASSIGNED_NUMBER);
    let now = "2025-03-05T12:00:00.000Z";
    assert_eq!(assigned["Status"], "Assigned");
    assert_eq!(assigned["UpdatedTimestamp"], now);
    assert_eq!(
        assigned["Associations"],
        json!([
            {"AssociatedTimestamp": now, "Name": "AccountId", "Value": E},
            {"AssociatedTimestamp": now, "Name": "UserId", "Value": BO_ID},
        ])
    );

    let taken = bench.send("POST", &format!("{user}?operation=disassociate-phone-number"), "");
    assert_eq!((taken.status(), taken.0.body().as_ref()), (200, b"{}".as_ref()));
    assert_eq!(number_of(&bench, E, BO_ID), json!(null));
    assert!(is_free(&bench));
    assert_eq!(refused(take(&bench, BO_ID)), (404, "NotFoundException".to_owned()));
    assert_eq!(number_of(&bench, E, ANA_ID), ANA_NUMBER);
}

#[test]
fn invalid_associations_are_refused() {
    let bench = Bench::sample();
    bench
        .chime
        .seed(AwsAccount {
            phone_numbers: vec![PhoneNumber::default().e164_phone_number("+18885550100")],
            ..AwsAccount::new(AWS_ACCOUNT_ID)
        })
        .unwrap();
    let order = r#"{"ProductType":"BusinessCalling","E164PhoneNumbers":["+12065550142"]}"#;
    assert_eq!(bench.send("POST", "/phone-number-orders", order).status(), 201);
    let not_found = (404, "NotFoundException".to_owned());
    let bad_request = (400, "BadRequestException".to_owned());
    for (user, number, refusal) in [
        ("nobody", UNASSIGNED_NUMBER, &not_found),
        (BO_ID, "+12065550199", &not_found),
        (BO_ID, "nothing", &not_found),
        (BO_ID, "+18885550100", &bad_request),
        (BO_ID, ANA_NUMBER, &bad_request),
        (BO_ID, "+12065550142", &bad_request),
        (ANA_ID, UNASSIGNED_NUMBER, &bad_request),
        (ANA_ID, ANA_NUMBER, &bad_request),
    ] {
        assert_eq!(refused(give(&bench, user, number)), *refusal, "{number}");
    }
    assert_eq!(refused(take(&bench, "nobody")), not_found);
    let elsewhere = AssociatePhoneNumberWithUserRequest::new("missing", BO_ID, UNASSIGNED_NUMBER);
    assert_eq!(refused(bench.ask(associate_phone_number_with_user, elsewhere)), not_found);
    let elsewhere = DisassociatePhoneNumberFromUserRequest::new("missing", ANA_ID);
    assert_eq!(refused(bench.ask(disassociate_phone_number_from_user, elsewhere)), not_found);
    let target = format!("/accounts/{E}/users/{BO_ID}?operation=associate-phone-number");
    for body in ["{}", r#"{"E164PhoneNumber":"nothing"}"#] {
        assert_eq!(bench.send("POST", &target, body).status(), 400, "{body}");
    }
    assert_eq!(number_of(&bench, E, BO_ID), json!(null));
    // A user need not be registered.
    give(&bench, CLEO_ID, UNASSIGNED_NUMBER).unwrap();
    assert_eq!(number_of(&bench, E, CLEO_ID), UNASSIGNED_NUMBER);
}

#[test]
fn a_deleted_number_cannot_be_associated() {
    let bench = Bench::sample();
    let target = format!("/phone-numbers/{UNASSIGNED_NUMBER}").replace('+', "%2B");
    assert_eq!(bench.send("DELETE", &target, "").status(), 204);
    assert_eq!(refused(give(&bench, BO_ID, UNASSIGNED_NUMBER)).0, 400);
}

#[test]
fn a_rule_lets_a_number_replace_another() {
    let rules = ChimeRules { association_replaces_number: true, ..ChimeRules::default() };
    let bench = Bench::with_rules(rules);
    give(&bench, ANA_ID, UNASSIGNED_NUMBER).unwrap();
    assert_eq!(number_of(&bench, E, ANA_ID), UNASSIGNED_NUMBER);
    let former = number(&bench, ANA_NUMBER);
    assert_eq!((&former["Status"], &former["Associations"]), (&json!("Unassigned"), &json!([])));
    assert_eq!(number(&bench, UNASSIGNED_NUMBER)["Status"], "Assigned");
    give(&bench, BO_ID, ANA_NUMBER).unwrap();
}

#[test]
fn removing_a_user_from_a_team_account_unassigns_the_number() {
    let bench = bench_of(AccountType::Team);
    assert!(!is_free(&bench));
    bench.suspend("a", "u");
    assert!(is_free(&bench));
}

#[test]
fn a_suspended_user_keeps_the_number() {
    let bench = bench_of(AccountType::EnterpriseLwa);
    bench.suspend("a", "u");
    assert!(!is_free(&bench));
    assert_eq!(number_of(&bench, "a", "u"), UNASSIGNED_NUMBER);
}

#[test]
fn deleting_an_account_unassigns_its_numbers() {
    let bench = bench_of(AccountType::EnterpriseLwa);
    assert_eq!(bench.send("DELETE", "/accounts/a", "").status(), 204);
    assert!(is_free(&bench));
}

#[test]
fn replacing_an_account_unassigns_its_numbers() {
    let bench = bench_of(AccountType::EnterpriseLwa);
    bench.chime.seed(Organisation::new(Account::new(AWS_ACCOUNT_ID, "a", "a"))).unwrap();
    assert!(is_free(&bench));
}
