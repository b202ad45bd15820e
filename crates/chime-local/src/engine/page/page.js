'use strict';
// Shows the content that the control endpoint renders, keeps it up to date, and sends the requests of
// its buttons.

const TOKEN = 'chime-control-token';
const POLL_INTERVAL = 2000; // milliseconds between two refreshes
const TIMEOUT = 10000; // milliseconds until a refresh fails
const [filter, live, login, said, tabs] =
    ['filter', 'live', 'login', 'said', 'tabs'].map(id => document.getElementById(id));

// Sends a request to the control endpoint. `verb` is a method and a path, such as `POST reset`.
function send(verb, body, signal) {
    const [method, path] = verb.split(' ');
    const authorization = `Bearer ${sessionStorage.getItem(TOKEN)}`;
    return fetch(`/_chime/${path}`, { method, body, signal, headers: { authorization } });
}

// Other tabs of this server. A tab that is opened by hand has no token, because the session storage belongs
// to one tab. It asks the others with null, and gets their token.
const others = new BroadcastChannel(TOKEN);
let accepted; // the last token that the server accepted
others.onmessage = async ({ data }) => {
    const isLocked = () => !login.hidden;
    if (data === null && accepted && !isLocked()) {
        // A tab in the background may have the token of an earlier server.
        await refresh();
        if (!isLocked()) others.postMessage(accepted);
    } else if (data !== null && isLocked() && data !== sessionStorage.getItem(TOKEN)) {
        sessionStorage.setItem(TOKEN, data);
        refresh();
    }
};

let timer;
function notify(text) {
    clearTimeout(timer);
    said.textContent = text;
    timer = setTimeout(() => said.textContent = '', 4000);
}

// ---- Showing

