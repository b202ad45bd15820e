//! Tests of the operations on accounts.

use serde_json::json;

use super::*;
use crate::sample::*;
use crate::testing::{Bench, refused};
use crate::{Config, Organisation};

fn create(bench: &Bench, name: &str) -> Account {
    bench.ask(create_account, CreateAccountRequest::new(name)).unwrap().account.unwrap()
}

fn list(bench: &Bench, request: ListAccountsRequest) -> (Vec<String>, Option<String>) {
    let response = bench.ask(list_accounts, request).unwrap();
    (response.accounts.unwrap().into_iter().map(|a| a.name).collect(), response.next_token)
}

#[test]
fn a_new_account_is_a_team_account_as_in_the_published_sample() {
    let bench = Bench::new(Config::default());
    let made = bench.send("POST", "/accounts", r#"{"Name":"Lakeside Support"}"#);
    assert_eq!(made.status(), 201);
    let id = made.json()["Account"]["AccountId"].clone();
    let expected = json!({"Account": {
        "AccountId": id, "AccountStatus": "Active", "AccountType": "Team",
        "AwsAccountId": "111122223333", "CreatedTimestamp": "2025-03-05T12:00:00.000Z",
        "DefaultLicense": "Pro", "Name": "Lakeside Support", "SigninDelegateGroups": null,
        "SupportedLicenses": ["Basic", "Pro"],
    }});
    assert_eq!(made.json(), expected);
    assert_eq!(
        bench.send("GET", &format!("/accounts/{}", id.as_str().unwrap()), "").json(),
        expected
    );
}

#[test]
fn two_accounts_can_have_the_same_name() {
    let bench = Bench::new(Config::default());
    assert_ne!(create(&bench, "Twin").account_id, create(&bench, "Twin").account_id);
    assert_eq!(list(&bench, ListAccountsRequest::new()).0, ["Twin", "Twin"]);
}

#[test]
fn accounts_can_be_filtered_by_name_prefix_and_email_address() {
    let bench = Bench::sample();
    create(&bench, "Lake");
    let by_name = |name: &str| list(&bench, ListAccountsRequest::new().name(name)).0;
    assert_eq!(by_name("Lake"), ["Lakeside Support", "Lake"]);
    assert_eq!(by_name("lake"), [""; 0]);
    assert_eq!(by_name("side"), [""; 0]);
    let by_email = |email: &str| ListAccountsRequest::new().user_email(email);
    assert_eq!(list(&bench, by_email("ANA@example.com")).0, ["Example Corp"]);
    assert_eq!(list(&bench, by_email("nobody@example.com")).0, [""; 0]);
    assert_eq!(list(&bench, by_email("ana@example.com").name("Lake")).0, [""; 0]);
}

#[test]
fn page_tokens_stay_valid_when_items_are_added_or_removed() {
    let bench = Bench::new(Config::default());
    let first = create(&bench, "First");
    create(&bench, "Second");
    let page = |token: Option<String>| {
        let mut request = ListAccountsRequest::new().max_results(1);
        request.next_token = token;
        list(&bench, request)
    };
    let (names, token) = page(None);
    assert_eq!(names, ["First"]);
    bench.ask(delete_account, DeleteAccountRequest::new(first.account_id)).unwrap();
    create(&bench, "Third");
    let (names, token) = page(token);
    assert_eq!(names, ["Second"]);
    assert_eq!(page(token), (vec!["Third".to_owned()], None));
}

#[test]
fn a_page_token_is_valid_only_for_its_filter() {
    let bench = Bench::sample();
    let token = list(&bench, ListAccountsRequest::new().max_results(1)).1.unwrap();
    let other = ListAccountsRequest::new().name("Lake").next_token(token);
    assert_eq!(refused(bench.ask(list_accounts, other)).1, "BadRequestException");
}

#[test]
fn an_update_changes_only_the_given_members() {
    let bench = Bench::sample();
    let update = |request| bench.ask(update_account, request);
    let id = TEAM_ACCOUNT_ID;
    let before = bench.ask(get_account, GetAccountRequest::new(id)).unwrap().account;
    assert_eq!(update(UpdateAccountRequest::new(id)).unwrap().account, before);
    let renamed = update(UpdateAccountRequest::new(id).name("Harbour")).unwrap().account.unwrap();
    assert_eq!((renamed.name.as_str(), renamed.default_license), ("Harbour", Some(License::Pro)));
    let basic = update(UpdateAccountRequest::new(id).default_license(License::Basic)).unwrap();
    assert_eq!(basic.account.unwrap().default_license, Some(License::Basic));

    let unsupported = UpdateAccountRequest::new(id).name("No").default_license(License::Plus);
    assert_eq!(refused(update(unsupported)), (400, "BadRequestException".to_owned()));
    let after = bench.ask(get_account, GetAccountRequest::new(id)).unwrap().account.unwrap();
    assert_eq!(after.name, "Harbour");
}

#[test]
fn an_unknown_account_is_not_found() {
    let bench = Bench::sample();
    let not_found = (404, "NotFoundException".to_owned());
    for id in ["missing", "00000000-0000-4000-8000-000000000000"] {
        assert_eq!(refused(bench.ask(get_account, GetAccountRequest::new(id))), not_found);
        assert_eq!(refused(bench.ask(update_account, UpdateAccountRequest::new(id))), not_found);
        assert_eq!(refused(bench.ask(delete_account, DeleteAccountRequest::new(id))), not_found);
    }
    assert_eq!(bench.send("GET", "/accounts/missing", "").json()["Message"], "Account not found");
}

#[test]
fn a_team_account_without_registered_users_can_be_deleted() {
    let bench = Bench::new(Config {
        seed: Organisation {
            users: vec![chime_model::chime::User::new("u").primary_email("u@example.org")],
            ..Organisation::new(Account::new(AWS_ACCOUNT_ID, "team", "Team"))
        }
        .into(),
        ..Config::default()
    });
    let delete = || bench.ask(delete_account, DeleteAccountRequest::new("team"));
    assert_eq!(refused(delete()), (422, "UnprocessableEntityException".to_owned()));
    bench.suspend("team", "u");
    // Invited users do not prevent the deletion.
    let invited = bench.send(
        "POST",
        "/accounts/team/users?operation=add",
        r#"{"UserEmailList":["new@example.org"]}"#,
    );
    assert_eq!(invited.status(), 201);
    delete().unwrap();
    assert_eq!(refused(delete()).0, 404);
    let gone = list(&bench, ListAccountsRequest::new().user_email("new@example.org"));
    assert_eq!(gone.0, [""; 0]);
}

#[test]
fn an_enterprise_account_without_domains_can_be_deleted() {
    let bench = Bench::sample();
    let delete = |id: &str| bench.ask(delete_account, DeleteAccountRequest::new(id));
    assert_eq!(refused(delete(ENTERPRISE_ACCOUNT_ID)).0, 422);
    let account =
        Account::new(AWS_ACCOUNT_ID, "no-domain", "x").account_type(AccountType::EnterpriseOidc);
    bench.chime.seed(Organisation::new(account)).unwrap();
    delete("no-domain").unwrap();
}

#[test]
fn deleting_an_account_deletes_its_resources() {
    let mut organisation = crate::sample::seed().organisations.remove(0);
    organisation.domains = Vec::new();
    let account = organisation.account.clone();
    let bench = Bench::new(Config { seed: organisation.into(), ..Config::default() });
    let base = format!("/accounts/{ENTERPRISE_ACCOUNT_ID}");
    let ask = |method: &str, path: &str, body: &str| {
        bench.send(method, &format!("{base}/{path}"), body).status()
    };
    let settings = r#"{"AccountSettings":{"EnableDialOut":true}}"#;
    assert_eq!(ask("PUT", "settings", settings), 204);
    let retention = r#"{"RetentionSettings":{"RoomRetentionSettings":{"RetentionDays":9}}}"#;
    assert_eq!(ask("PUT", "retention-settings", retention), 204);
    let of_items = [
        ("GET", format!("users/{ANA_ID}/settings")),
        ("GET", format!("rooms/{ROOM_ID}")),
        ("GET", format!("bots/{BOT_ID}")),
        ("GET", format!("bots/{BOT_ID}/events-configuration")),
        ("POST", format!("rooms/{ROOM_ID}/messages/{ROOM_MESSAGE_ID}?operation=redact")),
        (
            "POST",
            format!(
                "conversations/{CONVERSATION_ID}/messages/{CONVERSATION_MESSAGE_ID}?operation=redact"
            ),
        ),
    ];
    let all_answer = |status: u16| {
        for (method, path) in &of_items {
            assert_eq!(ask(method, path, ""), status, "{path}");
        }
    };
    all_answer(200);
    bench.ask(delete_account, DeleteAccountRequest::new(ENTERPRISE_ACCOUNT_ID)).unwrap();
    all_answer(404);
    assert_eq!(ask("GET", "settings", ""), 404);

    // A new account of the same id must not have the old resources.
    bench.chime.seed(Organisation::new(account)).unwrap();
    all_answer(404);
    let settings = bench.send("GET", &format!("{base}/settings"), "").json();
    assert_eq!(settings["AccountSettings"]["EnableDialOut"], false);
    let retention = bench.send("GET", &format!("{base}/retention-settings"), "").json();
    assert_eq!(retention["InitiateDeletionTimestamp"], json!(null));
}
