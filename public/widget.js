// Switchboard's launcher: the call button in a customer's page.
//
//   <script type="module" src="https://HOST/widget.js"></script>
//   <switchboard-call key="pk_…" label="Call us" title="Sunrise Dental" lang="en"></switchboard-call>
//
// or, in one line, <script type="module" src="https://HOST/widget.js" data-key="pk_…"></script>.
// Every attribute may also be written data-*. The panel is an iframe of HOST: neither page's
// CSS reaches the other, and nothing is loaded before the visitor shows intent.

const HOST = new URL(import.meta.url).origin;

const TEXTS = {
  en: ["Call us", "Back to the call", "Close"],
  es: ["Llámenos", "Volver a la llamada", "Cerrar"],
  de: ["Rufen Sie uns an", "Zurück zum Anruf", "Schließen"],
};

// !important is what the page's own !important rules cannot overrule in here.
const STYLE = `
:host{all:initial!important;position:fixed!important;z-index:2147483000!important;
inset:auto max(20px,env(safe-area-inset-right)) max(20px,env(safe-area-inset-bottom)) auto!important;
display:block!important;color-scheme:light dark!important;
font:600 16px/1.25 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif!important;
--a:#0b6478;--h:#084d5d;--o:#fff;--s:#fff;--t:#16222c;--l:#d8dfe5}
:host([hidden]){display:none!important}
button{all:unset;cursor:pointer}
.call{box-sizing:border-box;display:flex;align-items:center;gap:10px;min-height:56px;max-width:calc(100vw - 40px);
padding:0 22px 0 18px;border-radius:28px;background:var(--a);color:var(--o);
box-shadow:0 2px 6px rgb(16 32 44/16%),0 10px 28px rgb(16 32 44/22%)}
.call:hover{background:var(--h)}
button:focus-visible{outline:3px solid var(--a);outline-offset:3px}
svg{flex:none;width:24px;height:24px}
i{flex:none;width:10px;height:10px;border-radius:50%;background:#7fe3ad}
div{position:fixed;right:max(20px,env(safe-area-inset-right));bottom:calc(88px + env(safe-area-inset-bottom));
width:384px;height:min(640px,100dvh - 112px);overflow:hidden;border-radius:16px;background:var(--s);color:var(--t);
box-shadow:0 0 0 1px var(--l),0 4px 12px rgb(16 32 44/12%),0 18px 56px rgb(16 32 44/26%);visibility:hidden;opacity:0}
div.open{visibility:visible;opacity:1}
iframe{display:block;width:100%;height:100%;border:0;color-scheme:normal}
.close{position:absolute;top:10px;inset-inline-end:8px;padding:12px;border-radius:50%;font-size:0}
.close svg{width:20px;height:20px}
[hidden]{display:none}
@media (max-width:520px),(max-height:420px){div{inset:0;width:auto;height:auto;border-radius:0}}
@media (prefers-color-scheme:dark){:host{--a:#5cc3d8;--h:#8ad7e7;--o:#06232b;--s:#162029;--t:#e8eef2;--l:#2c3a46}i{background:#0b6b3c}}
@media (prefers-reduced-motion:no-preference){
.call{transition:background .15s}
div{transform:translateY(12px);transition:opacity .18s,transform .18s,visibility .18s}
div.open{transform:none}}
@media print{:host{display:none!important}}`;

const icon = (path) =>
  `<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="${path}"/></svg>`;
const PHONE =
  "M6.6 3.5 9 3l2 5-2.4 1.6a12 12 0 0 0 5.8 5.8L16 13l5 2-.5 2.4A3.2 3.2 0 0 1 17 20 14.5 14.5 0 0 1 4 7a3.2 3.2 0 0 1 2.6-3.5Z";

class SwitchboardCall extends HTMLElement {
  static observedAttributes = ["key", "label", "title", "lang", "agent"].flatMap((name) => [name, `data-${name}`]);

