//! Tests of the page: what it shows, who can see it, and that it leaks no secrets.

use chime_model::chime::{Account, AccountType, Room, User};
use chime_model::meetings::{CreateAttendeeRequestItem, CreateMeetingWithAttendeesRequest};
use proptest::prelude::*;

use super::*;
use crate::Organisation;
use crate::engine::server::exchange;
use crate::sample::*;
use crate::testing::{Answer, Bench, at_once, connection, control_request, request};

fn ask(bench: &Bench, request: &Request<Bytes>) -> Answer {
    Answer(at_once(exchange::handle(bench.chime.engine(), connection(true), request)).unwrap())
}

/// The content that the script gets for a target of the page.
fn get(bench: &Bench, target: &str) -> Answer {
    let query = target.strip_prefix('/').unwrap();
    ask(bench, &control_request("GET", &format!("/_chime/page{query}"), ""))
}

fn html(answer: &Answer) -> &str {
    std::str::from_utf8(answer.0.body()).unwrap()
}

/// The target of the link with a text.
fn follow(answer: &Answer, text: &str) -> String {
    let (before, _) = html(answer).split_once(&format!("\">{text}</a>")).unwrap();
    let (_, target) = before.rsplit_once("<a href=\"").unwrap();
    target.replace("&#38;", "&")
}

/// The label, verb and body of each button of a page.
fn buttons(answer: &Answer) -> Vec<[String; 3]> {
    let plain = |text: &str| text.replace("&#34;", "\"");
    let button = |button: &str| {
        let (attributes, rest) = button.split_once('>').unwrap();
        let value = |name| {
            let after = attributes.split_once(name).map(|(_, after)| after);
            plain(after.and_then(|after| after.split('"').next()).unwrap_or_default())
        };
        let (label, _) = rest.split_once('<').unwrap();
        [label.to_owned(), value("data-verb=\""), value("data-body=\"")]
    };
    let found = html(answer).split("<button ").skip(1).map(button);
    found.filter(|[_, verb, _]| !verb.is_empty()).collect()
}

/// Presses a button.
fn press(bench: &Bench, [_, verb, body]: &[String; 3]) -> Answer {
    let (method, target) = verb.split_once(' ').unwrap();
    bench.control(method, target, body)
}

#[test]
fn the_content_security_policy_allows_only_the_own_style_and_script() {
    let bench = Bench::sample();
    let page = ask(&bench, &request("GET", "/", ""));
    let policy = page.header("content-security-policy").unwrap();
    for (tag, kind) in [("style", "style-src"), ("script", "script-src")] {
        let (before, after) = html(&page).split_once(&format!("<{tag}>")).unwrap();
        let (text, after) = after.split_once(&format!("</{tag}>")).unwrap();
        assert!(!before.contains(&format!("<{tag}")) && !after.contains(&format!("<{tag}")));
        let hash = BASE64_STANDARD.encode(Sha256::digest(text));
        assert!(policy.contains(&format!("{kind} 'sha256-{hash}';")), "{policy}");
    }
    assert!(!policy.contains("unsafe") && policy.contains("default-src 'none'"));
    let parts = ["/", "/?account=none", "/?aws=a&account=b&room=c"].map(|at| get(&bench, at));
    for part in &parts {
        assert!(!html(part).contains("<script") && !html(part).contains(" on"));
    }
    for answer in parts.iter().chain([&page]) {
        assert_eq!(answer.header("content-security-policy"), Some(policy));
        assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    }
}

