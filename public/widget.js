// Switchboard's launcher: the call button in a customer's page.
//
//   <script type="module" src="https://HOST/widget.js"></script>
//   <switchboard-call key="pk_…" label="Call us" title="Sunrise Dental" lang="en"></switchboard-call>
//
// or, in one line, <script type="module" src="https://HOST/widget.js" data-key="pk_…"></script>.
// Every attribute may also be written data-*; those of Retell's own widget are taken too. The
// panel is an iframe of HOST: neither page's CSS reaches the other, and nothing is loaded before
// the visitor shows intent. docs/embedding.md describes it all, widget.d.ts types it.

const HOST = new URL(import.meta.url).origin;

/* The build puts the texts of every language here. */
const TEXTS = {
  en: ["Call us", "Back to the call", "Close", "You are offline. Check your internet connection."],
};

// What Retell's widget calls our attributes, the likelier name first.
const ALIASES = {
  key: ["voice-public-key", "public-key"],
  agent: ["voice-agent-id"],
  label: ["fab-text"],
  color: ["component-color", "theme-color"],
  logo: ["logo-url"],
  variables: ["dynamic"],
  popup: ["popup-message"],
  "popup-after": ["show-ai-popup-time"],
  terms: ["tc"],
};

// !important is what the page's own !important rules cannot overrule in here.
const STYLE = `
:host{--a:var(--switchboard-accent,#0b6478);--o:#fff;--s:#fff;--t:#16222c;--l:#d8dfe5;--r:var(--switchboard-radius,16px);
--x:max(20px,env(safe-area-inset-right));--y:max(20px,env(safe-area-inset-bottom));display:block;color-scheme:light dark;
font:600 16px/1.25 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif}
:host(:not([position=inline])){all:initial!important;position:fixed!important;z-index:2147483000!important;
inset:auto!important;bottom:var(--y)!important;inset-inline-end:var(--x)!important;display:block!important;overflow:visible!important;
color-scheme:light dark!important;font:600 16px/1.25 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif!important}
:host([position$=right]){inset-inline:auto!important;right:var(--x)!important}
:host([position$=left]){inset-inline:auto!important;left:var(--x)!important}
:host([position^=top]){bottom:auto!important;top:var(--y)!important}
:host([hidden]){display:none!important}
button{all:unset;cursor:pointer}
.call{box-sizing:border-box;display:flex;align-items:center;gap:10px;min-height:56px;max-width:calc(100vw - 40px);
padding:0 22px 0 18px;border-radius:28px;background:var(--a);color:var(--o);
box-shadow:0 2px 6px rgb(16 32 44/16%),0 10px 28px rgb(16 32 44/22%)}
.call:hover{scale:1.04}
button:focus-visible{outline:3px solid var(--a);outline-offset:3px;box-shadow:0 0 0 3px #fff}
svg{flex:none;width:24px;height:24px}
i{flex:none;width:10px;height:10px;border-radius:50%;background:#7fe3ad;box-shadow:0 0 0 2px #0b3a24}
.tip{position:absolute;bottom:calc(100% + 12px);inset-inline-end:0;width:max-content;max-width:min(280px,100vw - 40px);box-sizing:border-box;
padding:12px 16px;border-radius:var(--r);background:var(--s);color:var(--t);font-weight:400;box-shadow:0 0 0 1px var(--l),0 6px 24px rgb(16 32 44/20%)}
:host([position^=top]) .tip{bottom:auto;top:calc(100% + 12px)}
div{position:fixed;inset-inline-end:var(--x);bottom:calc(68px + var(--y));
width:384px;height:min(640px,100dvh - 112px);overflow:hidden;border-radius:var(--r);background:var(--s);color:var(--t);
box-shadow:0 0 0 1px var(--l),0 4px 12px rgb(16 32 44/12%),0 18px 56px rgb(16 32 44/26%);visibility:hidden;opacity:0}
:host([position$=right]) div{inset-inline:auto;right:var(--x)}
:host([position$=left]) div{inset-inline:auto;left:var(--x)}
:host([position^=top]) div{bottom:auto;top:calc(68px + var(--y))}
:host([position=none]) div{bottom:var(--y)}
:host([position=inline]) div{position:relative;inset:auto;width:100%;height:100%;min-height:420px;box-shadow:0 0 0 1px var(--l)}
div.open{visibility:visible;opacity:1}
iframe{display:block;position:absolute;inset:0;width:100%;height:100%;border:0;color-scheme:normal}
.close{position:absolute;z-index:1;top:10px;inset-inline-end:8px;padding:12px;border-radius:50%;font-size:0}
.close svg{width:20px;height:20px}
[hidden]{display:none!important}
@media (max-width:520px),(max-height:420px){
:host(:not([position=inline])) div{inset:0;width:auto;height:auto;border-radius:0}}
@media (prefers-color-scheme:dark){:host(:not([theme=light])){--a:var(--switchboard-accent,#5cc3d8);--o:#06232b;--s:#162029;--t:#e8eef2;--l:#2c3a46}}
:host([theme=dark]){--a:var(--switchboard-accent,#5cc3d8);--o:#06232b;--s:#162029;--t:#e8eef2;--l:#2c3a46}
@media (prefers-reduced-motion:no-preference){
:host(:not([position=inline])) div{transform:translateY(12px);transition:opacity .18s,transform .18s,visibility .18s}
:host(:not([position=inline])) div.open{transform:none}}
@media print{:host{display:none!important}}`;

