//! Tests of the operations on single users.

use chime_model::chime::License;
use serde_json::json;
use time::Duration;

use super::*;
use crate::sample::*;
use crate::testing::{Bench, refused};
use crate::{ChimeRules, Config, Organisation};

fn bench_of(account_type: AccountType) -> Bench {
    let account = Account::new(AWS_ACCOUNT_ID, "a", "a").account_type(account_type);
    let users = vec![User::new("u").primary_email("u@example.org")];
    let seed = Organisation { users, ..Organisation::new(account) }.into();
    Bench::new(Config { seed, ..Config::default() })
}

fn create(account: &str, email: &str) -> CreateUserRequest {
    CreateUserRequest::new(account).email(email)
}

fn list(bench: &Bench, request: ListUsersRequest) -> (Vec<User>, Option<String>) {
    let response = bench.ask(list_users, request).unwrap();
    (response.users.unwrap(), response.next_token)
}

fn names(users: &[User]) -> Vec<&str> {
    users.iter().map(|user| user.display_name.as_ref().unwrap().expose()).collect()
}

fn invite_all(bench: &Bench, account: &str, emails: &[&str]) -> Vec<Invite> {
    let request = InviteUsersRequest::new(account, emails.iter().copied());
    bench.ask(invite_users, request).unwrap().invites.unwrap()
}

#[test]
fn a_created_user_looks_as_published() {
    let bench = Bench::sample();
    let target = format!("/accounts/{ENTERPRISE_ACCOUNT_ID}/users?operation=create");
    let body = r#"{"Email":"lobby@example.com","UserType":"SharedDevice"}"#;
    let made = bench.send("POST", &target, body);
    assert_eq!(made.status(), 201);
    let user = &made.json()["User"];
    assert_eq!(
        *user,
        json!({
            "AccountId": ENTERPRISE_ACCOUNT_ID,
            "AlexaForBusinessMetadata": {
                "AlexaForBusinessRoomArn": null, "IsAlexaForBusinessEnabled": false,
            },
            "DisplayName": "lobby", "InvitedOn": null, "LicenseType": "Pro", "PersonalPIN": null,
            "PrimaryEmail": "lobby@example.com", "PrimaryProvisionedNumber": null,
            "RegisteredOn": "2025-03-05T12:00:00.000Z", "UserId": user["UserId"],
            "UserInvitationStatus": null, "UserRegistrationStatus": "Registered",
            "UserType": "SharedDevice",
        })
    );
    let named = create(ENTERPRISE_ACCOUNT_ID, "dee@example.com").username("Dee Okafor");
    let named = bench.ask(create_user, named).unwrap().user.unwrap();
    assert_eq!(named.display_name, Some("Dee Okafor".into()));
    assert_eq!(named.user_type, Some(UserType::PrivateUser));
    let unnamed = create(ENTERPRISE_ACCOUNT_ID, "eve@example.com").username(" ");
    let unnamed = bench.ask(create_user, unnamed).unwrap().user.unwrap();
    assert_eq!(unnamed.display_name, Some("eve".into()));
}

