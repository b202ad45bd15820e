//! Tests the page of the emulator in a real browser: that it shows a large state, that it follows changes
//! without losing input, focus and selection, and that its buttons work.

mod browser;
mod filled;

use std::env;
use std::fs;
use std::process::Stdio;

use self::browser::{Browser, Step};
use crate::Result;
use crate::server::{self, Server};

/// Functions for the steps.
const HELPERS: &str = r"
    var all = selector => [...document.querySelectorAll(selector)];
    var named = (selector, text) => all(selector).find(it => it.textContent.trim() === text);
    var link = text => named('main a', text);
    var button = text => named('button', text);
    var chip = name => all('#strip summary').find(it => it.textContent.startsWith(name));
    var says = text => document.body.innerText.includes(text);
    var titled = text => all('main h1')[0]?.textContent === text;
    var place = selector => all(selector)[0].getBoundingClientRect().left;
    var rows = () => all('tbody tr').length;
    var press = key => document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
    var type = text => {
        filter.focus();
        filter.value = text;
        filter.dispatchEvent(new Event('input'));
    };
    // Waits for two whole refreshes.
    var later = async () => { const then = refreshes + 3; while (refreshes < then) await new Promise(go => setTimeout(go, 50)); };
";

const LOOKING: &[Step] = &[
    ("", "says('Harbour Office') && says('+12065550000') && says('standup 1')"),
    // Names with HTML are shown as text.
    (
        "link('<img src=x onerror=alert(1)> Support').click()",
        "titled('<img src=x onerror=alert(1)> Support') && says('None yet.')",
    ),
    (
        "history.back()",
        "says('Harbour Office') && all('main img, main script, main b, main i').length === 0",
    ),
    ("link('Harbour Office').click()", "titled('Harbour Office') && rows() === 21"),
    ("link('Show all 350').click()", "rows() === 100 && says('1–100 of 350')"),
    ("scrollTo(0, 300); link('Next').click()", "says('101–200 of 350') && scrollY === 0"),
    ("history.back()", "says('1–100 of 350') && scrollY === 300"),
    ("history.forward()", "says('101–200 of 350')"),
    (
        "type('person user34')",
        "rows() === 11 && says('11 of 350') && location.search.includes('q=person+user34')",
    ),
    ("type('')", "rows() === 100"),
    ("history.go(-2)", "titled('Harbour Office') && rows() === 21"),
    ("link('شركة المثال').click()", "titled('شركة المثال') && says('+12065550000')"),
    ("link('Room 0').click()", "titled('Room 0') && link('Person 2')"),
    ("link('Overview').click()", "named('#tabs [aria-current]', 'Overview')"),
];

/// Steps while the page changes.
const FOLLOWING: &[Step] = &[
    // A request without a signature fails.
    (
        "fetch('/accounts')",
        "all('tr:has(.bad)').length === 1 \
         && says('MissingAuthenticationTokenException: Missing Authentication Token')",
    ),
    ("named('#strip > a', '1 failed').click()", "filter.value === 'failed' && rows() === 1"),
    // A request opens, which moves no column. Its record can be copied, as can its id.
    (
        "window.before = place('td:nth-child(4)'); all('td summary')[0].click()",
        "says('\"Operation\": \"ListAccounts\"') && place('td:nth-child(4)') === window.before",
    ),
    (
        "navigator.clipboard.writeText = async text => { window.copied = text; }; all('td button')[0].click()",
        "JSON.parse(window.copied).Status === 403 && said.textContent === 'Copied'",
    ),
    ("all('td code')[0].click()", "/^[0-9a-f-]{36}$/.test(window.copied)"),
    ("scrollTo(0, 0); named('#tabs a', 'Meetings 120').click()", "rows() === 100"),
    // The typed text, the focus, the scroll position and the selection stay.
    (
        "type('standup'); scrollTo(0, 300); window.first = all('tbody tr')[0]; \
         getSelection().selectAllChildren(all('td')[0]); later()",
        "filter.value === 'standup' && document.activeElement === filter && scrollY === 300 \
         && all('tbody tr')[0] === window.first && getSelection().toString() === 'standup 119'",
    ),
    (
        "live.click(); window.before = refreshes; new Promise(go => setTimeout(go, 2500))",
        "refreshes === window.before",
    ),
    ("live.click()", "refreshes > window.before"),
];