const icon = (path) =>
  `<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="${path}"/></svg>`;
const PHONE =
  "M6.6 3.5 9 3l2 5-2.4 1.6a12 12 0 0 0 5.8 5.8L16 13l5 2-.5 2.4A3.2 3.2 0 0 1 17 20 14.5 14.5 0 0 1 4 7a3.2 3.2 0 0 1 2.6-3.5Z";

const CROSS = "m6 6 12 12M18 6 6 18";

const KEPT = "switchboard-call";

/** An attribute that is JSON; nothing when it is not. */
const parse = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Retell takes texts only. */
const texts = (values) =>
  values && Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));

/** From every spelling of an attribute to ours. */
const NAMES = {};
for (const name of ["lang", "title", "position", "theme", "metadata", "texts", ...Object.keys(ALIASES)]) {
  for (const it of [name, ...(ALIASES[name] ?? [])]) NAMES[it] = NAMES[`data-${it}`] = name;
}

class SwitchboardCall extends HTMLElement {
  static observedAttributes = Object.keys(NAMES);

  #button;
  #label;
  #dot;
  #tip;
  #panel;
  #close;
  #frame = null;
  #ready = false;
  #start = false;
  #state = "idle";
  #own = {};
  #near = null;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    // A constructed sheet works where the page's CSP forbids inline styles.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    root.innerHTML = `<button type="button" class="call">${icon(PHONE)}<span></span><i hidden></i></button><button type="button" class="tip" hidden></button><div><button type="button" class="close">${icon(CROSS)}</button></div>`;
    [this.#button, this.#tip, this.#panel] = root.children;
    [, this.#label, this.#dot] = this.#button.children;
    // The way out while the panel has not loaded, or could not.
    [this.#close] = this.#panel.children;
    this.#close.addEventListener("click", () => this.close());
    // Intent: fetch the panel, so that a click finds it ready. Nothing is minted.
    for (const name of ["pointerenter", "touchstart", "focus"]) {
      this.#button.addEventListener(name, () => this.#load(), { passive: true });
    }
    this.#button.addEventListener("click", () => (this.isOpen ? this.close() : this.start()));
    this.#tip.addEventListener("click", () => this.open());
    root.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
  }

  connectedCallback() {
    window.addEventListener("message", this.#hear);
    this.#place();
    this.#draw();
    const popup = this.#get("popup");
    if (popup && this.#get("show-ai-popup") !== "false") {
      this.#tip.textContent = popup;
      setTimeout(() => (this.#tip.hidden = this.isOpen), 1000 * (this.#get("popup-after") ?? 5));
    }
    let reloaded;
    try {
      reloaded = sessionStorage.getItem(KEPT);
    } catch {}
    // A call was going on when the page was reloaded: the panel says what became of it.
    this.#own.reloaded = !!reloaded && reloaded === this.#get("key");
    if (this.#own.reloaded) this.#remember(false);
    if (this.#own.reloaded || this.#get("auto-open") === "true") this.open();
  }

  // Without its iframe the panel is gone, and with it the call.
  disconnectedCallback() {
    window.removeEventListener("message", this.#hear);
    this.#near?.disconnect();
    if (this.#talking) this.#remember(false);
    this.#unload();
  }

  // Element.moveBefore keeps the iframe, and so do we.
  connectedMoveCallback() {}

  attributeChangedCallback(name, before, after) {
    // The styles know one spelling of these.
    if (/^data-(position|theme)/.test(name)) return this.setAttribute(name.slice(5), after ?? "");
    if (before === after || !this.isConnected) return;
    name = NAMES[name];
    if (name === "lang") this.setLanguage(this.#language);
    if (name === "position") this.#place();
    // The panel is loaded for one key and agent.
    if (name === "key" || name === "agent") this.#unload();
    this.#tell();
    this.#draw();
  }

  /** Shows the panel, and starts a call at once if asked to. */
  open(start = false) {
    performance.mark("switchboard:click");
    this.#start = start === true && !this.#talking;
    this.#load();
    // Without a network there is nothing to show but this.
    if (!(this.#tip.hidden = !!this.#frame)) {
      this.#tip.textContent = this.#texts[3];
      return this.#tip.focus();
    }
    const wasOpen = this.isOpen;
    // First, because showing it lays out the page, and the call has no time to lose.
    if (this.#ready) this.#opened();
    this.#show(true);
    this.#frame.focus();
    if (!wasOpen) this.#fire("open");
  }

  /** Hides the panel. A talk goes on; a call that is still being made ends. */
  close() {
    if (!this.isOpen || this.#inline) return;
    this.#say("close");
    this.#show(false);
    this.#button.focus();
    // What did not load is loaded again the next time.
    if (!this.#ready) this.#unload();
  }

  /** Shows the panel and starts a call, unless one is going on. From a click only. */
  start() {
    this.open(true);
  }

  /** Ends the call. */
  end() {
    this.#start = false;
    this.#say("end");
  }

  /** Stops (or resumes) sending the visitor's voice. */
  mute(muted = true) {
    this.#say("mute", { muted });
  }

  /** More variables for the next call's agent, as far as the key allows them. */
  setVariables(variables) {
    Object.assign((this.#own.variables ??= {}), texts(variables));
    this.#tell();
  }

  /** Stored with the next call. */
  setMetadata(metadata) {
    this.#own.metadata = { ...this.#own.metadata, ...metadata };
    this.#tell();
  }

  /** Speaks another language from now on, also during a call. */
  setLanguage(language) {
    this.#own.lang = language;
    this.#say("language", { language });
    this.#draw();
  }

  get isOpen() {
    return this.#panel.classList.contains("open");
  }

  /** Where the call stands. */
  get state() {
    return this.#state;
  }

  get #talking() {
    return /live|reconnecting/.test(this.#state);
  }

  get #inline() {
    return this.#get("position") === "inline";
  }

  get #language() {
    return this.#get("lang") ?? document.documentElement.lang;
  }

  get #texts() {
    return TEXTS[(this.#own.lang ?? this.#language).slice(0, 2).toLowerCase()] ?? TEXTS.en;
  }

  #get(name) {
    for (const it of [name, ...(ALIASES[name] ?? [])]) {
      const value = this.getAttribute(it) ?? this.getAttribute(`data-${it}`);
      if (value !== null) return value;
    }
    return null;
  }

  /** Into the top layer, out of every transformed or contained ancestor; or into the page. */
  #place() {
    const inline = this.#inline;
    const none = this.#get("position") === "none";
    this.#button.hidden = inline || none;
    this.#near?.disconnect();
    if (inline) {
      this.removeAttribute("popover");
      // The panel is part of the page: fetch it when it comes near and the page is at rest.
      this.#near = new IntersectionObserver(
        ([seen]) => seen.isIntersecting && (window.requestIdleCallback ?? setTimeout)(() => this.isConnected && this.#load()),
        { rootMargin: "300px" },
      );
      this.#near.observe(this);
      this.#show(true);
    } else if (this.showPopover) {
      this.popover = "manual";
      if (!this.matches(":popover-open")) this.showPopover();
    }
  }

  #draw() {
    const [call, back, close] = this.#texts;
    this.#label.textContent = this.isOpen ? close : this.#talking ? back : (this.#get("label") ?? call);
    this.#dot.hidden = !this.#talking;
    this.#button.setAttribute("aria-expanded", this.isOpen);
    this.#button.firstChild.firstChild.setAttribute("d", this.isOpen ? CROSS : PHONE);
    this.#close.ariaLabel = close;
    this.#close.hidden = this.#ready || this.#inline;
    const color = this.#get("color");
    if (color) this.style.setProperty("--switchboard-accent", color);
    if (!getComputedStyle(this).getPropertyValue("--switchboard-accent")) return;
    // Black or white, whichever reads better on the page's own accent.
    const [r, g, b] = getComputedStyle(this.#button).backgroundColor.match(/[\d.]+/g) ?? [];
    const light = (v) => ((v / 255 + 0.055) / 1.055) ** 2.4;
    const luminance = 0.2126 * light(r) + 0.7152 * light(g) + 0.0722 * light(b);
    this.#button.style.color = luminance > 0.179 ? "#000" : "#fff";
  }

  #show(open) {
    this.#panel.classList.toggle("open", open || this.#inline);
    this.#draw();
  }

  #load() {
    // Whoever asks again knows better than the browser whether there is a network.
    if (this.#frame || (!navigator.onLine && this.#tip.hidden)) return;
    const url = new URL("/panel", HOST);
    for (const [name, value] of Object.entries({ key: this.#get("key"), agent: this.#get("agent"), lang: this.#own.lang ?? this.#language })) {
      if (value) url.searchParams.set(name, value);
    }
    const frame = document.createElement("iframe");
    frame.title = this.#get("title") ?? this.#texts[0];
    frame.allow = "microphone; autoplay; speaker-selection; screen-wake-lock";
    frame.src = url;
    this.#panel.prepend(frame);
    this.#frame = frame;
  }

  #unload() {
    this.#frame?.remove();
    this.#frame = null;
    this.#ready = this.#start = false;
    this.#state = "idle";
    this.#show(false);
  }

  /** What the page wants, for the panel. */
  #tell() {
    if (!this.#ready) return;
    const options = { inline: this.#inline, reloaded: this.#own.reloaded, page: location.href };
    for (const { name } of this.attributes) options[name.replace(/^data-/, "")] ??= this.getAttribute(name);
    for (const name of Object.keys(ALIASES)) options[name] = this.#get(name) ?? undefined;
    const style = getComputedStyle(this);
    for (const name of ["accent", "radius", "font"]) {
      const value = style.getPropertyValue(`--switchboard-${name}`).trim();
      if (value) options[name] = value;
    }
    options.variables = texts({ ...parse(options.variables), ...this.#own.variables });
    options.metadata = { ...parse(options.metadata), ...this.#own.metadata };
    options.texts = parse(options.texts);
    options.gated = !!(options.consent || options.terms || options.widget);
    options.extras = ["gated", "reloaded", "accent", "radius", "font", "logo", "avatar", "theme"].some((name) => options[name]);
    this.#say("setup", { options });
  }

  /** That there is a call, for when the page is reloaded. */
  #remember(call) {
    try {
      if (call) sessionStorage.setItem(KEPT, this.#get("key"));
      else sessionStorage.removeItem(KEPT);
    } catch {
      // The page may have no storage.
    }
  }

  #opened() {
    this.#say("open", { start: this.#start });
    this.#start = false;
  }

  #say(type, more) {
    if (this.#ready || type === "setup") this.#frame?.contentWindow?.postMessage({ switchboard: 1, type, ...more }, HOST);
  }

  #fire(name, detail) {
    this.dispatchEvent(new CustomEvent(`switchboard:${name}`, { detail, bubbles: true, composed: true }));
  }

  #hear = ({ origin, source, data }) => {
    if (origin !== HOST || !this.#frame || source !== this.#frame.contentWindow || data?.switchboard !== 1) return;
    const { type, switchboard, ...detail } = data;
    if (type === "ready") {
      this.#ready = true;
      this.#tell();
      this.#draw();
      if (this.isOpen) this.#opened();
    } else if (type === "close") {
      this.#show(false);
      this.#button.focus();
    } else if (type === "heard") {
      for (const item of detail.items ?? []) this.#fire(/^tool/.test(item.role) ? "tool" : "transcript", item);
    } else if (type === "state") {
      const { state } = detail;
      const before = this.#state;
      this.#state = state;
      this.#draw();
      if (state === "live") this.#remember(true);
      // What ends by leaving the page may be a reload.
      if (state === "ended" && detail.reason !== "page-left") this.#remember(false);
      if (before === state) return;
      this.#fire("state", detail);
      if (state === "live" && before !== "reconnecting") this.#fire("live");
      if (state === "ended") {
        if (detail.fault) this.#fire("error", detail);
        this.#fire("ended", detail);
      }
    } else if (type === "show") {
      // From another tab, where the visitor wants to go on here.
      this.open();
    } else if (/^call/.test(type)) {
      this.#fire(type, detail);
    }
  };
}

if (!customElements.get("switchboard-call")) {
  customElements.define("switchboard-call", SwitchboardCall);
  for (const script of document.querySelectorAll("script[data-key],script[data-public-key],script[data-voice-public-key]")) {
    if (script.src !== import.meta.url) continue;
    const element = document.createElement("switchboard-call");
    for (const { name, value } of script.attributes) {
      if (name.startsWith("data-")) element.setAttribute(name, value);
    }
    document.body.append(element);
  }
}
