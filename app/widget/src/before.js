// What only some pages ask for before a call (their colours, consent), and what
// our later scripts are made with. The rest is in `extras.js`, and in
// `callback.js` for keys with call-backs or closing times; this fetches them when
// they are wanted.
//
// The panel (wasm) tells us everything through `window.switchboard` and hears us
// through `postMessage`; see `host.rs`.

let texts = {};
let later = {};
let options = {};
let config = JSON.parse(document.getElementById("switchboard-config").textContent);
let state = "idle";

export const t = (name) => options.texts?.[`later.${name}`] ?? later[`later.${name}`] ?? texts[name] ?? later[name] ?? name;
export const byId = (id) => document.getElementById(id);
export const tell = (type, more) => postMessage({ switchboard: 1, type, ...more }, location.origin);

/** A new element: `data-l` names its text, other members are attributes or listeners. */
export function make(tag, members = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(members)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== undefined && value !== false) element.setAttribute(name, value);
  }
  translate(element);
  element.append(...children);
  return element;
}

/** Writes the text, or the label, an element names. */
export function translate(element) {
  const { l, lLabel } = element.dataset;
  if (l) element.textContent = t(l);
  if (lLabel) element.ariaLabel = t(lLabel);
}

const translateAll = () => document.querySelectorAll("[data-l], [data-l-label]").forEach(translate);

/** The language that is spoken now (BCP 47). */
export const language = () => texts.lang ?? config.language;

/** The words of scripts that come later, beside those known. */
export function learn(words) {
  later = { ...later, ...words };
  translateAll();
}

export const button = (text, act, kind = "") =>
  make("button", { type: "button", class: `sb-button ${kind}`, "data-l": text, click: act });

/** A style sheet of ours, once it is there. */
export function dressWith(href) {
  const sheet = make("link", { rel: "stylesheet", href });
  document.head.append(sheet);
  return new Promise((done) => (sheet.onload = sheet.onerror = done));
}

// ── Theme ──────────────────────────────────────────────────────────────────

/** Any CSS colour as [r, g, b]; nothing when it is none. */
function rgb(color) {
  if (!CSS.supports("color", color)) return undefined;
  const context = make("canvas", { width: 1, height: 1 }).getContext("2d");
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
}

