// What the launcher (widget.js) needs from the moment a visitor shows intent: it brings together
// what the page wants, and tells the page what the panel does. Pages keep a launcher open for days:
// what these two say to each other may grow, but does not change.

/** The conversation between a <switchboard-call> and the panel in its frame. */
export function meet(element, frame) {
  const { origin, searchParams } = new URL(frame.src);
  const explain = (what, ...more) => import("./widget-help.js").then((help) => help[what](origin, ...more));
  let met = false;
  if (frame.featurePolicy?.allowsFeature("microphone") === false) explain("microphone");
  if (!searchParams.has("key")) explain("key");
  const [panel, { style }] = [frame.parentNode, document.documentElement];
  // As large as the screen it is all there is, for keys and for who has it read out, too.
  const small = matchMedia("(max-width:520px),(max-height:420px)");
  let overflow;
  const cover = () => {
    const covers = small.matches && panel.matches(".open:not(.inline *)");
    if (covers && !panel.open) {
      ({ overflow } = style);
      style.overflow = "hidden";
      panel.showModal();
    } else if (!covers && panel.open) {
      style.overflow = overflow;
      panel.close();
    }
  };
  new MutationObserver(cover).observe(panel, { attributeFilter: ["class"] });
  small.onchange = cover;
  panel.oncancel = () => element.close();
  panel.ariaLabel = frame.title;
  cover();
  // One that is part of the page may not be near yet.
  setTimeout(() => met || !frame.isConnected || frame.loading === "lazy" || explain("silence"), 8e3);

  /** An object, or a JSON text of one; otherwise nothing, and a word about it. */
  const read = (name, value = {}) => {
    try {
      const text = typeof value === "string" ? value : JSON.stringify(value);
      if (/^\s*{/.test(text)) return JSON.parse(text);
    } catch {}
    explain("unreadable", name, value);
  };
  const readAll = (name, values) => Object.assign({}, ...values.map((it) => read(name, it)));

  return {
    /** What the page wants: its attributes, what its scripts have set, its style. */
    options(options, own) {
      met = true;
      Object.assign(options, { inline: options.position === "inline", reloaded: own.reloaded, page: location.href });
      const style = getComputedStyle(element);
      for (const name of ["accent", "radius", "font"]) options[name] = style.getPropertyValue(`--switchboard-${name}`).trim() || options[name];
      options.accent = options.color ?? options.accent;
      // Where links and pictures of the page with these addresses lead.
      for (const name of ["logo", "avatar", "terms"]) {
        if (options[name]) options[name] = Object.assign(document.createElement("a"), { href: options[name] }).href;
      }
      options.variables = readAll("variables", [options.variables, ...own.variables]);
      // Retell takes texts only.
      for (const [name, value] of Object.entries(options.variables)) {
        if (value === null) delete options.variables[name];
        else if (typeof value !== "string") options.variables[name] = JSON.stringify(value);
      }
      options.metadata = readAll("metadata", [options.metadata, ...own.metadata]);
      options.texts = read("texts", options.texts);
      options.gated = !!(options.consent || options.terms || options.widget);
      // Where the browser cannot call, they offer what is left.
      options.extras = !window.RTCPeerConnection || ["gated", "reloaded", "accent", "radius", "font", "logo", "avatar", "theme"].some((name) => options[name]);
      return options;
    },

    /** Tells the page, by `fire`, what the panel said; `before` is where the call stood. */
    tell({ type, switchboard, ...detail }, before, fire) {
      if (type === "heard") {
        for (const item of detail.items ?? []) fire(/^tool/.test(item.role) ? "tool" : "transcript", item);
      } else if (/^call/.test(type)) {
        fire(type, detail);
      } else if (type === "words") {
        import("./widget-dialog.js").then((it) => it.keep(element, detail));
      } else if (type === "state") {
        fire("state", detail);
        // It was the microphone that was switched off or on.
        if (before === detail.state) return;
        if (detail.state === "live" && before !== "reconnecting") fire("live");
        if (detail.state === "ended") {
          if (detail.fault) fire("error", detail);
          fire("ended", detail);
        }
      }
    },
  };
}
