// Being called back instead of talking in the browser, and what a visitor is
// told while the business is closed. Loaded by `before.js`, and only where the
// key has call-backs, minds its hours, or the page asks for a call-back
// (`widget="callback"`).
//
// `#sbw` says in `data-way` what is shown: nothing for the call, `form`,
// `done`, or `closed`. What the form offers comes from the server each time it
// is opened; nothing is kept in the browser.

const byId = (id) => document.getElementById(id);
const panel = byId("sbw");
const here = Intl.DateTimeFormat().resolvedOptions().timeZone;

const { make, button, t, learn, language, dressWith } = await import(window.switchboard.from);

let config;
let options;
/** Done once there is something to choose from. */
let offering;
/** Done once the form of a key for call-backs alone is there. */
let opening;
/** What the server offered last, and when that was. */
let offered;
/** Draws what is shown anew, in another language. */
let redraw = () => {};
/** Whether the visitor has just clicked on the panel's own call button; perhaps
 * before we were here. */
let clicked = document.activeElement?.id === "sbw-start";

const has = (mode) => config.modes.includes(mode);
/** What the page wants of two ways: `voice` or `callback`. */
const wish = () => options.widget;
const callsBack = () => has("callback") && wish() !== "voice";
const talks = () => has("voice") && wish() !== "callback";

document.addEventListener("click", ({ target }) => (clicked = !!target.closest?.("#sbw-start")), true);

/** Shows what there is to choose; the page's wishes may have changed. */
export async function offer(...present) {
  [config, options] = present;
  await (offering ??= begin());
  settle();
}

async function begin() {
  await Promise.all([dressWith(config.callback_css), words()]);
  const ask = button("callback.ask", () => open(true), "sbw-wide");
  ask.id = "sbc-ask";
  const foot = panel.querySelector(".sbw-foot");
  foot.append(ask);
  foot.before(make("section", { id: "sbc", class: "sbc" }));
  settle();
  const { hours } = config;
  if (talks() && hours && !hours.open) closed(hours, false);
}

function settle() {
  panel.dataset.ways = [talks() && "voice", callsBack() && "callback"].filter(Boolean).join(" ");
  // Once: a form that is drawn anew takes the keyboard from who is in it.
  if (!talks() && !panel.dataset.way) opening ??= open(false).finally(() => (opening = undefined));
}

async function words() {
  const address = config.callback_texts[language()];
  if (address) learn(await fetch(address).then((it) => it.json(), () => ({})));
}

/** In another language from now on. */
export async function speak() {
  await words();
  redraw();
}

/** Whether a call may begin; otherwise the visitor sees why not, or a choice. */
export async function mayTalk() {
  const chose = clicked;
  clicked = false;
  await offering;
  if (!talks()) {
    await opening;
    // What was typed, or said, stays.
    if (byId("sbc-title")) enter();
    else await open(true);
    return false;
  }
  if (config.hours) {
    await load();
    if (!offered.open) {
      closed({ ...config.hours, ...offered }, true);
      return false;
    }
    if (panel.dataset.way === "closed") show("");
  }
  // From the page's button one may want either.
  return chose || !callsBack();
}

// ── What is shown ──────────────────────────────────────────────────────────

function show(way, ...children) {
  if (way) panel.dataset.way = way;
  else {
    delete panel.dataset.way;
    redraw = () => {};
  }
  byId("sbc").replaceChildren(...children);
}

const title = (text) => make("h2", { id: "sbc-title", tabindex: -1, "data-l": text });
const part = (text, values = {}) => {
  let filled = t(text);
  for (const [name, value] of Object.entries(values)) filled = filled.replace(`{${name}}`, value);
  return make("p", {}, filled);
};

/** The name of a zone's place; `UTC` where the browser does not tell its zone. */
const city = (zone = "UTC") => zone.split("/").pop().replaceAll("_", " ");
/** A time in a zone, or in the visitor's own; nothing where the browser does not know the zone. */
function moment(at, how, timeZone) {
  try {
    return new Intl.DateTimeFormat(language(), { ...how, timeZone }).format(at);
  } catch {
    return undefined;
  }
}
const DAY = { weekday: "long", day: "numeric", month: "long" };
const TIME = { hour: "numeric", minute: "2-digit" };

/** A time as the visitor's clock shows it, and as the business's does where that is another. */
function when(at, zone) {
  const mine = `${moment(at, DAY)}, ${moment(at, TIME)}`;
  const theirs = moment(at, TIME, zone);
  return !theirs || theirs === moment(at, TIME) ? mine : `${mine} (${theirs} ${city(zone)})`;
}

/** Says that the business is closed, when it opens, and what can be done. */
function closed(hours, focus) {
  const draw = () => {
    const opens = hours.opens_at && part("callback.opens", { when: when(hours.opens_at, hours.timezone) });
    show("closed", title("callback.closed"), ...(opens ? [opens] : []));
    panel.dataset.closed = hours.closed;
    byId("sbc").role = "status";
  };
  draw();
  redraw = draw;
  if (focus) byId("sbc-title").focus();
}

// ── The form ───────────────────────────────────────────────────────────────

