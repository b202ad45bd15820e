//! Tests of the operations on batches of users.

use chime_model::chime::{Account, ErrorCode, License, UpdateUserRequestItem, User, UserId};

use super::*;
use crate::sample::*;
use crate::testing::{Bench, refused};
use crate::{Config, Organisation};

/// Suspends users and returns the ids that failed, with their codes.
fn suspend(bench: &Bench, account: &str, users: &[&str]) -> Vec<(UserId, ErrorCode)> {
    let request = BatchSuspendUserRequest::new(account, users.iter().copied());
    failures(bench.ask(batch_suspend_user, request).unwrap().user_errors)
}

fn unsuspend(bench: &Bench, users: &[&str]) -> Vec<(UserId, ErrorCode)> {
    let request = BatchUnsuspendUserRequest::new(ENTERPRISE_ACCOUNT_ID, users.iter().copied());
    failures(bench.ask(batch_unsuspend_user, request).unwrap().user_errors)
}

fn failures(errors: Option<Vec<UserError>>) -> Vec<(UserId, ErrorCode)> {
    let errors = errors.unwrap().into_iter();
    errors.map(|error| (error.user_id.unwrap(), error.error_code.unwrap())).collect()
}

fn status(bench: &Bench, user: &str) -> String {
    let target = format!("/accounts/{ENTERPRISE_ACCOUNT_ID}/users/{user}");
    bench.send("GET", &target, "").json()["User"]["UserRegistrationStatus"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn bench_of(account_type: AccountType) -> Bench {
    let account = Account::new(AWS_ACCOUNT_ID, "a", "a").account_type(account_type);
    let users = vec![User::new("u").primary_email("u@example.org")];
    let seed = Organisation { users, ..Organisation::new(account) }.into();
    Bench::new(Config { seed, ..Config::default() })
}

#[test]
fn users_can_be_suspended_and_unsuspended_independently() {
    let bench = Bench::sample();
    let unknown = vec![("nobody".into(), ErrorCode::NotFound)];
    assert_eq!(suspend(&bench, ENTERPRISE_ACCOUNT_ID, &[ANA_ID, "nobody", CLEO_ID]), unknown);
    assert_eq!(
        (status(&bench, ANA_ID), status(&bench, BO_ID)),
        ("Suspended".into(), "Registered".into())
    );
    assert_eq!(unsuspend(&bench, &["nobody", ANA_ID, BO_ID]), unknown);
    assert_eq!(
        (status(&bench, ANA_ID), status(&bench, BO_ID)),
        ("Registered".into(), "Registered".into())
    );
    assert_eq!(status(&bench, CLEO_ID), "Suspended");
}

#[test]
fn an_unregistered_user_is_not_suspended() {
    let account = Account::new(AWS_ACCOUNT_ID, "a", "a").account_type(AccountType::EnterpriseLwa);
    let user = User::new("u").user_registration_status(RegistrationStatus::Unregistered);
    let seed = Organisation { users: vec![user], ..Organisation::new(account) }.into();
    let bench = Bench::new(Config { seed, ..Config::default() });
    assert_eq!(suspend(&bench, "a", &["u"]), []);
    let user = bench.send("GET", "/accounts/a/users/u", "").json()["User"].clone();
    assert_eq!(user["UserRegistrationStatus"], "Unregistered");
}

#[test]
fn the_response_of_a_batch_looks_as_published() {
    let bench = Bench::sample();
    let target = format!("/accounts/{ENTERPRISE_ACCOUNT_ID}/users?operation=suspend");
    let one = bench.send("POST", &target, r#"{"UserIdList":["nobody"]}"#);
    assert_eq!(one.status(), 200);
    assert_eq!(
        one.json()["UserErrors"],
        serde_json::json!([
            {"ErrorCode": "NotFound", "ErrorMessage": "User not found", "UserId": "nobody"},
        ])
    );
    let none = bench.send("POST", &target, &format!(r#"{{"UserIdList":["{ANA_ID}"]}}"#));
    assert_eq!(none.0.body().as_ref(), br#"{"UserErrors":[]}"#);
    let many = vec!["\"u\""; 51].join(",");
    assert_eq!(bench.send("POST", &target, &format!(r#"{{"UserIdList":[{many}]}}"#)).status(), 400);
    assert_eq!(bench.send("POST", &target, r#"{"UserIdList":[]}"#).status(), 400);
}

#[test]
fn suspended_users_of_a_team_account_are_removed() {
    let bench = bench_of(AccountType::Team);
    assert!(suspend(&bench, "a", &["u"]).is_empty());
    assert_eq!(bench.send("GET", "/accounts/a/users/u", "").status(), 404);
    assert_eq!(suspend(&bench, "a", &["u"]), [("u".into(), ErrorCode::NotFound)]);
    // A new invitation creates another user.
    let target = "/accounts/a/users?operation=add";
    let invited = bench.send("POST", target, r#"{"UserEmailList":["u@example.org"]}"#).json();
    assert_eq!(invited["Invites"][0]["Status"], "Pending");
    let listed = bench.send("GET", "/accounts/a/users", "").json();
    assert_ne!(listed["Users"][0]["UserId"], "u");
}

#[test]
fn the_account_type_decides_who_can_be_suspended() {
    let forbidden = (403, "ForbiddenException".to_owned());
    for (account_type, suspends, unsuspends) in [
        (AccountType::Team, true, false),
        (AccountType::EnterpriseLwa, true, true),
        (AccountType::EnterpriseDirectory, false, false),
        (AccountType::EnterpriseOidc, false, false),
    ] {
        let bench = bench_of(account_type);
        let request = BatchUnsuspendUserRequest::new("a", ["u"]);
        let result = bench.ask(batch_unsuspend_user, request);
        assert_eq!(result.is_ok(), unsuspends);
        if !unsuspends {
            assert_eq!(refused(result), forbidden);
        }
        let result = bench.ask(batch_suspend_user, BatchSuspendUserRequest::new("a", ["u"]));
        assert_eq!(result.is_ok(), suspends);
        if !suspends {
            assert_eq!(refused(result), forbidden);
        }
    }
}

#[test]
fn a_directory_account_refuses_licenses_per_item() {
    let bench = bench_of(AccountType::EnterpriseDirectory);
    let item = UpdateUserRequestItem::new("u").license_type(License::Basic);
    let response = bench.ask(batch_update_user, BatchUpdateUserRequest::new("a", [item])).unwrap();
    assert_eq!(failures(response.user_errors), [("u".into(), ErrorCode::Forbidden)]);
}

#[test]
fn items_of_a_batch_update_fail_independently() {
    let bench = Bench::sample();
    let items = [
        UpdateUserRequestItem::new(ANA_ID).license_type(License::Basic),
        UpdateUserRequestItem::new(BO_ID).license_type(License::Plus),
        UpdateUserRequestItem::new("nobody").license_type(License::Basic),
    ];
    let request = BatchUpdateUserRequest::new(ENTERPRISE_ACCOUNT_ID, items);
    let response = bench.ask(batch_update_user, request).unwrap();
    assert_eq!(
        failures(response.user_errors),
        [(BO_ID.into(), ErrorCode::BadRequest), ("nobody".into(), ErrorCode::NotFound)]
    );
    let target = format!("/accounts/{ENTERPRISE_ACCOUNT_ID}/users");
    let users = bench.send("GET", &target, "").json();
    assert_eq!(users["Users"][0]["LicenseType"], "Basic");
    assert_eq!(users["Users"][1]["LicenseType"], "Pro");

    // Of two changes of the same user, the later one takes precedence.
    let twice = [License::Pro, License::Basic]
        .map(|license| UpdateUserRequestItem::new(BO_ID).license_type(license));
    let request = BatchUpdateUserRequest::new(ENTERPRISE_ACCOUNT_ID, twice);
    assert_eq!(bench.ask(batch_update_user, request).unwrap().user_errors, Some(Vec::new()));
    let users = bench.send("GET", &target, "").json();
    assert_eq!(users["Users"][1]["LicenseType"], "Basic");

    let many = vec![r#"{"UserId":"u"}"#; 21].join(",");
    let body = format!(r#"{{"UpdateUserRequestItems":[{many}]}}"#);
    assert_eq!(bench.send("POST", &target, &body).status(), 400);
    assert_eq!(bench.send("POST", &target, r#"{"UpdateUserRequestItems":[]}"#).status(), 400);
}
