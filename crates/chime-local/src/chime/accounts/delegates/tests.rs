//! Tests of the sign-in delegate groups.

use chime_model::chime::Account;
use serde_json::{Value, json};

use super::*;
use crate::sample::AWS_ACCOUNT_ID;
use crate::testing::{Answer, Bench};
use crate::{ChimeRules, Config, Organisation};

fn bench(account_type: AccountType, rules: ChimeRules) -> Bench {
    let account = Account::new(AWS_ACCOUNT_ID, "a", "a").account_type(account_type);
    let seed = Organisation::new(account).into();
    Bench::new(Config { seed, rules: rules.into(), ..Config::default() })
}

fn directory() -> Bench {
    bench(AccountType::EnterpriseDirectory, ChimeRules::default())
}

fn associate(bench: &Bench, groups: &[&str]) -> Answer {
    let groups: Vec<Value> = groups.iter().map(|name| json!({"GroupName": name})).collect();
    let body = json!({"SigninDelegateGroups": groups}).to_string();
    bench.send("POST", "/accounts/a?operation=associate-signin-delegate-groups", &body)
}

fn disassociate(bench: &Bench, groups: &[&str]) -> Answer {
    let body = json!({"GroupNames": groups}).to_string();
    bench.send("POST", "/accounts/a?operation=disassociate-signin-delegate-groups", &body)
}

fn groups(bench: &Bench) -> Value {
    bench.send("GET", "/accounts/a", "").json()["Account"]["SigninDelegateGroups"].clone()
}

#[test]
fn groups_are_kept_in_order_without_duplicates() {
    let bench = directory();
    assert_eq!(groups(&bench), json!(null));
    let done = associate(&bench, &["desk", "assistants"]);
    assert_eq!((done.status(), done.0.body().as_ref()), (200, &b"{}"[..]));
    associate(&bench, &["night", "desk", "night"]);
    let named =
        |names: &[&str]| names.iter().map(|name| json!({"GroupName": name})).collect::<Value>();
    assert_eq!(groups(&bench), named(&["desk", "assistants", "night"]));
    let done = disassociate(&bench, &["assistants", "never"]);
    assert_eq!((done.status(), done.0.body().as_ref()), (200, &b"{}"[..]));
    assert_eq!(groups(&bench), named(&["desk", "night"]));
    disassociate(&bench, &["desk", "night"]);
    assert_eq!(groups(&bench), json!(null));
}

#[test]
fn only_a_directory_account_has_groups_by_default() {
    let others = [AccountType::Team, AccountType::EnterpriseLwa, AccountType::EnterpriseOidc];
    for account_type in others {
        let strict = bench(account_type.clone(), ChimeRules::default());
        let refused = associate(&strict, &["desk"]);
        assert_eq!((refused.status(), refused.exception()), (403, "ForbiddenException"));
        assert_eq!(groups(&strict), json!(null));
        let lenient = ChimeRules { delegates_need_directory: false, ..ChimeRules::default() };
        assert_eq!(associate(&bench(account_type, lenient), &["desk"]).status(), 200);
    }
}

#[test]
fn a_group_must_have_a_name() {
    let bench = directory();
    let target = "/accounts/a?operation=associate-signin-delegate-groups";
    for (body, message) in [
        (
            r#"{"SigninDelegateGroups":[{"GroupName":"desk"},{}]}"#,
            "SigninDelegateGroups[1].GroupName: is required",
        ),
        (
            r#"{"SigninDelegateGroups":[{"GroupName":" "}]}"#,
            "SigninDelegateGroups[0].GroupName: must not be blank",
        ),
        ("{}", "SigninDelegateGroups: is required"),
    ] {
        let refused = bench.send("POST", target, body);
        assert_eq!((refused.status(), refused.exception()), (400, "BadRequestException"));
        assert_eq!(refused.json()["Message"], message);
    }
    assert_eq!(groups(&bench), json!(null));
    assert_eq!(disassociate(&bench, &[]).status(), 400);
}

#[test]
fn an_unknown_account_is_not_found() {
    let bench = Bench::sample();
    for refused in [associate(&bench, &["desk"]), disassociate(&bench, &["desk"])] {
        assert_eq!((refused.status(), refused.exception()), (404, "NotFoundException"));
    }
}
