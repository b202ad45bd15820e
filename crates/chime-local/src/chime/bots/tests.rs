//! Tests of the operations on bots.

use chime_model::chime::{Account, AccountType};
use serde_json::json;
use time::Duration;

use super::*;
use crate::sample::*;
use crate::testing::{Bench, refused};
use crate::{ChimeRules, Config, Organisation};

const E: &str = ENTERPRISE_ACCOUNT_ID;

/// An emulator with the Enterprise account `a`, which has these domains and no bots.
fn bench(domains: &[&str]) -> Bench {
    bench_by(ChimeRules::default(), domains)
}

fn bench_by(rules: ChimeRules, domains: &[&str]) -> Bench {
    let account = Account::new(AWS_ACCOUNT_ID, "a", "a").account_type(AccountType::EnterpriseLwa);
    let domains = domains.iter().map(ToString::to_string).collect();
    let seed = Organisation { domains, ..Organisation::new(account) }.into();
    Bench::new(Config { seed, rules: rules.into(), ..Config::default() })
}

fn create(bench: &Bench, request: CreateBotRequest) -> Result<Bot> {
    bench.ask(create_bot, request).map(|response| response.bot.unwrap())
}

fn named(name: &str) -> CreateBotRequest {
    CreateBotRequest::new("a", name)
}

fn email(bot: Bot) -> String {
    bot.bot_email.unwrap().expose().to_owned()
}

fn list(bench: &Bench, request: ListBotsRequest) -> (Vec<String>, Option<String>) {
    let response = bench.ask(list_bots, request).unwrap();
    let names = response.bots.unwrap().into_iter().map(|bot| bot.display_name.unwrap());
    (names.map(|name| name.expose().to_owned()).collect(), response.next_token)
}

fn get(bench: &Bench, bot: &BotId) -> Bot {
    bench.ask(get_bot, GetBotRequest::new("a", bot)).unwrap().bot.unwrap()
}

#[test]
fn a_new_bot_looks_as_published() {
    let bench = Bench::sample();
    let body = r#"{"DisplayName":"myBot","Domain":"example.com"}"#;
    let made = bench.send("POST", &format!("/accounts/{E}/bots"), body);
    assert_eq!(made.status(), 201);
    let bot = &made.json()["Bot"];
    let (id, token) = (bot["BotId"].as_str().unwrap(), bot["SecurityToken"].as_str().unwrap());
    assert_eq!((id.len(), token.len()), (36, 40));
    assert_eq!(
        *bot,
        json!({
            "BotEmail": "myBot-chimebot@example.com", "BotId": id, "BotType": "ChatBot",
            "CreatedTimestamp": "2025-03-05T12:00:00.000Z", "Disabled": false,
            "DisplayName": "myBot (Bot)", "SecurityToken": token,
            "UpdatedTimestamp": "2025-03-05T12:00:00.000Z", "UserId": id,
        })
    );
    assert_eq!(bench.send("GET", &format!("/accounts/{E}/bots/{id}"), "").json(), made.json());
}

#[test]
fn a_bot_gets_an_address_from_its_name_and_a_claimed_domain() {
    let bench = bench(&["First.example", "second.example"]);
    let made = |request| email(create(&bench, request).unwrap());
    assert_eq!(made(named("On Call")), "OnCall-chimebot@first.example");
    assert_eq!(made(named("x").domain("SECOND.example")), "x-chimebot@second.example");
    // The name of a bot is unique only within a domain.
    assert_eq!(made(named("On Call").domain("second.example")), "OnCall-chimebot@second.example");
    for request in
        [named("oncall"), named("ONCALL").domain("second.example"), named("x").domain("third")]
    {
        let refusal = refused(create(&bench, request));
        assert_eq!(refusal, (400, "BadRequestException".to_owned()));
    }
    assert_eq!(list(&bench, ListBotsRequest::new("a")).0.len(), 3);
}

#[test]
fn a_bot_cannot_be_created_without_a_claimed_domain() {
    let bench = bench(&[]);
    assert_eq!(refused(create(&bench, named("x"))).0, 400);
    assert_eq!(refused(create(&bench, named("x").domain("example.com"))).0, 400);
}

#[test]
fn a_name_has_1_to_55_characters_and_no_control_characters() {
    let bench = bench(&["example.com"]);
    for (name, fine) in [
        ("é".repeat(55), true),
        ("b@t #1 (new)".to_owned(), true),
        ("é".repeat(56), false),
        (" ".to_owned(), false),
        (String::new(), false),
        ("a\nb".to_owned(), false),
    ] {
        let result = create(&bench, named(&name));
        if fine {
            let bot = result.unwrap();
            assert_eq!(bot.display_name.unwrap().expose(), format!("{name} (Bot)"));
        } else {
            let error = result.expect_err(&name);
            assert!(error.message.as_ref().unwrap().starts_with("DisplayName: "), "{error}");
            assert_eq!(error.status, 400);
        }
    }
}