  #button;
  #label;
  #dot;
  #panel;
  #close;
  #frame = null;
  #ready = false;
  #start = false;
  #talking = false;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    // A constructed sheet works where the page's CSP forbids inline styles.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    root.innerHTML = `<button type="button" class="call" aria-expanded="false">${icon(PHONE)}<span></span><i hidden></i></button><div><button type="button" class="close">${icon("m6 6 12 12M18 6 6 18")}</button></div>`;
    [this.#button, this.#panel] = root.children;
    [, this.#label, this.#dot] = this.#button.children;
    // The way out while the panel has not loaded, or could not.
    [this.#close] = this.#panel.children;
    this.#close.addEventListener("click", () => this.close());
    // Intent: fetch the panel, so that a click finds it ready. Nothing is minted.
    for (const name of ["pointerenter", "touchstart", "focus"]) {
      this.#button.addEventListener(name, () => this.#load(), { passive: true });
    }
    this.#button.addEventListener("click", () => (this.#isOpen ? this.close() : this.open(true)));
    root.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
  }

  connectedCallback() {
    window.addEventListener("message", this.#hear);
    this.#draw();
  }

  // Without its iframe the panel is gone, and with it the call.
  disconnectedCallback() {
    window.removeEventListener("message", this.#hear);
    this.#unload();
  }

  attributeChangedCallback(name, before, after) {
    if (before === after || !this.isConnected) return;
    // The panel is loaded for one key, agent and language.
    if (!/label|title/.test(name)) this.#unload();
    this.#draw();
  }

  /** Shows the panel, and starts a call at once if asked to. */
  open(start = false) {
    performance.mark("switchboard:click");
    this.#start = start && !this.#talking;
    this.#load();
    this.#show(true);
    this.#frame.focus();
    if (this.#ready) this.#opened();
  }

  /** Hides the panel. A talk goes on; a call that is still being made ends. */
  close() {
    if (!this.#isOpen) return;
    this.#say({ type: "close" });
    this.#show(false);
    this.#button.focus();
    // What did not load is loaded again the next time.
    if (!this.#ready) this.#unload();
  }

  get #isOpen() {
    return this.#panel.classList.contains("open");
  }

  get #language() {
    return this.#get("lang") ?? document.documentElement.lang;
  }

  get #texts() {
    return TEXTS[this.#language.slice(0, 2).toLowerCase()] ?? TEXTS.en;
  }

  #get(name) {
    return this.getAttribute(name) ?? this.getAttribute(`data-${name}`);
  }

  #draw() {
    const [call, back] = this.#texts;
    this.#label.textContent = this.#talking && !this.#isOpen ? back : (this.#get("label") ?? call);
    this.#dot.hidden = !this.#talking;
    this.#button.setAttribute("aria-expanded", this.#isOpen);
    this.#close.ariaLabel = this.#texts[2];
    this.#close.hidden = this.#ready;
  }

  #show(open) {
    this.#panel.classList.toggle("open", open);
    this.#draw();
  }

  #load() {
    if (this.#frame) return;
    const url = new URL("/panel", HOST);
    for (const [name, value] of [["key", this.#get("key")], ["lang", this.#language], ["agent", this.#get("agent")]]) {
      if (value) url.searchParams.set(name, value);
    }
    const frame = document.createElement("iframe");
    frame.title = this.#get("title") ?? this.#texts[0];
    frame.allow = "microphone; autoplay; speaker-selection";
    frame.src = url;
    this.#panel.prepend(frame);
    this.#frame = frame;
  }

  #unload() {
    this.#frame?.remove();
    this.#frame = null;
    this.#ready = this.#start = this.#talking = false;
    this.#show(false);
  }

  #opened() {
    this.#say({ type: "open", start: this.#start, title: this.#get("title") ?? "" });
    this.#start = false;
  }

  #say(message) {
    this.#frame?.contentWindow?.postMessage({ switchboard: 1, ...message }, HOST);
  }

  #hear = ({ origin, source, data }) => {
    if (origin !== HOST || !this.#frame || source !== this.#frame.contentWindow || data?.switchboard !== 1) return;
    if (data.type === "ready") {
      this.#ready = true;
      this.#draw();
      if (this.#isOpen) this.#opened();
    } else if (data.type === "close") {
      this.#show(false);
      this.#button.focus();
    } else if (data.type === "state") {
      this.#talking = data.state === "live" || data.state === "reconnecting";
      this.#draw();
      const detail = { state: data.state, reason: data.reason };
      this.dispatchEvent(new CustomEvent("switchboard:state", { detail, bubbles: true, composed: true }));
    }
  };
}

if (!customElements.get("switchboard-call")) {
  customElements.define("switchboard-call", SwitchboardCall);
  for (const script of document.querySelectorAll("script[data-key]")) {
    if (script.src !== import.meta.url) continue;
    const element = document.createElement("switchboard-call");
    for (const { name, value } of script.attributes) {
      if (name.startsWith("data-")) element.setAttribute(name, value);
    }
    document.body.append(element);
  }
}