const DOING: &[Step] = &[
    ("type(''); scrollTo(0, 0)", "link('standup 119')"),
    ("link('standup 119').click()", "link('guest')"),
    (
        "link('guest').click()",
        "says('not connected') && says('JoinToken') && button('Leave').disabled",
    ),
    ("button('Join').click()", "!button('Leave').disabled && !says('not connected')"),
    ("button('Start video').click()", "says('connected, video')"),
    ("all('#tabs a')[2].click()", "says('chime:AttendeeVideoStarted')"),
    // An event links to its attendee, and the attendee to its events.
    ("link('guest').click()", "titled('guest') && named('#tabs [aria-current]', 'Meetings 120')"),
    ("link('Show').click()", "rows() > 0 && location.search.includes('q=')"),
    ("all('#tabs a')[2].click()", "!location.search.includes('q=')"),
    // An opened event stays open while others arrive.
    (
        "all('td summary')[0].click(); window.open1 = all('td details')[0]; \
         send('POST clock/advance', '{\"Seconds\": 1}').then(later)",
        "window.open1.open && window.open1.isConnected && says('\"eventType\": \"chime:AttendeeVideoStarted\"')",
    ),
    ("chip('Clock').click()", "button('Freeze')"),
    ("button('Freeze').click()", "chip('Clock').textContent.endsWith('frozen')"),
    (
        "window.before = chip('Clock').textContent; button('+1 day').click()",
        "chip('Clock').textContent !== window.before",
    ),
    ("chip('Faults').click()", "!chip('Clock').parentNode.open"),
    (
        "button('Fail the next request').click()",
        "chip('Faults').textContent.endsWith('1 in force')",
    ),
    ("button('Clear').click()", "chip('Faults').textContent.endsWith('none')"),
    ("chip('Snapshots').click()", "button('Take snapshot')"),
    (
        "all('#strip input')[0].value = 'before/after <b>'; button('Take snapshot').click()",
        "says('before/after <b>') && chip('Snapshots').textContent.endsWith('1')",
    ),
    (
        "window.confirm = () => true; button('Delete').click()",
        "chip('Snapshots').textContent.endsWith('0')",
    ),
    ("button('Reset').click()", "all('#tabs a')[3].textContent.includes('2')"),
    (
        "press('Escape')",
        "!chip('Snapshots').parentNode.open && document.activeElement === chip('Snapshots')",
    ),
    ("press('/')", "document.activeElement === filter"),
    ("chip('Connect').click()", "says('AWS_ENDPOINT_URL_CHIME_SDK_MEETINGS=http://')"),
    // A tab without a token gets it from another tab.
    (
        "window.token = sessionStorage.getItem(TOKEN); window.other = new BroadcastChannel(TOKEN); \
         other.onmessage = ({ data }) => data === null && other.postMessage(token); \
         sessionStorage.removeItem(TOKEN); refresh()",
        "sessionStorage.getItem(TOKEN) === token && login.hidden && says('guest')",
    ),
    // The token of another server is invalid, so the page asks for the token.
    (
        "other.close(); sessionStorage.setItem(TOKEN, 'x'); refresh()",
        "!login.hidden && !says('Harbour') && !says('AWS_') && document.activeElement === login.token",
    ),
    (
        "login.token.value = 'y'; login.requestSubmit()",
        "said.textContent === 'The token is not valid'",
    ),
    (
        "login.token.value = `${location.origin}/#${token}`; login.requestSubmit()",
        "login.hidden && says('guest')",
    ),
];

/// Checks that the tab of a list is visible where the tabs do not fit, and that panels are not cut off.
const NARROW: &[Step] = &[
    (
        "navigate('/?list=stream-pools')",
        "all('#tabs [aria-current]')[0].getBoundingClientRect().right <= innerWidth",
    ),
    (
        "chip('Connect').click()",
        "all('details[open] .panel')[0].checkVisibility() \
         && document.elementFromPoint(innerWidth / 2, innerHeight - 20).closest('.panel')",
    ),
    ("press('Escape'); navigate('/')", "!all('details[open]').length && says('Harbour Office')"),
];

/// Checks that the page fits the window, and returns the background color.
const LAYOUT: &str = "document.documentElement.scrollWidth <= innerWidth \
     && getComputedStyle(document.documentElement).backgroundColor";

/// Starts an emulator with a large state, and runs all steps on its page.
pub(crate) fn run() -> Result<()> {
    let mut browser = Browser::start()?;
    server::build()?;
    let seed = env::temp_dir().join(format!("chime-page-{}.json", std::process::id()));
    fs::write(&seed, filled::seed().to_string())?;
    let server =
        Server::start(["--quiet".as_ref(), "--seed".as_ref(), seed.as_os_str()], Stdio::inherit());
    fs::remove_file(&seed)?;
    let server = server?;
    let url = format!("{}/#{}", server.url(), server.control_token());
    browser.show(1280, false)?;
    browser.call("Page.navigate", &serde_json::json!({ "url": url }))?;
    browser.wait("document.readyState === 'complete' && !location.hash")?;
    browser.evaluate(HELPERS)?;
    let mut backgrounds = Vec::new();
    for (width, is_dark) in [(320, false), (768, true), (1280, true), (1280, false)] {
        browser.wait("says('Harbour Office')")?;
        browser.show(width, is_dark)?;
        let background = browser.evaluate(LAYOUT)?;
        if !background.is_string() {
            return Err(format!("the page is wider than a window of {width} pixels").into());
        }
        backgrounds.push(background);
        if width == 320 {
            browser.steps(NARROW)?;
        }
    }
    if backgrounds[0] == backgrounds[1] || backgrounds[1] != backgrounds[2] {
        return Err(format!("light and dark should differ: {backgrounds:?}").into());
    }
    for steps in [LOOKING, FOLLOWING, DOING] {
        browser.steps(steps)?;
    }
    println!("all steps on the page passed");
    Ok(())
}