const post = (path, body) =>
  fetch(`/api/public/callbacks${path}`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body), signal: AbortSignal.timeout?.(20_000) });

let loading;

/** Asks the server what it offers now; once at a time. */
const load = () => (loading ??= ask().finally(() => (loading = undefined)));

async function ask() {
  const { key, nonce } = config;
  const answer = await post("/form", { key, nonce });
  const said = await answer.json();
  if (!answer.ok) throw new Problem(said);
  offered = { ...said, at: performance.now() };
}

class Problem extends Error {
  constructor({ type = "" } = {}) {
    super(type);
    this.slug = type.split("/").pop();
  }
}

async function open(focus) {
  try {
    await load();
    if (!offered.callback) throw new Problem({ type: "mode-not-allowed" });
    form({});
  } catch (problem) {
    refused(problem);
  }
  if (focus) enter();
}

/** Brings the keyboard to where one begins. WebKit lets a frame that nobody has touched yet have it for a moment
 * after a click only, and the form may come later: then the first key is for the form. */
function enter() {
  const first = byId("sbc-name") ?? byId("sbc-title");
  first?.focus();
  if (!first || document.activeElement === first) return;
  const key = (event) => {
    if (![panel, document.body].includes(document.activeElement) || !first.isConnected) return;
    first.focus();
    if (event.key === "Tab") event.preventDefault();
  };
  addEventListener("keydown", key, { once: true, capture: true });
}

/** Instead of a form: why there is none. */
function refused(problem) {
  const draw = () => {
    const again = button("callback.retry", () => open(true));
    show("form", title("callback.title"), make("p", { role: "alert" }, sentence(problem)), make("div", { class: "sbx-buttons" }, again, ...back()));
  };
  draw();
  redraw = draw;
}

function back() {
  if (!talks()) return [];
  const act = () => {
    show("");
    byId("sbc-ask").focus();
  };
  return [button("callback.back", act, "sb-button-quiet")];
}

/** What went wrong, in words. */
function sentence({ slug }) {
  const known = slug === "mode-not-allowed" ? "callback.off" : slug === undefined ? "fault.unreachable.what" : `callback.problem.${slug}`;
  const text = t(known);
  return text === known ? t("callback.failed") : text;
}

/** Whose fault a problem is, by its slug. */
const FIELDS = {
  "callback-name-invalid": "name",
  "phone-invalid": "phone",
  "phone-extension": "phone",
  "country-not-allowed": "phone",
  "number-not-dialable": "phone",
  "slot-unavailable": "when",
  "consent-missing": "agree",
};

/** The countries the page wants, of those the server calls. */
function countries() {
  const wanted = (options.countries ?? "").toUpperCase().split(/[\s,]+/);
  const both = offered.countries.filter((it) => wanted.includes(it));
  return both.length ? both : offered.countries;
}

function consent() {
  const { consent: own, terms } = options;
  const words = [own && own !== "true" ? own : t("callback.agree")];
  if (/^https?:/.test(terms ?? "")) words.push(`${t("consent.terms")}: ${terms}`);
  return { text: words.join("\n"), language: language() };
}

function field(name, control, ...more) {
  control.id = `sbc-${name}`;
  control.name = name;
  control.setAttribute("aria-describedby", `sbc-${name}-wrong sbc-${name}-hint`);
  return make(
    "div",
    { class: "sbc-field" },
    make("label", { for: `sbc-${name}`, "data-l": `callback.${name}` }),
    control,
    ...more,
    make("p", { id: `sbc-${name}-wrong`, class: "sbc-wrong" }),
  );
}

/** The times there are, by days, as the visitor's clock shows them. */
function times(chosen) {
  const select = make("select", { class: "sbx-input" });
  if (offered.now) select.append(make("option", { value: "" }, t("callback.now")));
  let day;
  for (const at of offered.slots) {
    const label = moment(at, DAY);
    if (day?.label !== label) select.append((day = make("optgroup", { label })));
    day.append(make("option", { value: at, selected: String(at) === chosen }, moment(at, TIME)));
  }
  return select;
}

