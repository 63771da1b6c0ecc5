// Before the program is here: which language its reader speaks. Its words come meanwhile.

// From a language's tag to the files of its words: those of the first page, and the others. The
// build fills it in.
const WORDS = {};
// The style sheet of all pages but the first; the build fills it in.
const STYLE = "";
// What shares one event stream among all tabs; the build fills it in.
const TABS = "";

const language = (() => {
  const known = (tag) => {
    const primary = tag.trim().split(/[-_]/)[0].toLowerCase();
    return Object.hasOwn(WORDS, primary) ? primary : undefined;
  };
  let chosen;
  try {
    chosen = localStorage.getItem("switchboard-language");
  } catch {
    // A browser without storage remembers no choice.
  }
  return [chosen ?? "", ...navigator.languages].map(known).find(Boolean) ?? "en";
})();

for (const tag of Object.keys(WORDS)) {
  WORDS[tag] = WORDS[tag].map((file) => new URL(file, import.meta.url).href);
}
globalThis.switchboardWords = WORDS;
const link = (members) => document.head.appendChild(Object.assign(document.createElement("link"), members));
// Gives a promise of the style of later pages, which is kept once it is there.
let style;
globalThis.switchboardStyle = () =>
  (style ??= new Promise((done, failed) => {
    const onerror = () => {
      style = undefined;
      sheet.remove();
      failed();
    };
    const sheet = link({ rel: "stylesheet", href: new URL(STYLE, import.meta.url).href, onload: done, onerror });
  }));
// The build's name: another build has another one.
globalThis.switchboardBuild = new URL(import.meta.url).pathname;
document.documentElement.lang = language;
link({ rel: "preload", as: "fetch", crossOrigin: "anonymous", href: WORDS[language][0] });
// A desk that nobody looks at lets go of its stream. That it is open it says like this.
setInterval(() => document.hidden && fetch("/api/desk/me/here", { method: "POST" }).catch(() => {}), 3e4);
globalThis.switchboardStreams = [];
// Without it a tab has a stream of its own.
setTimeout(() => import(new URL(TABS, import.meta.url).href).catch(() => {}), 2e3);
