// The demo only: ?lang=es or ?lang=de embeds the widget in another language,
// the way a customer with three websites would.

const CALLS = {
  es: { key: "pk_demo_es", label: "Hable con Lucía", title: "Clínica Dental Aurora" },
  de: { key: "pk_demo_de", label: "Mit Anna sprechen", title: "Zahnarztpraxis Sonnenschein" },
};

const lang = new URLSearchParams(location.search).get("lang");
if (lang in CALLS) {
  addEventListener("DOMContentLoaded", () => {
    const call = document.querySelector("switchboard-call");
    for (const [name, value] of Object.entries({ lang, ...CALLS[lang] })) call.setAttribute(name, value);
  });
}