function luminance(color) {
  const [r, g, b] = color.map((v) => (v <= 10 ? v / 3294 : ((v / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a, b) {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

const mix = (a, b, share) => a.map((v, i) => Math.round(v + (b[i] - v) * share));
const hex = (color) => `#${color.map((v) => v.toString(16).padStart(2, "0")).join("")}`;
const BLACK = [0, 0, 0];
const WHITE = [255, 255, 255];
const better = (on) => (contrast(BLACK, on) >= contrast(WHITE, on) ? BLACK : WHITE);

/** The colour, moved away from the surface until it can be read on it. */
function readable(color, surface, ratio = 4.5) {
  const away = better(surface);
  for (let share = 0; share <= 1; share += 0.05) {
    const moved = mix(color, away, share);
    if (contrast(moved, surface) >= ratio) return moved;
  }
  return away;
}

const DARK = "(prefers-color-scheme: dark)";
const dark = matchMedia(DARK);
const darkRules = [...document.styleSheets].flatMap((it) => [...it.cssRules]).filter((it) => it.media?.mediaText === DARK);

/** What the host page says about the look, or else the public key. */
const look = (name) => options[name] || config.appearance?.[name];

function dress() {
  const root = document.documentElement;
  const theme = /^(light|dark)$/.test(look("theme")) ? look("theme") : "";
  root.dataset.theme = theme;
  // The colours for dark follow the browser, unless the page decides.
  root.style.colorScheme = theme;
  for (const rule of darkRules) rule.media.mediaText = { dark: "all", light: "not all" }[theme] ?? DARK;
  const isDark = theme ? theme === "dark" : dark.matches;
  const set = (name, value) => (value ? root.style.setProperty(name, value) : root.style.removeProperty(name));
  const accent = look("accent") && rgb(look("accent"));
  const surface = isDark ? [22, 32, 41] : WHITE;
  const main = accent && readable(accent, surface);
  const soft = main && mix(surface, main, 0.14);
  const colors = main && {
    "--sb-accent": main,
    "--sb-accent-strong": mix(main, better(surface), 0.18),
    // Not what is better on it: hovering darkens the one and lightens the other.
    "--sb-on-accent": isDark ? BLACK : WHITE,
    "--sb-accent-soft": soft,
    "--sb-on-accent-soft": readable(main, soft),
    "--sb-focus": main,
    "--sbw-mark": accent,
    "--sbw-on-mark": better(accent),
  };
  for (const name of [...root.style]) if (name.startsWith("--sb")) set(name);
  for (const [name, color] of Object.entries(colors ?? {})) set(name, hex(color));
  set("--sb-radius", look("radius"));
  set("--sb-font", look("font"));
  picture(look("logo") || look("avatar"));
}

function picture(src) {
  byId("sbx-logo")?.remove();
  if (src) document.querySelector(".sbw-head").prepend(make("img", { id: "sbx-logo", src, alt: "", error: ({ target }) => target.remove() }));
}

dark.addEventListener("change", dress);

// ── Before the call: consent ───────────────────────────────────────────────

export function dialog(id, title, ...children) {
  byId(id)?.remove();
  const box = make(
    "dialog",
    { id, class: "sbx-dialog", "aria-labelledby": `${id}-title`, close: () => box.remove() },
    make("h2", { id: `${id}-title`, "data-l": title }),
    ...children,
  );
  // Escape closes the dialog, not the panel around it.
  box.addEventListener("keydown", (event) => event.key === "Escape" && event.stopPropagation());
  byId("sbw").append(box);
  box.showModal();
  return box;
}

// ── Before the call: call-backs and closing times, where the key has them ──

let ways;

function offerWays() {
  if (config.modes.includes("callback") || config.hours || options.widget) (ways ??= anew("callback_js")).then((it) => it.offer(config, options), () => (ways = undefined));
}

/** A script of the configuration; one that is lost has another address from then on: a browser does not ask twice for a module. */
const anew = (name) =>
  import(config[name]).catch((error) => {
    config[name] += "?";
    throw error;
  });

let agreed;

async function gate() {
  offerWays();
  try {
    if (ways && !(await (await ways).mayTalk())) return;
  } catch {
    byId("sbw-notice").textContent = t("fault.unreachable.what");
    return;
  }
  // Who cannot talk here is told so, and agrees to nothing.
  if (agreed || !(options.consent || options.terms) || !window.RTCPeerConnection) return begin();
  const text = options.consent && options.consent !== "true" ? options.consent : t("consent.text");
  const whole = [text, t("consent.recording")];
  const terms = /^https?:/.test(options.terms ?? "") ? options.terms : undefined;
  if (terms) whole.push(`${t("consent.terms")}: ${terms}`);
  const form = make(
    "form",
    { submit: (event) => {
      event.preventDefault();
      agreed = { text: whole.join("\n"), language: texts.lang };
      box.close();
      begin();
    } },
    make("p", { id: "sbx-gate-text" }, text),
    make("p", { "data-l": "consent.recording" }),
    ...(terms ? [make("p", {}, make("a", { href: terms, target: "_blank", rel: "noopener", "data-l": "consent.terms" }))] : []),
    make("label", { class: "sbx-tick" }, make("input", { type: "checkbox", required: true, autofocus: true }), make("span", { "data-l": "consent.agree" })),
    make(
      "div",
      { class: "sbx-buttons" },
      make("button", { class: "sb-button sb-button-primary", "data-l": "start_call" }),
      button("cancel", () => box.close()),
    ),
  );
  const box = dialog("sbx-gate", "consent.title", form);
  box.setAttribute("aria-describedby", "sbx-gate-text");
}

export async function begin() {
  try {
    tell("start", { more: { consent: agreed, captcha_token: (config.place ? undefined : config.captcha) && (await (await extras()).captcha(config.captcha)) } });
  } catch {
    byId("sbw-notice").textContent = t(later["later.captcha_failed"] ? "captcha_failed" : "fault.unreachable.what");
  }
}

// ── What the panel tells ───────────────────────────────────────────────────

const hearing = [];
let asked;
const extras = () =>
  (asked ??= anew("extras_js").catch((error) => {
    asked = undefined;
    throw error;
  }));

/** Hears what the panel tells from now on, and where things stand. */
export function hear(handlers) {
  hearing.push(handlers);
  if (texts.lang) handlers.welcome?.({ texts, options, config, state });
}

hear({
  welcome(told) {
    ({ texts, options, config, state } = told);
    options ??= {};
    dress();
    offerWays();
    if (!window.RTCPeerConnection) extras().catch(() => {});
  },
  options(told) {
    options = told.options ?? {};
    dress();
    offerWays();
  },
  async texts(told) {
    texts = told.texts;
    await ways?.then((it) => it.speak(), () => {});
    translateAll();
  },
  state(told) {
    state = told.state;
  },
  gate,
});

await dressWith(config.before_css);
window.switchboard = async (message) => {
  // What the panel wants of the scripts after this one.
  try {
    if (/^(later|check|elsewhere|queue)$/.test(message.type)) await extras();
  } catch {
    // What nobody has asked for is not missed.
    if (message.type !== "later") byId("sbw-notice").textContent = t("fault.unreachable.what");
  }
  for (const handlers of hearing) handlers[message.type]?.(message);
};
window.switchboard.from = import.meta.url;
tell("hello");