// Makes an element equal to another one. Nodes that are equal already keep focus and selection.
function patch(old, wanted) {
    for (const { name, value } of wanted.attributes) {
        if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
    for (const { name } of [...old.attributes]) {
        // The browser sets `open` when the user opens a panel.
        if (name !== 'open' && !wanted.hasAttribute(name)) old.removeAttribute(name);
    }
    const key = node => node.dataset?.key;
    const keys = new Set(Array.from(wanted.children, key));
    const kept = new Map(Array.from(old.children, child => [key(child), child]));
    let place = old.firstChild;
    for (const child of [...wanted.childNodes]) {
        while (place && key(place) && !keys.has(key(place))) place = remove(place);
        const same = key(child) ? kept.get(key(child)) : place;
        if (same?.nodeName !== child.nodeName || key(same) !== key(child)) {
            old.insertBefore(child, place);
            continue;
        }
        kept.delete(key(child));
        if (same !== place) old.insertBefore(same, place);
        if (child.nodeType === Node.ELEMENT_NODE) patch(same, child);
        else if (same.data !== child.data) same.data = child.data;
        place = same.nextSibling;
    }
    while (place) place = remove(place);
}

function remove(node) {
    const next = node.nextSibling;
    node.remove();
    return next;
}

let refreshes = 0;
async function refresh() {
    const mine = ++refreshes;
    let status, html;
    try {
        const signal = AbortSignal.timeout(TIMEOUT);
        const response = await send(`GET page${location.search}`, undefined, signal);
        [status, html] = [response.status, await response.text()];
    } catch {
        document.body.className = 'lost';
        return;
    }
    // A later refresh has newer content.
    if (mine !== refreshes) return;
    const [isLocked, wasLocked] = [status === 401, !login.hidden];
    login.hidden = !isLocked;
    document.body.className = isLocked ? 'locked' : '';
    if (isLocked) {
        if (!wasLocked) {
            login.token.focus();
            others.postMessage(null);
        }
        return;
    }
    const token = sessionStorage.getItem(TOKEN);
    if (token !== accepted) {
        accepted = token;
        others.postMessage(token);
    }
    const wanted = new DOMParser().parseFromString(html, 'text/html').body;
    for (const part of [...wanted.children]) {
        const old = document.getElementById(part.id);
        if (old) patch(old, part);
    }
    document.title = `${document.querySelector('main h1')?.textContent} · Local Chime`;
}

const isLive = () => live.getAttribute('aria-pressed') === 'true';
const isWatched = () => isLive() && document.visibilityState === 'visible';

async function poll() {
    if (isWatched()) await refresh();
    setTimeout(poll, POLL_INTERVAL);
}

// ---- Navigating

// The browser itself would scroll before the content is there.
history.scrollRestoration = 'manual';
const keepScroll = () => history.replaceState({ top: scrollY }, '');

async function arrive() {
    filter.value = new URLSearchParams(location.search).get('q') ?? '';
    await refresh();
    scrollTo(0, history.state?.top ?? 0);
    // In a narrow window the tabs scroll.
    const current = tabs.querySelector('[aria-current]');
    if (current) tabs.scrollLeft = current.offsetLeft - 2 * tabs.offsetLeft;
}

async function navigate(url) {
    keepScroll();
    history.pushState(null, '', url);
    await arrive();
    document.getElementById('main').focus({ preventScroll: true });
}

let delay;
function search() {
    clearTimeout(delay);
    delay = setTimeout(() => {
        const query = new URLSearchParams(location.search);
        query.delete('from');
        if (filter.value.trim()) query.set('q', filter.value);
        else query.delete('q');
        history.replaceState(null, '', query.size ? `/?${query}` : '/');
        refresh();
    }, 150);
}

// Takes the token from the fragment of the URL, and removes it there.
function start() {
    const token = location.hash.slice(1);
    if (/^[\w-]{16,}$/.test(token)) {
        sessionStorage.setItem(TOKEN, token);
        history.replaceState(null, '', location.pathname + location.search);
    }
    return arrive();
}

// ---- Acting

async function act(verb, body) {
    try {
        const response = await send(verb, body || undefined);
        const message = response.ok ? 'Done' : (await response.json()).Message;
        notify(message);
    } catch {
        notify('The local Chime does not respond');
    }
    await refresh();
}

async function copy({ textContent }) {
    try {
        await navigator.clipboard.writeText(textContent);
        notify('Copied');
    } catch {
        notify('The browser does not allow copying');
    }
}

addEventListener('click', event => {
    const { target } = event;
    for (const panel of document.querySelectorAll('#strip details[open]')) {
        if (!panel.contains(target)) panel.open = false;
    }
    const button = target.closest('button');
    const link = target.closest('a[href^="/"]');
    const id = target.closest('td code, dd code');
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
        event.preventDefault();
        navigate(link.getAttribute('href'));
    } else if (button === live) {
        live.setAttribute('aria-pressed', String(!isLive()));
        if (isLive()) refresh();
    } else if (button?.dataset.copy !== undefined) {
        copy(button.previousElementSibling);
    } else if (id) {
        copy(id);
    } else if (button?.dataset.verb) {
        const { verb, body, question } = button.dataset;
        if (!question || confirm(question)) act(verb, body);
    }
});

addEventListener('submit', event => {
    event.preventDefault();
    const form = event.target;
    if (form === login) {
        // People also paste the whole URL.
        sessionStorage.setItem(TOKEN, encodeURI(form.token.value.trim().split('#').pop()));
        refresh().then(() => login.hidden || notify('The token is not valid'));
    } else {
        act(form.dataset.verb + encodeURIComponent(form.elements.name.value));
        form.reset();
    }
});

addEventListener('keydown', event => {
    const isTyping = event.target.matches('input');
    if (event.key === '/' && !isTyping) {
        event.preventDefault();
        filter.focus();
    } else if (event.key === 'Escape') {
        const panel = document.querySelector('#strip details[open]');
        if (panel) {
            panel.open = false;
            panel.querySelector('summary').focus();
        }
    }
});

filter.addEventListener('input', search);
addEventListener('popstate', arrive);
addEventListener('pagehide', keepScroll);
addEventListener('hashchange', start);
document.addEventListener('visibilitychange', () => isWatched() && refresh());
start().then(() => setTimeout(poll, POLL_INTERVAL));
