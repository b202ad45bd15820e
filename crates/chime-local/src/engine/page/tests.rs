//! Tests of what the page shows, to whom, and of what it never shows.

use chime_model::chime::{Account, AccountType, Room, User};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

use super::*;
use crate::Organisation;
use crate::engine::server::exchange;
use crate::sample::*;
use crate::testing::{Answer, Bench, at_once, connection, control_request, request};

fn ask(bench: &Bench, request: &Request<Bytes>) -> Answer {
    Answer(at_once(exchange::answer(bench.chime.engine(), connection(true), request)).unwrap())
}

/// What the script of the page gets, when the page has that target.
fn get(bench: &Bench, target: &str) -> Answer {
    let query = target.strip_prefix('/').unwrap();
    ask(bench, &control_request("GET", &format!("/_chime/page{query}"), ""))
}

fn html(answer: &Answer) -> &str {
    std::str::from_utf8(answer.0.body()).unwrap()
}

/// The target of the link with that text.
fn follow(answer: &Answer, text: &str) -> String {
    let (before, _) = html(answer).split_once(&format!("\">{text}</a>")).unwrap();
    let (_, target) = before.rsplit_once("<a href=\"").unwrap();
    target.replace("&#38;", "&")
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits = three.iter().fold(0, |bits, byte| bits << 8 | usize::from(*byte));
        let bits = bits << (8 * (3 - three.len()));
        for digit in 0..4 {
            let known = digit <= three.len();
            let digit = DIGITS[bits >> (18 - 6 * digit) & 63];
            text.push(if known { char::from(digit) } else { '=' });
        }
    }
    text
}

#[test]
fn the_policy_lets_in_its_own_style_and_script_and_nothing_else() {
    for (kind, text) in [("style-src", CSS), ("script-src", SCRIPT)] {
        let hash = base64(&Sha256::digest(text));
        assert!(POLICY.contains(&format!("{kind} 'sha256-{hash}';")), "it should be {hash}");
    }
    let bench = Bench::sample();
    let page = ask(&bench, &request("GET", "/", ""));
    assert_eq!(html(&page).matches("<script>").count(), 1);
    assert!(html(&page).contains(&format!("<script>{SCRIPT}</script>")));
    let parts = ["/", "/?account=none", "/?aws=a&account=b&room=c"].map(|at| get(&bench, at));
    assert!(!parts.iter().any(|part| html(part).contains("<script")));
    for answer in parts.iter().chain([&page]) {
        assert_eq!(answer.header("content-security-policy"), Some(POLICY));
        assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    }
}

#[test]
fn a_click_leads_from_the_accounts_to_a_room() {
    let bench = Bench::sample();
    bench.send("GET", "/accounts", "");
    let first = get(&bench, "/");
    for shown in [
        "Example Corp",
        "Lakeside Support",
        "example.com",
        "ListAccounts",
        "2025-03-05",
        ANA_NUMBER,
    ] {
        assert!(html(&first).contains(shown), "{shown}");
    }
    let account = get(&bench, &follow(&first, "Example Corp"));
    for shown in ["Ana Ferreira", "bo@example.com", "Suspended", "Incident bridge"] {
        assert!(html(&account).contains(shown), "{shown}");
    }
    let room = get(&bench, &follow(&account, "Incident bridge"));
    assert!(html(&room).contains("Bo Lindqvist") && !html(&room).contains("Ana Ferreira"));
    let back = get(&bench, &follow(&room, "Example Corp"));
    assert_eq!(html(&back), html(&account));
}

#[test]
fn what_is_not_there_is_told() {
    let bench = Bench::sample();
    for target in ["/?account=none", "/?aws=a&account=b", "/?room=x", "/?aws=%ff&account=%00"] {
        assert_eq!(get(&bench, target).status(), 404, "{target}");
    }
    let room = format!("/?aws={AWS_ACCOUNT_ID}&account={ENTERPRISE_ACCOUNT_ID}&room=none");
    assert_eq!(get(&bench, &room).status(), 404);
    // Parameters of others do no harm.
    assert_eq!(get(&bench, "/?utm=x").status(), 200);
}

