'use strict';
// Shows what the control endpoint has to say, and keeps it up to date.

const TOKEN = 'chime-control-token';
const EVERY = 2000; // milliseconds between two looks
const [filter, live, login, said] =
    ['filter', 'live', 'login', 'said'].map(id => document.getElementById(id));

// Sends a request to the control endpoint. A verb is a method and a path, such as `POST reset`.
function send(verb, body) {
    const [method, path] = verb.split(' ');
    const authorization = `Bearer ${sessionStorage.getItem(TOKEN)}`;
    return fetch(`/_chime/${path}`, { method, body, headers: { authorization } });
}

let hush;
function say(text) {
    clearTimeout(hush);
    said.textContent = text;
    hush = setTimeout(() => said.textContent = '', 4000);
}

// ---- Looking

// Makes an element like another one. What is the same stays, with its focus and its selection.
function become(old, wanted) {
    for (const { name, value } of wanted.attributes) {
        if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
    for (const { name } of [...old.attributes]) {
        // Whoever looks at the page opens and closes its panels.
        if (name !== 'open' && !wanted.hasAttribute(name)) old.removeAttribute(name);
    }
    const key = node => node.dataset?.key;
    const keys = new Set(Array.from(wanted.children, key));
    const kept = new Map(Array.from(old.children, child => [key(child), child]));
    let place = old.firstChild;
    for (const child of [...wanted.childNodes]) {
        while (place && key(place) && !keys.has(key(place))) place = drop(place);
        const same = key(child) ? kept.get(key(child)) : place;
        if (same?.nodeName !== child.nodeName || key(same) !== key(child)) {
            old.insertBefore(child, place);
            continue;
        }
        kept.delete(key(child));
        if (same !== place) old.insertBefore(same, place);
        if (child.nodeType === Node.ELEMENT_NODE) become(same, child);
        else if (same.data !== child.data) same.data = child.data;
        place = same.nextSibling;
    }
    while (place) place = drop(place);
}

function drop(node) {
    const next = node.nextSibling;
    node.remove();
    return next;
}

let looks = 0;
async function look() {
    const mine = ++looks;
    let status, html;
    try {
        const response = await send(`GET page${location.search}`);
        [status, html] = [response.status, await response.text()];
    } catch {
        document.body.className = 'lost';
        return;
    }
    // A later look shows more.
    if (mine !== looks) return;
    login.hidden = status !== 401;
    document.body.className = login.hidden ? '' : 'locked';
    if (!login.hidden) return;
    const wanted = new DOMParser().parseFromString(html, 'text/html').body;
    for (const part of [...wanted.children]) {
        const old = document.getElementById(part.id);
        if (old) become(old, part);
    }
    document.title = `${document.querySelector('main h1')?.textContent} · Local Chime`;
}

const isLive = () => live.getAttribute('aria-pressed') === 'true';

async function follow() {
    if (isLive() && document.visibilityState === 'visible') await look();
    setTimeout(follow, EVERY);
}

// ---- Going

function arrive() {
    filter.value = new URLSearchParams(location.search).get('q') ?? '';
    return look();
}

async function go(url) {
    history.pushState(null, '', url);
    await arrive();
    scrollTo(0, 0);
    document.getElementById('main').focus({ preventScroll: true });
}

let pause;
function search() {
    clearTimeout(pause);
    pause = setTimeout(() => {
        const query = new URLSearchParams(location.search);
        query.delete('from');
        if (filter.value.trim()) query.set('q', filter.value);
        else query.delete('q');
        history.replaceState(null, '', query.size ? `/?${query}` : '/');
        look();
    }, 150);
}

// Takes the token from behind the `#`, where it must not stay.
function start() {
    const token = location.hash.slice(1);
    if (/^[\w-]{16,}$/.test(token)) {
        sessionStorage.setItem(TOKEN, token);
        history.replaceState(null, '', location.pathname + location.search);
    }
    return arrive();
}

// ---- Doing

async function act(verb, body) {
    try {
        const response = await send(verb, body || undefined);
        const problem = response.ok ? 'Done' : (await response.json()).Message;
        say(problem);
    } catch {
        say('The local Chime does not respond');
    }
    await look();
}

async function copy(button) {
    try {
        await navigator.clipboard.writeText(button.previousElementSibling.textContent);
        say('Copied');
    } catch {
        say('The browser does not let the page copy');
    }
}

addEventListener('click', event => {
    const { target } = event;
    for (const panel of document.querySelectorAll('#strip details[open]')) {
        if (!panel.contains(target)) panel.open = false;
    }
    const button = target.closest('button');
    const link = target.closest('a[href^="/"]');
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
        event.preventDefault();
        go(link.getAttribute('href'));
    } else if (button === live) {
        live.setAttribute('aria-pressed', String(!isLive()));
        if (isLive()) look();
    } else if (button?.dataset.copy !== undefined) {
        copy(button);
    } else if (button?.dataset.verb) {
        const { verb, body, question } = button.dataset;
        if (!question || confirm(question)) act(verb, body);
    }
});

addEventListener('submit', event => {
    event.preventDefault();
    const form = event.target;
    if (form === login) {
        sessionStorage.setItem(TOKEN, encodeURI(form.token.value.trim()));
        look();
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
addEventListener('hashchange', start);
document.addEventListener('visibilitychange', () => isLive() && look());
start().then(() => setTimeout(follow, EVERY));