#[test]
fn the_default_license_applies_to_users_created_later() {
    let bench = Bench::sample();
    let account = format!("/accounts/{ENTERPRISE_ACCOUNT_ID}");
    let license = |email: &str| {
        let user = bench.ask(create_user, create(ENTERPRISE_ACCOUNT_ID, email)).unwrap();
        let user = user.user.unwrap();
        (user.user_id, user.license_type)
    };
    let (before, _) = license("dee@example.com");
    assert_eq!(bench.send("POST", &account, r#"{"DefaultLicense":"Basic"}"#).status(), 200);
    assert_eq!(license("eve@example.com").1, Some(License::Basic));
    let request = GetUserRequest::new(ENTERPRISE_ACCOUNT_ID, before);
    let user = bench.ask(get_user, request).unwrap().user.unwrap();
    assert_eq!(user.license_type, Some(License::Pro));
}

#[test]
fn invalid_users_are_not_created() {
    let bench = Bench::sample();
    let refusal = |request| refused(bench.ask(create_user, request));
    let bad_request = (400, "BadRequestException".to_owned());
    assert_eq!(refusal(create(TEAM_ACCOUNT_ID, "dee@example.com")), bad_request);
    assert_eq!(refusal(CreateUserRequest::new(ENTERPRISE_ACCOUNT_ID)), bad_request);
    assert_eq!(refusal(create(ENTERPRISE_ACCOUNT_ID, "dee@elsewhere.com")), bad_request);
    assert_eq!(refusal(create("missing", "dee@example.com")).0, 404);
    let conflict = (409, "ConflictException".to_owned());
    assert_eq!(refusal(create(ENTERPRISE_ACCOUNT_ID, "Ana@Example.com")), conflict);
    assert_eq!(list(&bench, ListUsersRequest::new(ENTERPRISE_ACCOUNT_ID)).0.len(), 3);
}

#[test]
fn a_rule_allows_addresses_in_unclaimed_domains() {
    let rules = ChimeRules { users_need_claimed_domain: false, ..ChimeRules::default() };
    let bench = Bench::with_rules(rules);
    assert!(bench.ask(create_user, create(ENTERPRISE_ACCOUNT_ID, "dee@elsewhere.com")).is_ok());
}

#[test]
fn an_account_without_domains_accepts_addresses_in_unclaimed_domains() {
    let bench = bench_of(AccountType::EnterpriseDirectory);
    assert!(bench.ask(create_user, create("a", "dee@elsewhere.com")).is_ok());
}

#[test]
fn a_domain_of_another_account_is_refused_with_either_rule() {
    let mut owner = Organisation::new(Account::new("444455556666", "b", "b"));
    owner.account.account_type = Some(AccountType::EnterpriseLwa);
    owner.domains = vec!["elsewhere.com".to_owned()];
    for users_need_claimed_domain in [true, false] {
        let rules = ChimeRules { users_need_claimed_domain, ..ChimeRules::default() };
        let bench = Bench::with_rules(rules);
        bench.chime.seed(owner.clone()).unwrap();
        let request = create(ENTERPRISE_ACCOUNT_ID, "dee@Elsewhere.com");
        let bad_request = (400, "BadRequestException".to_owned());
        assert_eq!(refused(bench.ask(create_user, request)), bad_request);
    }
}

#[test]
fn invitations_create_pending_users_of_a_team_account() {
    let bench = Bench::sample();
    let target = format!("/accounts/{TEAM_ACCOUNT_ID}/users?operation=add");
    let made =
        bench.send("POST", &target, r#"{"UserEmailList":["ines@example.org","tomo@example.net"]}"#);
    assert_eq!(made.status(), 201);
    let invites = &made.json()["Invites"];
    assert_eq!(
        invites[1],
        json!({
            "EmailAddress": "tomo@example.net", "EmailStatus": "Sent",
            "InviteId": invites[1]["InviteId"], "Status": "Pending",
        })
    );
    assert_ne!(invites[0]["InviteId"], invites[1]["InviteId"]);
    let (users, _) = list(&bench, ListUsersRequest::new(TEAM_ACCOUNT_ID));
    let [ines, _tomo] = &*users else { panic!("{users:?}") };
    assert_eq!(ines.user_registration_status, Some(RegistrationStatus::Unregistered));
    assert_eq!(ines.user_invitation_status, Some(InviteStatus::Pending));
    assert_eq!(ines.invited_on, Some(bench.clock.now()));
    assert_eq!((ines.registered_on, &ines.display_name), (None, &None));

    bench.clock.advance(Duration::HOUR);
    let again = InviteUsersRequest::new(TEAM_ACCOUNT_ID, ["INES@example.org"])
        .user_type(UserType::SharedDevice);
    let again = bench.ask(invite_users, again).unwrap().invites.unwrap();
    assert_eq!(again[0].status, Some(InviteStatus::Pending));
    let renewed = GetUserRequest::new(TEAM_ACCOUNT_ID, &ines.user_id);
    let renewed = bench.ask(get_user, renewed).unwrap().user.unwrap();
    assert_eq!(renewed.invited_on, Some(bench.clock.now()));
    assert_eq!(renewed.user_type, Some(UserType::SharedDevice));
    assert_eq!(list(&bench, ListUsersRequest::new(TEAM_ACCOUNT_ID)).0.len(), 2);
    let reset = ResetPersonalPINRequest::new(TEAM_ACCOUNT_ID, &ines.user_id);
    assert_eq!(refused(bench.ask(reset_personal_pin, reset)).1, "BadRequestException");
}

#[test]
fn an_address_of_another_organisation_is_not_invited() {
    let bench = Bench::sample();
    let emails = ["new@Example.com", "ana@example.com", "ines@example.org"];
    let invites = invite_all(&bench, TEAM_ACCOUNT_ID, &emails);
    let states: Vec<_> = invites
        .iter()
        .map(|invite| (invite.status.clone().unwrap(), invite.email_status.clone().unwrap()))
        .collect();
    let failed = (InviteStatus::Failed, EmailStatus::NotSent);
    assert_eq!(states, [failed.clone(), failed, (InviteStatus::Pending, EmailStatus::Sent)]);
    assert_eq!(list(&bench, ListUsersRequest::new(TEAM_ACCOUNT_ID)).0.len(), 1);
    // Nor is the invitation renewed once another organisation has claimed the domain.
    let account = Account::new(AWS_ACCOUNT_ID, "b", "B").account_type(AccountType::EnterpriseLwa);
    let domains = vec!["example.org".to_owned()];
    bench.chime.seed(Organisation { domains, ..Organisation::new(account) }).unwrap();
    let again = invite_all(&bench, TEAM_ACCOUNT_ID, &["ines@example.org"]);
    assert_eq!(again[0].status, Some(InviteStatus::Failed));
}

#[test]
fn a_registered_user_is_not_invited_again() {
    let bench = bench_of(AccountType::Team);
    let invites = invite_all(&bench, "a", &["u@example.org"]);
    assert_eq!(invites[0].status, Some(InviteStatus::Failed));
    let user = bench.ask(get_user, GetUserRequest::new("a", "u")).unwrap().user.unwrap();
    assert_eq!(user.invited_on, None);
}

#[test]
fn only_team_accounts_can_invite() {
    let bench = Bench::sample();
    let request = InviteUsersRequest::new(ENTERPRISE_ACCOUNT_ID, ["dee@example.com"]);
    assert_eq!(refused(bench.ask(invite_users, request)), (403, "ForbiddenException".to_owned()));
}

#[test]
fn lists_filter_by_address_and_type_and_hide_pins() {
    let bench = Bench::sample();
    let all = ListUsersRequest::new(ENTERPRISE_ACCOUNT_ID);
    let (users, token) = list(&bench, all.clone());
    assert_eq!(names(&users), ["Ana Ferreira", "Bo Lindqvist", "Cleo Marsh"]);
    assert_eq!(token, None);
    assert!(users.iter().all(|user| user.personal_pin.is_none()));
    assert_eq!(names(&list(&bench, all.clone().user_email("BO@example.com")).0), ["Bo Lindqvist"]);
    assert!(list(&bench, all.clone().user_email("bo@example.co")).0.is_empty());
    assert!(list(&bench, all.clone().user_type(UserType::SharedDevice)).0.is_empty());
    let both = all.user_email("bo@example.com").user_type(UserType::SharedDevice);
    assert!(list(&bench, both).0.is_empty());
    let elsewhere = ListUsersRequest::new(TEAM_ACCOUNT_ID).user_email("bo@example.com");
    assert!(list(&bench, elsewhere).0.is_empty());
    assert_eq!(refused(bench.ask(list_users, ListUsersRequest::new("missing"))).0, 404);
}

#[test]
fn an_address_with_a_plus_sign_is_found() {
    let bench = Bench::sample();
    bench.ask(create_user, create(ENTERPRISE_ACCOUNT_ID, "ana+desk@example.com")).unwrap();
    let target =
        format!("/accounts/{ENTERPRISE_ACCOUNT_ID}/users?user-email=ana%2Bdesk%40example.com");
    let found = bench.send("GET", &target, "").json();
    assert_eq!(found["Users"][0]["PrimaryEmail"], "ana+desk@example.com");
    assert_eq!(found["NextToken"], json!(null));
}

#[test]
fn pages_of_size_one_list_every_user_once() {
    let bench = Bench::sample();
    let page = |token: Option<String>| {
        let mut request = ListUsersRequest::new(ENTERPRISE_ACCOUNT_ID).max_results(1);
        request.next_token = token;
        list(&bench, request)
    };
    let (first, token) = page(None);
    bench.ask(create_user, create(ENTERPRISE_ACCOUNT_ID, "dee@example.com")).unwrap();
    let mut seen = first;
    let mut token = token;
    while token.is_some() {
        let (users, next) = page(token);
        seen.extend(users);
        token = next;
    }
    assert_eq!(names(&seen), ["Ana Ferreira", "Bo Lindqvist", "Cleo Marsh", "dee"]);
}

#[test]
fn a_page_token_is_valid_only_for_its_account_and_filter() {
    let bench = Bench::sample();
    let first = ListUsersRequest::new(ENTERPRISE_ACCOUNT_ID).max_results(1);
    let token = list(&bench, first).1.unwrap();
    for request in [
        ListUsersRequest::new(TEAM_ACCOUNT_ID),
        ListUsersRequest::new(ENTERPRISE_ACCOUNT_ID).user_type(UserType::PrivateUser),
        ListUsersRequest::new(ENTERPRISE_ACCOUNT_ID).user_email("ana@example.com"),
    ] {
        let result = bench.ask(list_users, request.next_token(token.clone()));
        assert_eq!(refused(result), (400, "BadRequestException".to_owned()));
    }
}

#[test]
fn a_user_belongs_to_one_account() {
    let bench = Bench::sample();
    let get = |account: &str| bench.ask(get_user, GetUserRequest::new(account, ANA_ID));
    let ana = get(ENTERPRISE_ACCOUNT_ID).unwrap().user.unwrap();
    assert_eq!(ana.personal_pin, Some("4093817256".into()));
    assert_eq!(refused(get(TEAM_ACCOUNT_ID)), (404, "NotFoundException".to_owned()));
    let logout =
        |user: &str| bench.ask(logout_user, LogoutUserRequest::new(ENTERPRISE_ACCOUNT_ID, user));
    assert!(logout(ANA_ID).is_ok());
    assert_eq!(refused(logout("nobody")).0, 404);
    let target = format!("/accounts/{ENTERPRISE_ACCOUNT_ID}/users/{ANA_ID}?operation=logout");
    assert_eq!(bench.send("POST", &target, "").status(), 204);
}

#[test]
fn the_address_filter_applies_to_one_account() {
    let account = |id: &str| Account::new(AWS_ACCOUNT_ID, id, id);
    let of = |id: &str| Organisation {
        users: vec![User::new("u").primary_email(format!("{id}@example.org"))],
        ..Organisation::new(account(id))
    };
    let bench = Bench::new(Config::default());
    bench.chime.seed(of("a")).unwrap();
    bench.chime.seed(of("b")).unwrap();
    let found =
        |id: &str, email: &str| list(&bench, ListUsersRequest::new(id).user_email(email)).0.len();
    assert_eq!([found("a", "a@example.org"), found("a", "b@example.org")], [1, 0]);
}

#[test]
fn an_update_changes_only_the_given_members() {
    let bench = Bench::sample();
    let update = |request| bench.ask(update_user, request);
    let ana = || UpdateUserRequest::new(ENTERPRISE_ACCOUNT_ID, ANA_ID);
    let enabled = AlexaForBusinessMetadata::default().is_alexa_for_business_enabled(true);
    let user = update(ana().license_type(License::Basic).alexa_for_business_metadata(enabled));
    assert_eq!(user.unwrap().user.unwrap().license_type, Some(License::Basic));
    let arn = AlexaForBusinessMetadata::default().alexa_for_business_room_arn("arn:room");
    let request = ana().user_type(UserType::SharedDevice).alexa_for_business_metadata(arn);
    let user = update(request).unwrap().user.unwrap();
    assert_eq!(user.license_type, Some(License::Basic));
    assert_eq!(user.user_type, Some(UserType::SharedDevice));
    let alexa = user.alexa_for_business_metadata.clone().unwrap();
    assert_eq!(alexa.is_alexa_for_business_enabled, Some(true));
    assert_eq!(alexa.alexa_for_business_room_arn, Some("arn:room".into()));
    assert_eq!(update(ana()).unwrap().user, Some(user));
    assert_eq!(refused(update(ana().license_type(License::Plus))).0, 400);
    let nobody = UpdateUserRequest::new(ENTERPRISE_ACCOUNT_ID, "nobody");
    assert_eq!(refused(update(nobody)).0, 404);
}

#[test]
fn a_rule_makes_updates_return_only_the_id() {
    let rules = ChimeRules { update_user_returns_id_only: true, ..ChimeRules::default() };
    let bench = Bench::with_rules(rules);
    let request = UpdateUserRequest::new(ENTERPRISE_ACCOUNT_ID, ANA_ID);
    let answered = bench.ask(update_user, request.license_type(License::Basic)).unwrap();
    assert_eq!(answered.user, Some(User::new(ANA_ID)));
    let request = GetUserRequest::new(ENTERPRISE_ACCOUNT_ID, ANA_ID);
    let user = bench.ask(get_user, request).unwrap().user.unwrap();
    assert_eq!(user.license_type, Some(License::Basic));
}

#[test]
fn a_directory_account_refuses_licenses_by_default() {
    for account_type in [AccountType::EnterpriseDirectory, AccountType::EnterpriseOidc] {
        let bench = bench_of(account_type.clone());
        let license = UpdateUserRequest::new("a", "u").license_type(License::Basic);
        let result = bench.ask(update_user, license);
        assert_eq!(refused(result), (403, "ForbiddenException".to_owned()));
        // The account type is checked before the user.
        let nobody = UpdateUserRequest::new("a", "nobody").license_type(License::Basic);
        assert_eq!(refused(bench.ask(update_user, nobody)).0, 403);
        let kind = UpdateUserRequest::new("a", "u").user_type(UserType::SharedDevice);
        assert!(bench.ask(update_user, kind).is_ok());
    }
    let rules = ChimeRules { directory_decides_licenses: false, ..ChimeRules::default() };
    let account = Account::new(AWS_ACCOUNT_ID, "a", "a").account_type(AccountType::EnterpriseOidc);
    let users = vec![User::new("u")];
    let seed = Organisation { users, ..Organisation::new(account) }.into();
    let bench = Bench::new(Config { seed, rules: rules.into(), ..Config::default() });
    let license = UpdateUserRequest::new("a", "u").license_type(License::Basic);
    assert!(bench.ask(update_user, license).is_ok());
}

#[test]
fn the_pin_of_a_registered_user_can_be_reset() {
    let bench = Bench::sample();
    let reset = |user: &str| {
        let request = ResetPersonalPINRequest::new(ENTERPRISE_ACCOUNT_ID, user);
        bench.ask(reset_personal_pin, request)
    };
    let first = reset(ANA_ID).unwrap().user.unwrap();
    let second = reset(ANA_ID).unwrap().user.unwrap();
    assert_ne!(first.personal_pin, Some("4093817256".into()));
    assert_ne!(first.personal_pin, second.personal_pin);
    let request = GetUserRequest::new(ENTERPRISE_ACCOUNT_ID, ANA_ID);
    assert_eq!(bench.ask(get_user, request).unwrap().user, Some(second));
    assert_eq!(refused(reset(CLEO_ID)), (400, "BadRequestException".to_owned()));
    assert_eq!(refused(reset("nobody")).0, 404);
}