#[test]
fn pages_of_others_and_other_machines_see_nothing() {
    let bench = Bench::sample();
    for (name, value) in [("host", "evil.example"), ("x-forwarded-host", "evil.example")] {
        for mut request in [request("GET", "/", ""), control_request("GET", "/_chime/page", "")] {
            request.headers_mut().insert(name, value.parse().unwrap());
            let answer = ask(&bench, &request);
            assert_eq!(answer.status(), 403);
            assert!(!html(&answer).contains("Example Corp") && !html(&answer).contains("<script"));
        }
    }
    let far = connection(false);
    let answer = at_once(exchange::answer(bench.chime.engine(), far, &request("GET", "/", "")));
    assert_eq!(answer.unwrap().status(), 404);
    assert_eq!(Answer(bench.answer(&request("POST", "/", "")).0).status(), 404);
}

#[test]
fn the_page_itself_is_the_same_for_everybody() {
    let (bench, empty) = (Bench::sample(), Bench::new(crate::Config::default()));
    let page = ask(&bench, &request("GET", "/", ""));
    assert_eq!(page.status(), 200);
    assert_eq!(html(&page), html(&ask(&empty, &request("GET", "/?account=x", ""))));
    assert!(!html(&page).contains(crate::testing::CONTROL_TOKEN));
}

#[test]
fn neither_pins_nor_tokens_show() {
    let bench = Bench::sample();
    let bots = format!("/accounts/{ENTERPRISE_ACCOUNT_ID}/bots");
    let bot = bench.send("POST", &bots, r#"{"DisplayName":"Helper"}"#).json()["Bot"].clone();
    let user = format!("/accounts/{ENTERPRISE_ACCOUNT_ID}/users/{ANA_ID}");
    let user = bench.send("GET", &user, "").json()["User"].clone();
    let page = get(&bench, &follow(&get(&bench, "/"), "Example Corp"));
    assert!(html(&page).contains("Helper"));
    for secret in [&bot["SecurityToken"], &user["PersonalPIN"]] {
        let secret = secret.as_str().unwrap();
        assert!(secret.len() > 5 && !html(&page).contains(secret));
    }
}

#[test]
fn a_long_list_is_cut_and_says_so() {
    let bench = Bench::sample();
    let user = |i| User::new(format!("user-{i}")).display_name(format!("Number {i}"));
    let account = Account::new(AWS_ACCOUNT_ID, "large", "Large");
    let users = (0..250).map(user).collect();
    bench.chime.seed(Organisation { users, ..Organisation::new(account) }).unwrap();
    let page = get(&bench, &follow(&get(&bench, "/"), "Large"));
    assert!(html(&page).contains("Users (250)") && html(&page).contains("And 150 more."));
    assert_eq!(html(&page).matches("Number ").count(), 100);
}

/// The pages from the first to the room, of a Chime where things have that name and id.
fn pages(id: &str, name: &str) -> Vec<String> {
    let bench = Bench::new(crate::Config::default());
    let account = Account::new(AWS_ACCOUNT_ID, id, name).account_type(AccountType::EnterpriseLwa);
    let organisation = Organisation {
        users: vec![User::new(id).display_name(name)],
        rooms: vec![Room::default().room_id(id).name(name)],
        ..Organisation::new(account)
    };
    bench.chime.seed(organisation).unwrap();
    let shown = crate::engine::view::html::escape(name);
    let first = get(&bench, "/");
    let account = get(&bench, &follow(&first, &shown));
    let room = get(&bench, &follow(&account, &shown));
    [first, account, room].iter().map(|page| html(page).to_owned()).collect()
}

proptest! {
    #[test]
    fn whatever_things_are_called_they_stay_text(
        id in "[<>\"'&?=#%/a-zé][<>\"'&?=#%/ a-zé]{0,11}",
        name in "[<>\"'&;()=a-z][<>\"'&;()= a-z]{0,19}",
    ) {
        let marks = |page: &String| ['<', '>', '"', '\''].map(|mark| page.matches(mark).count());
        let plain: Vec<_> = pages("id", "name").iter().map(marks).collect();
        let strange: Vec<_> = pages(&id, &name).iter().map(marks).collect();
        prop_assert_eq!(plain, strange);
    }

    #[test]
    fn whatever_is_asked_of_it_there_is_a_page(query in "[aw=&%?a-z0-9]{0,30}") {
        let answer = get(&Bench::sample(), &format!("/?{query}"));
        prop_assert!([200, 404].contains(&answer.status()));
    }
}
