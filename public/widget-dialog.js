// A modal dialog of the page makes all around it inert, our panel too. What nobody in a call may be
// locked out of stands in that dialog meanwhile: muting and hanging up. The panel itself stays where it
// is: a page that takes its dialog away would take the call with it. Loaded once a call is live.

const STYLE = `
section{all:initial;position:fixed;inset:max(12px,env(safe-area-inset-top)) 0 auto;z-index:2147483000;display:flex;gap:4px;width:fit-content;
margin:0 auto;padding:4px;border-radius:28px;background:#16222c;box-shadow:0 4px 12px #10202c29,0 10px 32px #10202c38;outline:1px solid #fff6;
font:600 16px/1.25 system-ui,sans-serif}
button{all:unset;box-sizing:border-box;min-height:44px;padding:10px 18px;border-radius:22px;color:#fff;outline:1px solid #0000;cursor:pointer}
button+button{background:#c5332a}
button:hover{text-decoration:underline}
button:focus-visible{outline:3px solid #fff;outline-offset:-5px}
@media print{section{display:none}}`;

/** What has been put beside each call button. */
const bars = new WeakMap();

/** Has the call of `element` within reach from now on, in these words. */
export function keep(element, words) {
  if (!CSS.supports("selector(:modal)")) return;
  if (!bars.has(element)) bars.set(element, new Bar(element));
  bars.get(element).speak(words);
}

const modal = (it) => it.localName === "dialog" && it.matches(":modal");

class Bar {
  #element;
  #words;
  #muted;
  /** The dialog that is in the way. */
  #dialog;
  #mute = document.createElement("button");
  #end = document.createElement("button");
  #bar = document.createElement("section");
  #host = document.createElement("div");

  constructor(element) {
    this.#element = element;
    this.#bar.append(this.#mute, this.#end);
    this.#bar.role = "group";
    this.#bar.popover = "manual";
    const root = this.#host.attachShadow({ mode: "open" });
    root.append(this.#bar);
    try {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      root.adoptedStyleSheets.push(sheet);
    } catch {
      // An old browser shows plain buttons.
    }
    this.#mute.addEventListener("click", () => element.mute(!this.#muted));
    this.#end.addEventListener("click", () => element.end());
    element.addEventListener("switchboard:state", ({ detail }) => {
      this.#muted = detail.muted;
      this.#draw();
    });
    // One that opens says so, or takes the keyboard: of one in a component only that is heard.
    const hear = (event) => event.target.localName !== element.localName && this.#meet(event.composedPath().find(modal));
    for (const name of ["toggle", "focusin"]) document.addEventListener(name, hear, true);
  }

  speak(words) {
    this.#words = words;
    this.#muted = words.muted;
    this.#look();
    this.#draw();
  }

  /** Finds a dialog that is open already. */
  #look() {
    this.#meet([...document.querySelectorAll("dialog")].filter(modal).pop());
  }

  #meet(dialog) {
    if (!dialog) return;
    if (dialog !== this.#dialog) dialog.addEventListener("close", () => this.#closed(dialog), { once: true });
    this.#dialog = dialog;
    this.#draw();
  }

  /** Another one may be open behind it. */
  #closed(dialog) {
    if (this.#dialog === dialog) this.#dialog = null;
    this.#draw();
    this.#look();
  }

  #draw() {
    if (!this.#dialog || !modal(this.#dialog) || !/live|reconnecting/.test(this.#element.state)) return this.#host.remove();
    const { label, mute, unmute, hangUp } = this.#words;
    this.#bar.ariaLabel = label;
    this.#mute.textContent = this.#muted ? unmute : mute;
    this.#end.textContent = hangUp;
    if (this.#host.parentNode === this.#dialog) return;
    this.#dialog.append(this.#host);
    // In browsers without that layer it stands in the dialog's.
    this.#bar.showPopover?.();
  }
}