#[test]
fn links_lead_from_the_overview_to_a_room_and_back() {
    let bench = Bench::sample();
    bench.send("GET", "/accounts", "");
    let first = get(&bench, "/");
    for shown in [
        "Example Corp",
        "Lakeside Support",
        "example.com",
        "ListAccounts",
        "title=\"2025-03-05T12:00:00.000Z\">now</time>",
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
    let bo = get(&bench, &follow(&room, "Bo Lindqvist"));
    assert!(html(&bo).contains("bo@example.com") && html(&bo).contains("Incident bridge"));
    // The list of phone numbers links to the users.
    let ana = get(&bench, &follow(&first, "Ana Ferreira"));
    assert!(html(&ana).contains("ana@example.com") && html(&ana).contains(ANA_NUMBER));
}

#[test]
fn failed_requests_are_marked_and_can_be_filtered() {
    let bench = Bench::sample();
    assert!(!html(&get(&bench, "/")).contains(" failed</a>"));
    bench.send("GET", "/accounts", "");
    bench.send("GET", "/accounts/none", "");
    bench.chime.set_faults(cut("ListRooms")).unwrap();
    let mut rooms = request("GET", &format!("/accounts/{TEAM_ACCOUNT_ID}/rooms"), "");
    crate::testing::sign(&mut rooms, &bench.caller, bench.clock.now());
    assert!(at_once(bench.chime.engine().handle(&rooms)).is_err());
    let failed = get(&bench, &follow(&get(&bench, "/"), "2 failed"));
    let failed = html(&failed);
    assert!(failed.contains("<small>2 of 3</small>"), "{failed}");
    assert!(failed.contains("class=\"bad\">404<") && failed.contains("class=\"bad\">cut<"));
    assert!(failed.contains(">NotFoundException: Account not found<"), "{failed}");
    assert!(failed.contains("&#34;Operation&#34;: &#34;ListRooms&#34;"), "{failed}");
    assert!(!failed.contains(">ListAccounts<"));
}

fn cut(operation: &str) -> crate::faults::Faults {
    let text = format!(r#"{{"Faults":[{{"Operation":"{operation}","Cut":"Before"}}]}}"#);
    crate::faults::Faults::parse(&text).unwrap()
}

#[test]
fn targets_that_do_not_exist_have_status_404() {
    let bench = Bench::sample();
    for target in
        ["/?account=none", "/?aws=a&account=b", "/?room=x", "/?aws=%ff&account=%00", "/?list=none"]
    {
        assert_eq!(get(&bench, target).status(), 404, "{target}");
    }
    let room = format!("/?aws={AWS_ACCOUNT_ID}&account={ENTERPRISE_ACCOUNT_ID}&room=none");
    let gone = get(&bench, &room);
    assert_eq!((gone.status(), &*follow(&gone, "Show its events")), (404, "/?list=events&q=none"));
    assert!(!html(&get(&bench, "/?list=none")).contains("Show its events"));
    // Unknown parameters are ignored.
    assert_eq!(get(&bench, "/?utm=x").status(), 200);
}

#[test]
fn other_hosts_proxies_and_machines_are_refused() {
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
    let answer = at_once(exchange::handle(bench.chime.engine(), far, &request("GET", "/", "")));
    assert_eq!(answer.unwrap().status(), 404);
    assert_eq!(Answer(bench.handle(&request("POST", "/", "")).0).status(), 404);
}

#[test]
fn the_page_itself_is_static() {
    let (bench, empty) = (Bench::sample(), Bench::new(crate::Config::default()));
    let page = ask(&bench, &request("GET", "/", ""));
    assert_eq!(page.status(), 200);
    assert_eq!(html(&page), html(&ask(&empty, &request("GET", "/?account=x", ""))));
    assert!(!html(&page).contains(crate::testing::CONTROL_TOKEN));
}

#[test]
fn the_page_shows_no_pins_and_no_security_tokens() {
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

/// Creates a meeting with one attendee, and returns the join token.
fn meeting(bench: &Bench) -> String {
    let attendee = CreateAttendeeRequestItem::new("someone");
    let request = CreateMeetingWithAttendeesRequest::new("us-east-1", "standup", [attendee])
        .client_request_token("a-token");
    let created = bench.call(&request).unwrap();
    let attendee = created.attendees.unwrap().remove(0);
    attendee.join_token.unwrap().expose().to_owned()
}

#[test]
fn a_join_token_is_shown_only_on_the_page_of_its_attendee() {
    let bench = Bench::sample();
    let token = meeting(&bench);
    let meetings = get(&bench, "/?list=meetings");
    let meeting = get(&bench, &follow(&meetings, "standup"));
    let attendee = get(&bench, &follow(&meeting, "someone"));
    for page in [&get(&bench, "/"), &meetings, &meeting, &get(&bench, "/?list=events")] {
        assert!(!html(page).contains(&token));
    }
    assert!(html(&attendee).contains(&token) && html(&attendee).contains("JoinInfo"));
}

#[test]
fn the_tab_of_a_resource_is_that_of_its_list() {
    let bench = Bench::sample();
    meeting(&bench);
    let current = |page: &Answer| {
        let marked = html(page).split_once("aria-current=\"page\">").map(|(_, after)| after);
        marked.map(|after| after.split(' ').next().unwrap().to_owned())
    };
    let meetings = get(&bench, "/?list=meetings");
    let attendee = get(&bench, &follow(&get(&bench, &follow(&meetings, "standup")), "someone"));
    for (page, tab) in
        [(&get(&bench, "/"), "Overview"), (&meetings, "Meetings"), (&attendee, "Meetings")]
    {
        assert_eq!(current(page).as_deref(), Some(tab));
    }
    assert_eq!(current(&get(&bench, "/?meeting=none")), None);
}

#[test]
fn buttons_simulate_the_actions_of_an_attendee() {
    let bench = Bench::sample();
    meeting(&bench);
    let target = follow(&get(&bench, &follow(&get(&bench, "/"), "standup")), "someone");
    let button = |label: &str| {
        let page = get(&bench, &target);
        let button = buttons(&page).into_iter().find(|[its, ..]| its == label);
        button.unwrap_or_else(|| panic!("{label}: {}", html(&page)))
    };
    for (label, then) in [
        ("Join", "connected"),
        ("Join again", "connected"),
        ("Start video", "connected, video"),
        ("Stop video", "connected"),
        ("Share content", "connected, content"),
        ("Start content video", "connected, content video"),
        ("Stop content video", "connected, content"),
        ("Stop content", "connected"),
        ("Share content", "connected, content"),
        ("Drop content", "connected"),
        ("Leave", "not connected"),
        ("Join", "connected"),
        ("Drop", "not connected"),
    ] {
        assert_eq!(press(&bench, &button(label)).status(), 204, "{label}");
        let page = get(&bench, &target);
        assert!(html(&page).contains(&format!("<dd>{then}</dd>")), "{label}: {}", html(&page));
    }
    let events = get(&bench, "/?list=events");
    let of_content = "<details><summary>chime:AttendeeContentDropped</summary>";
    assert!(html(&events).contains(of_content), "{}", html(&events));
    // An event links to its attendee, and the attendee to its events.
    assert_eq!(follow(&events, "someone"), target);
    let own = get(&bench, &follow(&get(&bench, &target), "Show"));
    assert!(html(&own).contains(of_content) && !html(&own).contains("MeetingStarted"));
    assert!(html(&get(&bench, "/?list=events&q=contentdropped")).contains("<small>1 of "));
}

#[test]
fn the_strip_shows_the_settings() {
    let rules = crate::Rules::parse(r#"{"RoomsPerAccount": 3}"#).unwrap();
    let bench = Bench::with_rules(rules);
    let page = get(&bench, "/");
    let page = html(&page);
    for shown in [
        "Clock <b>2025-03-05 12:00:00</b>",
        "Faults <b>none</b>",
        "Snapshots <b>0</b>",
        "Rules <b class=\"set\">1 changed</b>",
        "Connect <b>localhost:8080</b>",
        ">http://localhost:8080/chime-sdk-meetings<",
        "export AWS_ENDPOINT_URL_CHIME=http://localhost:8080\n",
        "export AWS_ENDPOINT_URL_CHIME_SDK_MEETINGS=http://localhost:8080/chime-sdk-meetings\n",
        "export AWS_ENDPOINT_URL_STS=http://localhost:8080
",
        "export AWS_REGION=us-east-1
",
        "export AWS_DEFAULT_REGION=us-east-1
",
        "export AWS_SECRET_ACCESS_KEY=local-chime-secret
",
    ] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
}

#[test]
fn the_page_shows_no_secret_access_key_but_that_of_the_demo_credential() {
    let own = crate::Credential { secret_access_key: "own".into(), ..crate::Credential::default() };
    let bench = Bench::new(crate::Config { credentials: vec![own], ..crate::Config::default() });
    assert!(!html(&get(&bench, "/")).contains("SECRET_ACCESS_KEY"));
}

#[test]
fn buttons_of_the_strip_change_the_settings() {
    let bench = Bench::sample();
    assert_eq!(bench.control("PUT", "snapshots/%3Cone%20%26%20all%3E", "").status(), 204);
    let press = |label: &str| {
        let page = get(&bench, "/");
        let button = buttons(&page).into_iter().find(|[its, ..]| its == label);
        let answer = press(&bench, &button.unwrap_or_else(|| panic!("{label}: {}", html(&page))));
        assert!([200, 204].contains(&answer.status()), "{label}: {:?}", answer.0);
        get(&bench, "/")
    };
    for (label, then) in [
        ("Freeze", "Clock <b class=\"set\">2025-03-05 12:00:00, frozen</b>"),
        ("+5 minutes", "12:05:00, frozen"),
        ("+1 hour", "13:05:00, frozen"),
        ("+1 day", "2025-03-06 13:05:00, frozen"),
        ("+7 days", "2025-03-13 13:05:00, frozen"),
        ("Run", "<b class=\"set\">2025-03-13 13:05:00</b>"),
        ("Machine time", "<b>2025-03-05 12:00:00</b>"),
        ("Throttle to 1 a second", "Faults <b class=\"set\">1 in force</b>"),
        ("Fail the next request", "2 in force"),
        ("Clear", "Faults <b>none</b>"),
        ("Restore", "<b>2025-03-05 12:00:00</b>"),
        ("Delete", "Snapshots <b>0</b>"),
        ("+1 day", "<b class=\"set\">2025-03-06 12:00:00</b>"),
        ("Reset", "<b>2025-03-05 12:00:00</b>"),
    ] {
        let page = press(label);
        assert!(html(&page).contains(then), "{label}: {}", html(&page));
    }
    press("Fail the next request");
    assert_eq!(bench.send("GET", "/accounts", "").status(), 400);
    assert!(html(&get(&bench, "/")).contains("Faults <b>none</b>"));
}

#[test]
fn a_long_list_has_pages() {
    let bench = Bench::sample();
    let user = |i| User::new(format!("user-{i}")).display_name(format!("Person {i}"));
    let account = Account::new(AWS_ACCOUNT_ID, "large", "Large");
    let users = (0..250).map(user).collect();
    bench.chime.seed(Organisation { users, ..Organisation::new(account) }).unwrap();
    let page = get(&bench, &follow(&get(&bench, "/"), "Large"));
    assert_eq!(html(&page).matches(">Person ").count(), 10);
    let all = get(&bench, &follow(&page, "Show all 250"));
    assert_eq!(html(&all).matches(">Person ").count(), 100);
    let next = get(&bench, &follow(&all, "Next"));
    assert!(html(&next).contains("101–200 of 250") && html(&next).contains(">Person 199<"));
    let back = get(&bench, &follow(&next, "Large"));
    assert_eq!(html(&back), html(&page));
}

/// The overview, an account and a room, whose resources have the given id and name.
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
    fn ids_and_names_do_not_change_the_markup(
        id in "[<>\"'&?=#%/a-zé][<>\"'&?=#%/ a-zé]{0,11}",
        name in "[<>\"'&;()=a-z][<>\"'&;()= a-z]{0,19}",
    ) {
        let marks = |page: &String| ['<', '>', '"', '\''].map(|mark| page.matches(mark).count());
        let plain: Vec<_> = pages("id", "name").iter().map(marks).collect();
        let strange: Vec<_> = pages(&id, &name).iter().map(marks).collect();
        prop_assert_eq!(plain, strange);
    }

    #[test]
    fn every_query_has_a_page_or_status_404(query in "[aw=&%?a-z0-9]{0,30}") {
        let answer = get(&Bench::sample(), &format!("/?{query}"));
        prop_assert!([200, 404].contains(&answer.status()));
    }
}
