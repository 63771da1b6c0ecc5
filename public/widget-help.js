// What is wrong with a page and what to do about it, one sentence each, in its console. The launcher
// asks for this file where something is; most pages never load it.

const said = new Set();

/** To whoever built the page, once. */
function say(sentence) {
  if (!said.has(sentence)) console.warn(`<switchboard-call> ${sentence}`);
  said.add(sentence);
}

export function key(server) {
  say(`has no key: write <switchboard-call key="pk_…">, or ${server}/widget.js?key=pk_… where nothing but an address is kept.`);
}

export function silence(server) {
  say(`hears nothing from its panel at ${server}: the key must allow this website and every website around it, and a Content-Security-Policy must name that server in script-src and frame-src.`);
}

export function microphone(server) {
  say(`may not use the microphone: ${server} must stand in the page's Permissions-Policy, and every frame around the page needs allow="microphone".`);
}

export function unreadable(server, name, value) {
  say(`has ${name} that are no JSON object and leaves them out (are the quotes straight?): ${value}`);
}

export function nowhere() {
  say("cannot call from a page without an origin: give it an address, or its sandboxed frame allow-same-origin.");
}

/** Looks at every element of a page that has another number of them than one. */
export function count(elements) {
  if (!elements.length) return key(new URL(import.meta.url).origin);
  const corners = [...elements].map((it) => it.getAttribute("position") ?? it.getAttribute("data-position") ?? "");
  const floating = corners.filter((it) => !/inline|none/.test(it));
  if (new Set(floating).size < floating.length) say("is in one corner twice: give one of them another position.");
}