#[test]
fn the_number_of_bots_of_an_account_is_limited() {
    let bench = bench(&["example.com"]);
    for i in 0..10 {
        create(&bench, named(&format!("bot{i}"))).unwrap();
    }
    let limit = (400, "ResourceLimitExceededException".to_owned());
    assert_eq!(refused(create(&bench, named("bot10"))), limit);
    // A duplicate name is checked before the limit.
    assert_eq!(refused(create(&bench, named("bot9"))).1, "BadRequestException");

    let rules = ChimeRules { bots_per_account: 1, ..ChimeRules::default() };
    let bench = bench_by(rules, &["example.com"]);
    create(&bench, named("one")).unwrap();
    assert_eq!(refused(create(&bench, named("two"))), limit);
}

#[test]
fn a_page_has_ten_bots_by_default() {
    let rules = ChimeRules { bots_per_account: 12, ..ChimeRules::default() };
    let bench = bench_by(rules, &["example.com"]);
    for i in 0..11 {
        create(&bench, named(&format!("bot{i}"))).unwrap();
    }
    let (first, token) = list(&bench, ListBotsRequest::new("a"));
    assert_eq!(first.len(), 10);
    create(&bench, named("bot11")).unwrap();
    let rest = ListBotsRequest::new("a").next_token(token.clone().unwrap());
    assert_eq!(
        list(&bench, rest),
        (vec!["bot10 (Bot)".to_owned(), "bot11 (Bot)".to_owned()], None)
    );
    let all = list(&bench, ListBotsRequest::new("a").max_results(99));
    assert_eq!((all.0.len(), all.1), (12, None));

    let damaged = ListBotsRequest::new("a").next_token(token.unwrap() + "0");
    assert_eq!(refused(bench.ask(list_bots, damaged)).1, "BadRequestException");
    assert_eq!(bench.send("GET", "/accounts/a/bots?max-results=100", "").status(), 400);
    let one = bench.send("GET", "/accounts/a/bots?max-results=1", "").json();
    assert_eq!(one["Bots"][0]["SecurityToken"].as_str().unwrap().len(), 40);
    assert!(one["NextToken"].is_string());
}

#[test]
fn a_bot_can_be_disabled_and_enabled() {
    let bench = bench(&["example.com"]);
    let made = create(&bench, named("x")).unwrap();
    let id = made.bot_id.clone().unwrap();
    bench.clock.advance(Duration::minutes(1));
    let target = format!("/accounts/a/bots/{id}");
    assert_eq!(bench.send("POST", &target, "{}").status(), 200);
    assert_eq!(get(&bench, &id), made);
    let stopped = bench.send("POST", &target, r#"{"Disabled":true}"#).json();
    assert_eq!(stopped["Bot"]["Disabled"], true);
    assert_eq!(stopped["Bot"]["UpdatedTimestamp"], "2025-03-05T12:01:00.000Z");
    let mut expected = made.disabled(true);
    expected.updated_timestamp = Some(bench.clock.now());
    assert_eq!(get(&bench, &id), expected);
    bench.ask(update_bot, UpdateBotRequest::new("a", &id).disabled(false)).unwrap();
    assert_eq!(get(&bench, &id).disabled, Some(false));
}

#[test]
fn a_security_token_can_be_regenerated() {
    let bench = bench(&["example.com"]);
    let made = create(&bench, named("x")).unwrap();
    let id = made.bot_id.clone().unwrap();
    bench.clock.advance(Duration::minutes(1));
    let target = format!("/accounts/a/bots/{id}?operation=regenerate-security-token");
    let answer = bench.send("POST", &target, "");
    assert_eq!(answer.status(), 200);
    let after = get(&bench, &id);
    assert_ne!(after.security_token, made.security_token);
    assert_eq!(
        answer.json()["Bot"]["SecurityToken"],
        after.security_token.as_ref().unwrap().expose()
    );
    let mut expected = made;
    expected.security_token = after.security_token.clone();
    expected.updated_timestamp = Some(bench.clock.now());
    assert_eq!(after, expected);
}

#[test]
fn team_accounts_and_unknown_bots_are_refused() {
    let bench = Bench::sample();
    for (account, expected) in [
        (TEAM_ACCOUNT_ID, (403, "ForbiddenException".to_owned())),
        (E, (404, "NotFoundException".to_owned())),
        ("missing", (404, "NotFoundException".to_owned())),
    ] {
        let results = [
            refused(bench.ask(get_bot, GetBotRequest::new(account, "none"))),
            refused(bench.ask(update_bot, UpdateBotRequest::new(account, "none").disabled(true))),
            refused(bench.ask(
                regenerate_security_token,
                RegenerateSecurityTokenRequest::new(account, "none"),
            )),
        ];
        assert!(results.iter().all(|result| *result == expected), "{results:?}");
        if account != E {
            assert_eq!(refused(create(&bench, CreateBotRequest::new(account, "x"))), expected);
            assert_eq!(refused(bench.ask(list_bots, ListBotsRequest::new(account))), expected);
        }
    }
}