function form(typed) {
  const some = countries();
  const names = new Intl.DisplayNames([language()], { type: "region" });
  const home = typed.country ?? some.find((it) => navigator.language.toUpperCase().endsWith(`-${it}`)) ?? some[0];
  const country = make("select", { class: "sbx-input", autocomplete: "country" }, ...some.map((it) => make("option", { value: it, selected: it === home }, names.of(it))));
  const zone = here === offered.timezone ? "callback.zone_same" : "callback.zone";
  const hint = part(zone, { yours: city(here), theirs: city(offered.timezone) });
  Object.assign(hint, { id: "sbc-when-hint", className: "sbx-hint" });
  const { terms } = options;
  const agree = make("input", { type: "checkbox", id: "sbc-agree", "aria-describedby": "sbc-agree-wrong" });
  agree.checked = !!typed.agree;
  // Nothing here may look like a field that browsers and password managers know.
  const unfilled = { name: "left-blank", tabindex: -1, autocomplete: "off", "data-1p-ignore": true, "data-bwignore": true, "data-lpignore": "true", "data-form-type": "other" };
  const trap = make("div", { class: "sbc-trap", "aria-hidden": "true" }, make("input", unfilled));
  const sending = make("button", { class: "sb-button sb-button-primary", "data-l": "callback.send" });
  const box = make(
    "form",
    { class: "sbc-form", novalidate: true, submit: send },
    field("name", make("input", { class: "sbx-input", autocomplete: "name", maxlength: 100, required: true, value: typed.name ?? "" })),
    make(
      "div",
      { class: "sbc-pair" },
      ...(some.length > 1 ? [field("country", country)] : []),
      field("phone", make("input", { class: "sbx-input", type: "tel", autocomplete: "tel", maxlength: 40, required: true, value: typed.phone ?? "" })),
    ),
    field("when", times(typed.when), hint),
    make(
      "div",
      { class: "sbc-field" },
      make("label", { class: "sbx-tick" }, agree, make("span", {}, consent().text.split("\n")[0])),
      ...(/^https?:/.test(terms ?? "") ? [make("a", { href: terms, target: "_blank", rel: "noopener", "data-l": "consent.terms" })] : []),
      make("p", { id: "sbc-agree-wrong", class: "sbc-wrong" }),
    ),
    trap,
    make("p", { id: "sbc-failed", class: "sbc-wrong", role: "alert" }),
    make("div", { class: "sbx-buttons" }, sending, ...back()),
  );
  show("form", title("callback.title"), part("callback.note"), box);
  byId("sbc").role = "region";
  byId("sbc").setAttribute("aria-labelledby", "sbc-title");
  redraw = () => form(values());
}

/** What is in the form. */
function values() {
  const value = (name) => byId(`sbc-${name}`)?.value;
  return { name: value("name"), country: value("country"), phone: value("phone"), when: value("when"), agree: byId("sbc-agree")?.checked };
}

/** Puts a sentence to the field it is about, and the keyboard into it. */
function complain(name, text) {
  for (const it of byId("sbc").querySelectorAll("[aria-invalid]")) it.removeAttribute("aria-invalid");
  for (const it of byId("sbc").querySelectorAll(".sbc-wrong")) it.textContent = "";
  if (!text) return;
  const control = byId(`sbc-${name}`);
  control?.setAttribute("aria-invalid", "true");
  (byId(`sbc-${name}-wrong`) ?? byId("sbc-failed")).textContent = text;
  control?.focus();
}

let sends = false;

async function send(event) {
  event.preventDefault();
  if (sends) return;
  const typed = values();
  complain();
  if (!typed.name.trim()) return complain("name", t("callback.problem.callback-name-invalid"));
  if (!typed.phone.trim()) return complain("phone", t("callback.problem.phone-invalid"));
  if (!typed.agree) return complain("agree", t("callback.problem.consent-missing"));
  sends = true;
  byId("sbc").ariaBusy = "true";
  try {
    done(await deliver(typed), typed);
  } catch (problem) {
    await explain(problem, typed);
  } finally {
    sends = false;
    byId("sbc").ariaBusy = "false";
  }
}

async function deliver(typed) {
  const { key, nonce, captcha } = config;
  const body = {
    key,
    nonce,
    form: offered.form,
    name: typed.name,
    phone: typed.phone,
    country: typed.country ?? countries()[0],
    at: typed.when ? Number(typed.when) : undefined,
    consent: consent(),
    page_url: options.page,
    agent_id: new URLSearchParams(location.search).get("agent") || (wish() === "callback" && options["agent-id"]) || undefined,
    from_number: options["phone-number"],
    dynamic_variables: options.variables,
    metadata: options.metadata,
    left_blank: document.querySelector(".sbc-trap input").value,
  };
  if (captcha) {
    const extras = await import(config.extras_js);
    body.captcha_token = await extras.captcha(captcha).catch(() => {
      throw new Problem({ type: "captcha-failed" });
    });
  }
  // Who is quicker than the server believes of a person waits here instead.
  const early = offered.wait_ms + 100 - (performance.now() - offered.at);
  if (early > 0) await new Promise((go) => setTimeout(go, early));
  const answer = await post("", body);
  const said = await answer.json();
  if (!answer.ok) throw new Problem(said);
  return said;
}

/** Says what was wrong, over a form that is good again. */
async function explain(problem, typed) {
  if (/^(form-invalid|slot-unavailable)$/.test(problem.slug)) {
    try {
      await load();
      form(typed);
    } catch (other) {
      problem = other;
    }
  }
  complain(FIELDS[problem.slug], sentence(problem));
}

function done({ at }, { name, phone }) {
  const zone = offered.timezone;
  const draw = () => {
    const text = at ? part("callback.done_later", { when: when(at, zone), phone }) : part("callback.done_now", { phone });
    const heading = make("h2", { id: "sbc-title", tabindex: -1 }, t("callback.thanks").replace("{name}", name.trim()));
    show("done", heading, text, make("div", { class: "sbx-buttons" }, ...back()));
  };
  draw();
  redraw = draw;
  byId("sbc-title").focus();
  if (parent !== window) parent.postMessage({ switchboard: 1, type: "callback-requested", at }, "*");
}
