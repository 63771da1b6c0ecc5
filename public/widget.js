// Switchboard's launcher: the call button in a customer's page.
//
//   <script type="module" src="https://HOST/widget.js"></script>
//   <switchboard-call key="pk_…" label="Call us" title="Sunrise Dental" lang="en"></switchboard-call>
//
// or, in one line, <script type="module" src="https://HOST/widget.js" data-key="pk_…"></script>, or
// <script src="https://HOST/widget.js?key=pk_…"></script>: it is a module and a classic script.
// Every attribute may also be written data-*; those of Retell's own widget are taken too. The
// panel is an iframe of HOST: neither page's CSS reaches the other, and nothing is loaded before
// the visitor shows intent. docs/embedding.md describes it all, widget.d.ts types it.

(() => {
  const TAG = "switchboard-call";

  // A module does not know its tag, and a classic script has no import.meta: both know
  // who called, which is this file.
  const SCRIPT = document.currentScript;
  const ADDRESS = SCRIPT?.src || /https?:\S+?(?=:\d+:\d+)|$/.exec(Error().stack)[0];

  /* The build puts the texts of every language here. */
  const TEXTS = {
    en: ["Call us", "Back to the call", "Close", "You are offline."],
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

  // No rule of the page reaches in here. On its accent stands black or white, whichever reads better;
  // a browser that cannot tell has our accent.
  const STYLE = `
:host{display:block;position:absolute}
:host([position=inline]),:host([data-position=inline]){position:relative}
:host([hidden]){display:none!important}
:host([inert]) section{opacity:.5}
section{--a:#0b6478;--o:#fff;--s:#fff;--t:#16222c;--l:#d8dfe5;--r:var(--switchboard-radius,16px);
all:initial;display:block;position:fixed;z-index:2147483000;bottom:0;inset-inline-end:0;
margin:max(20px,env(safe-area-inset-bottom)) max(20px,env(safe-area-inset-right));
font:600 16px/1.25 system-ui,sans-serif}
dialog{all:unset}
button{all:unset;cursor:pointer}
.call{box-sizing:border-box;display:flex;align-items:center;gap:10px;min-height:56px;max-width:calc(100vw - 40px);
padding:0 22px 0 18px;border-radius:28px;background:var(--a);color:var(--o);outline:1px solid #0000}
@supports(color:color(from red srgb r g b)){.call{--b:var(--c,var(--switchboard-accent,var(--a)));background:var(--b);
--d:clamp(0,(.179 - .2126*r - .7152*g - .0722*b)*1e6,1);color:color(from var(--b) srgb-linear var(--d) var(--d) var(--d))}}
.call:hover{scale:1.04}
button:focus-visible{outline:3px solid var(--a);outline-offset:3px;box-shadow:0 0 0 3px #fff}
svg{flex:none;width:24px;height:24px;fill:none;stroke:currentColor;stroke-width:1.75;stroke-linecap:round;stroke-linejoin:round}
i{flex:none;width:10px;height:10px;border-radius:50%;background:#7fe3ad;border:2px solid #0b3a24}
.tip,dialog{position:absolute;bottom:calc(100% + 12px);inset-inline-end:0;border-radius:var(--r);background:var(--s);color:var(--t);outline:1px solid var(--l)}
.call,.tip,dialog{box-shadow:0 4px 12px #10202c29,0 10px 32px #10202c38}
[class*=left],[class*=left]>*{inset-inline:auto;left:0}
[class*=right],[class*=right]>*{inset-inline:auto;right:0}
[class^=top]{bottom:auto;top:0}
[class^=top]>*{bottom:auto;top:calc(100% + 12px)}
.tip{width:max-content;max-width:min(280px,100vw - 40px);box-sizing:border-box;padding:12px 16px;font-weight:400}
dialog{width:384px;height:min(640px,100dvh - 112px);overflow:hidden;visibility:hidden;opacity:0}
.open{visibility:visible;opacity:1}
iframe{position:absolute;inset:0;width:100%;height:100%;border:0;color-scheme:normal}
.close{position:absolute;z-index:1;top:10px;inset-inline-end:8px;padding:10px;border-radius:50%;font-size:0}
[hidden]{display:none}
@media (max-width:520px),(max-height:420px){dialog{position:fixed;inset:0;width:auto;height:auto;border-radius:0}}
@media (prefers-color-scheme:dark){section:not(.light){--a:#5cc3d8;--o:#06232b;--s:#162029;--t:#e8eef2;--l:#2c3a46}}
.dark{--a:#5cc3d8;--o:#06232b;--s:#162029;--t:#e8eef2;--l:#2c3a46}
@media (prefers-reduced-motion:no-preference){
dialog{transform:translateY(12px);transition:opacity .18s,transform .18s,visibility 0s .18s}
.open{transform:none;transition-delay:0s}}
.inline{position:static;height:100%;margin:0}
.inline dialog{all:unset;display:block;position:relative;height:100%;min-height:420px;overflow:hidden;border-radius:var(--r);outline:1px solid var(--l)}
@media print{*{display:none!important}}`;

  const make = (tag, name = "", ...children) => {
    const element = document.createElement(tag);
    if (name) element.className = name;
    element.append(...children);
    return element;
  };

  const icon = (path) => {
    const [svg, line] = ["svg", "path"].map((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));
    svg.setAttribute("viewBox", "0 0 24 24");
    line.setAttribute("d", path);
    svg.append(line);
    return svg;
  };
  const PHONE =
    "M6.6 3.5 9 3l2 5-2.4 1.6a12 12 0 0 0 5.8 5.8L16 13l5 2-.5 2.4A3.2 3.2 0 0 1 17 20 14.5 14.5 0 0 1 4 7a3.2 3.2 0 0 1 2.6-3.5Z";

  const CROSS = "m6 6 12 12M18 6 6 18";

  let again = "";

  /** The rest of us, from the same server, when it is needed: what talks with the panel, what explains. */
  const part = (name, server) => {
    const { href, origin } = new URL(`/widget-${name}.js${again}`, server || ADDRESS);
    return import(href).catch(() => {
      // A browser does not ask twice for a module.
      again += "?";
      console.error(`<${TAG}> finds no Switchboard at ${origin}: write server="https://…"`);
    });
  };

  /** Keeps the key of a call the page is left in for the page after it, or takes what was kept. */
  const keep = (key) => {
    try {
      if (key) return sessionStorage.setItem(TAG, key);
      const kept = sessionStorage.getItem(TAG);
      sessionStorage.removeItem(TAG);
      return kept;
    } catch {
      // The page may have no storage.
    }
  };

  let left;

  /** What is heard on the window. */
  const HEARD = ["message", "pagehide", "pageshow"];

  class SwitchboardCall extends HTMLElement {
    static observedAttributes = ["lang", "title", "position", "theme", "metadata", "texts", "server", ...Object.entries(ALIASES).flat(2)].flatMap((name) => [name, `data-${name}`]);

    #icon = icon(PHONE);
    #label = make("span");
    #dot = make("i");
    #button = make("button", "call", this.#icon, this.#label, this.#dot);
    #tip = make("button", "tip");
    // The way out while the panel has not loaded, or could not.
    #close = make("button", "close", icon(CROSS));
    #panel = make("dialog", "", this.#close);
    #box = make("section", "", this.#button, this.#tip, this.#panel);
    #frame;
    #host;
    #born;
    // What had the keyboard before the panel.
    #from;
    // What the panel is to do as soon as it can.
    #wish;
    #state = "idle";
    // What scripts of the page have set.
    #own = { variables: [], metadata: [] };
    // What talks with the panel: coming, and here.
    #coming;
    #talk;
    #fire = (name, detail) => this.dispatchEvent(new CustomEvent(`switchboard:${name}`, { detail, bubbles: true, composed: true }));

    constructor() {
      super();
      const root = this.attachShadow({ mode: "open" });
      root.append(this.#box);
      try {
        // A constructed sheet works where the page's CSP forbids inline styles.
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(STYLE);
        root.adoptedStyleSheets.push(sheet);
      } catch {
        root.append(make("style", "", STYLE));
      }
      this.#tip.hidden = true;
      // What names the panel is no tip over all of it.
      this.#box.title = "";
      this.#close.addEventListener("click", () => this.close());
      // Intent: fetch the panel, so that a click finds it ready. Nothing is minted.
      for (const name of ["pointerenter", "focus"]) this.#button.addEventListener(name, () => this.#load());
      this.#button.addEventListener("click", () => (this.isOpen ? this.close() : this.start()));
      this.#tip.addEventListener("click", () => this.#open(false, true));
      root.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
      // A dialog of the page that keeps the keyboard to itself would take it out of the panel.
      root.addEventListener("focusin", (event) => event.stopPropagation());
    }

    connectedCallback() {
      for (const name of HEARD) window.addEventListener(name, this);
      this.#place();
      this.#draw();
      const options = this.#options;
      if (options.popup && options["show-ai-popup"] !== "false") {
        this.#tip.textContent = options.popup;
        // Who has come near the button needs no hint at it.
        setTimeout(() => (this.#tip.hidden = !!this.#frame), 1000 * (options["popup-after"] ?? 5));
      }
      // A call was going on when the page was left: the panel says what became of it.
      this.#own.reloaded = left && left === options.key;
      if (this.#own.reloaded) left = null;
      if (this.#own.reloaded || options["auto-open"] === "true") this.#open();
    }

    // Without its iframe the panel is gone, and with it the call.
    disconnectedCallback() {
      for (const name of HEARD) window.removeEventListener(name, this);
      this.#unload();
    }

    // Element.moveBefore keeps the iframe, and so do we.
    connectedMoveCallback() {}

    handleEvent(event) {
      if (event.type === "message") this.#hear(event);
      else if (event.persisted && event.type === "pageshow") keep();
      else if (this.#talking) keep(this.#options.key);
    }

    attributeChangedCallback(name, before, after) {
      if (before === after || !this.isConnected) return;
      if (/lang$/.test(name)) this.setLanguage(after ?? undefined);
      // The panel is loaded for one key and agent.
      if (/key|agent|server/.test(name)) this.#unload();
      this.#place();
      this.#tell();
      this.#draw();
    }

    /** Shows the panel, and starts a call at once if asked to. */
    open(start) {
      const { isTrusted, type } = window.event ?? {};
      this.#open(start === true, isTrusted && /click|key/.test(type));
    }

    /** Nothing but a person's click or key moves the keyboard. */
    #open(start, focus) {
      // A panel that has been here for long might be refused its call.
      if (this.#stale) this.#unload();
      this.#wish = { start: start && !this.#talking, focus };
      this.#load();
      // Without a network there is nothing to show but this.
      if (!(this.#tip.hidden = !!this.#frame)) {
        this.#tip.textContent = this.#texts[3];
        return focus && this.#tip.focus();
      }
      this.#frame.loading = "eager";
      const wasOpen = this.isOpen;
      this.#from = document.activeElement;
      // First, because showing it lays out the page, and the call has no time to lose.
      this.#ask();
      this.#show(true);
      if (focus) this.#frame.focus({ preventScroll: true });
      if (!wasOpen) this.#fire("open");
    }

    /** Hides the panel. A talk goes on; a call that is still being made ends. */
    close() {
      this.#tip.hidden = true;
      if (!this.isOpen || this.#inline) return;
      this.#say("close");
      this.#hide();
      // What did not load is loaded again the next time.
      if (!this.#talk) this.#unload();
    }

    /** Shows the panel and starts a call, unless one is going on. From a click only. */
    start() {
      this.#open(true, true);
    }

    /** Ends the call. */
    end() {
      this.#wish = null;
      this.#say("end");
    }

    /** Stops (or resumes) sending the visitor's voice. */
    mute(muted = true) {
      this.#say("mute", { muted });
    }

    /** More variables for the next call's agent, as far as the key allows them. */
    setVariables(variables) {
      this.#own.variables.push(variables);
      this.#tell();
    }

    /** Stored with the next call. */
    setMetadata(metadata) {
      this.#own.metadata.push(metadata);
      this.#tell();
    }

    /** Speaks another language from now on, also during a call. */
    setLanguage(language) {
      this.#own.lang = language;
      this.#say("language", { language: this.#language });
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

    get #stale() {
      return this.#frame && !this.#talking && Date.now() - this.#born > 36e5;
    }

    get #inline() {
      return this.#options.position === "inline";
    }

    get #language() {
      return this.#own.lang ?? this.#options.lang ?? document.documentElement.lang;
    }

    get #texts() {
      return TEXTS[this.#language.slice(0, 2).toLowerCase()] ?? TEXTS.en;
    }

    /** The attributes, by our names for them. */
    get #options() {
      const options = {};
      for (const { name, value } of this.attributes) options[name.replace(/^data-/, "")] ??= value;
      for (const name in ALIASES) for (const other of ALIASES[name]) options[name] ??= options[other];
      return options;
    }

    /** Into the top layer, out of every transformed or contained ancestor; or into the page. */
    #place() {
      const { position, theme } = this.#options;
      this.#box.className = [position, theme].join(" ");
      this.#button.hidden = /inline|none/.test(position);
      if (this.#inline) {
        this.#box.popover = null;
        // The panel is part of the page: the browser fetches it when it comes near.
        this.#load();
        this.#show(true);
      } else {
        this.#box.popover = "manual";
        try {
          this.#box.showPopover();
        } catch {
          // It is shown, or the browser has no such layer.
        }
      }
    }

    #draw() {
      const [call, back, close] = this.#texts;
      const { label, color } = this.#options;
      this.#label.textContent = this.isOpen ? close : this.#talking ? back : (label ?? call);
      this.#dot.hidden = !this.#talking;
      this.#button.setAttribute("aria-expanded", this.isOpen);
      this.#icon.firstChild.setAttribute("d", this.isOpen ? CROSS : PHONE);
      this.#close.ariaLabel = close;
      this.#close.hidden = this.#talk || this.#inline;
      // In here no page that is morphed takes it away.
      this.#button.style.setProperty("--c", color ?? "");
    }

    #show(open) {
      this.#panel.classList.toggle("open", open || this.#inline);
      this.#draw();
    }

    /** Gives the keyboard back, if the panel had it, once nothing covers the page any more. */
    async #hide() {
      const { activeElement } = this.shadowRoot;
      this.#show(false);
      await 0;
      if (activeElement) (this.#button.hidden ? this.#from : this.#button).focus({ preventScroll: true });
    }

    #load() {
      // Whoever asks again knows better than the browser whether there is a network.
      if (this.#frame || (!navigator.onLine && this.#tip.hidden)) return;
      const { key, agent, server, title } = this.#options;
      const url = new URL("/panel", server || ADDRESS);
      for (const [name, value] of Object.entries({ key, agent, lang: this.#language })) {
        if (value) url.searchParams.set(name, value);
      }
      const frame = make("iframe");
      frame.title = title ?? this.#texts[0];
      frame.allow = "microphone; autoplay; speaker-selection; screen-wake-lock";
      if (this.#inline) frame.loading = "lazy";
      frame.src = url;
      this.#panel.prepend(frame);
      this.#frame = frame;
      this.#host = url.origin;
      this.#born = Date.now();
      this.#coming = part("panel", server).then((it) => it?.meet(this, frame));
    }

    #unload() {
      const state = "ended";
      const before = this.#talking ? this.#state : state;
      this.#state = "idle";
      this.#talk?.tell({ type: "state", state, reason: "removed" }, before, this.#fire);
      this.#frame?.remove();
      this.#frame = this.#wish = this.#talk = null;
      this.#show(false);
    }

    /** What the page wants, for the panel. */
    #tell() {
      this.#say("setup", { options: this.#talk?.options(this.#options, this.#own) });
    }

    /** Has the panel do what it is here for. */
    #ask() {
      if (!this.#talk || !this.#wish) return;
      this.#say("open", this.#wish);
      this.#wish = null;
    }

    #say(type, more) {
      if (this.#talk) this.#frame.contentWindow.postMessage({ switchboard: 1, type, ...more }, this.#host);
    }

    async #hear({ origin, source, data }) {
      if (origin !== this.#host || data?.switchboard !== 1) return;
      const talk = await this.#coming;
      if (source !== this.#frame?.contentWindow || !talk) return;
      const { type, state, reason } = data;
      const before = this.#state;
      if (type === "ready") {
        this.#talk = talk;
        this.#tell();
        this.#draw();
        this.#ask();
      } else if (type === "close") {
        this.#hide();
      } else if (type === "show") {
        // From another tab, where the visitor wants to go on here.
        this.#open();
      } else if (type === "state") {
        this.#state = state;
        this.#draw();
        // The visitor need not know that a panel grows too old to call from.
        if (reason === "nonce-invalid" && this.#stale) return this.start();
      }
      talk.tell(data, before, this.#fire);
    }
  }

  /** Into the body, as soon as there is one, and into the one that takes its place; never twice the same. */
  const add = (element) => {
    if (!document.body) return document.addEventListener("DOMContentLoaded", () => add(element));
    if (![...document.querySelectorAll(TAG)].some((it) => it.isEqualNode(element))) document.body.append(element);
  };

  const begin = () => {
    left = keep();
    if (!customElements.get(TAG)) customElements.define(TAG, SwitchboardCall);
    const tags = SCRIPT ? [SCRIPT] : [...document.scripts].filter((it) => it.src === ADDRESS);
    // A tag may be gone by now; its address is not.
    for (const { attributes } of tags.length ? tags : [{ attributes: [] }]) {
      const element = make(TAG);
      for (const [name, value] of new URL(ADDRESS).searchParams) element.setAttribute(`data-${name}`, value);
      for (const { name, value } of attributes) if (/^data-/.test(name)) element.setAttribute(name, value);
      if (!element.outerHTML.includes('key="')) continue;
      add(element);
      // Gone with its body, and not taken out of it.
      new MutationObserver(() => element.parentNode && !element.isConnected && add(element)).observe(document.documentElement, { childList: true });
    }
    setTimeout(() => {
      const all = document.querySelectorAll(TAG);
      if (all.length !== 1) part("help").then((it) => it?.count(all));
    }, 1e3);
  };

  if (origin === "null") part("help").then((it) => it?.nowhere());
  // A page that is rendered ahead may never be looked at.
  else if (document.prerendering) document.addEventListener("prerenderingchange", begin);
  else begin();
})();
