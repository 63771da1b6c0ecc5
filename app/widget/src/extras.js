// What nobody needs before the call is live, or only on the way to it when
// something is in the way: typing, push-to-talk, tests, rating, the transcript
// as a file, wake lock, headset buttons, what became of a call after a reload,
// a call in another tab, a telephone number where the browser cannot call.
//
// `before.js` fetches this and is what it is made with. Our texts are a file of
// their own: those that begin with `later.` in `app/widget/texts`.

let config = JSON.parse(document.getElementById("switchboard-config").textContent);
const { t, byId, tell, make, translate, learn, language, button, dressWith, dialog, begin, hear } = await import(window.switchboard.from);

let options = {};
let state = "idle";
let reason;
let muted = false;

async function fetchLater() {
  const address = config.later?.[language()];
  const words = address && (await fetch(address).then((it) => it.json(), () => undefined));
  if (words) learn(words);
}

/** What a promise gives, or a failure after `ms`: some of a browser's never settle. */
const within = (ms, promise) => Promise.race([promise, new Promise((_, fail) => setTimeout(fail, ms, new Error("no answer")))]);

/** How long our server, or a provider's script, may take to answer (ms). */
const ANSWER_MS = 15_000;

/** Asks our server about the present call. */
function ofCall(what, body) {
  const { callId, ticket } = config.call;
  const headers = { authorization: `Bearer ${ticket}`, "content-type": "application/json" };
  return within(ANSWER_MS, fetch(`/api/public/web-calls/${encodeURIComponent(callId)}${what}`, { method: "POST", headers, body: JSON.stringify(body) }));
}

// ── Before the call: a captcha, where the key asks for one ─────────────────

/** How long Turnstile may take to be done, or to ask the visitor something (ms). */
const CAPTCHA_MS = 20_000;

const load = (address) =>
  within(ANSWER_MS, new Promise((done, fail) => document.head.append(make("script", { src: address, async: true, load: done, error: fail }))));

let proving;

/** Proof for our server that a person asks. Nothing of it is loaded before the
 * click; another click meanwhile waits for the same. */
export const captcha = (how) => (proving ??= prove(how).finally(() => (proving = undefined)));

async function prove({ kind, site_key }) {
  if (kind === "turnstile") {
    if (!window.turnstile) await load("https://challenges.cloudflare.com/turnstile/v0/api.js?render=explicit");
    const box = make("div", { class: "sbx-captcha" });
    document.querySelector(".sbw-foot").prepend(box);
    return new Promise((done, fail) => {
      // Blocked, it calls back nothing. Whom it asks something may take their
      // time: then it says by itself when that was too long.
      const late = setTimeout(fail, CAPTCHA_MS);
      window.turnstile.render(box, {
        sitekey: site_key,
        language: language(),
        callback: done,
        "before-interactive-callback": () => clearTimeout(late),
        "error-callback": fail,
        "timeout-callback": fail,
        "expired-callback": fail,
        "unsupported-callback": fail,
      });
    }).finally(() => box.remove());
  }
  if (!window.grecaptcha) await load(`https://www.google.com/recaptcha/api.js?render=${encodeURIComponent(site_key)}`);
  const proof = new Promise((done) => window.grecaptcha.ready(done)).then(() => window.grecaptcha.execute(site_key, { action: "call" }));
  return within(CAPTCHA_MS, proof);
}

// ── Before the call: does everything work here? ────────────────────────────

function browserName() {
  const { userAgent, maxTouchPoints } = navigator;
  if (/iPhone|iPad/.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1)) return "ios";
  if (/Firefox\//.test(userAgent) && !/Android/.test(userAgent)) return "firefox";
  if (/Chrome\//.test(userAgent)) return /Android/.test(userAgent) ? "chromium_android" : "chromium";
  return /Safari\//.test(userAgent) && /Macintosh/.test(userAgent) ? "safari" : "other";
}

/** Opens the microphone. A visitor may think about it; one that is allowed answers soon. */
async function microphone() {
  const asked = navigator.mediaDevices.getUserMedia({ audio: true });
  const allowed = await navigator.permissions?.query({ name: "microphone" }).catch(() => undefined);
  return allowed?.state === "granted" ? within(ANSWER_MS, asked) : asked;
}

/** Each check gives back the name of the text that helps, nothing when all is
 * well, and `undefined` where there is nothing to check. */
const CHECKS = {
  "check.browser": async () => {
    if (!isSecureContext || !navigator.mediaDevices) return "fault.microphone_unsupported.next";
    return window.RTCPeerConnection ? "" : "fault.browser_unable.next";
  },
  "check.microphone": async (list) => {
    try {
      list.stream = await microphone();
      return "";
    } catch ({ name, message }) {
      if (message === "no answer") return "fault.microphone_unanswering.next";
      if (name === "NotAllowedError") return document.featurePolicy?.allowsFeature("microphone") === false ? "fault.microphone_forbidden.next" : `allow_microphone.${browserName()}`;
      return name === "NotFoundError" ? "fault.microphone_missing.next" : "fault.microphone_busy.next";
    }
  },
  "check.level": async ({ stream }) => {
    if (!stream) return undefined;
    const heard = await listen(stream, 4_000);
    for (const track of stream.getTracks()) track.stop();
    return heard === false ? "check.level_fix" : heard && "";
  },
  "check.server": async () => {
    const answer = await within(ANSWER_MS, fetch("/healthz", { cache: "no-store" })).catch(() => undefined);
    return answer?.ok ? "" : "fault.unreachable.next";
  },
  "check.network": async () => ((await connects()) ? "" : "fault.media_blocked.next"),
};

/** Whether anything is heard on a stream within `ms`; `undefined` where the
 * browser does not listen, for want of a sound card. */
function listen(stream, ms) {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const until = performance.now() + ms;
  const bar = byId("sbx-level");
  return new Promise((done) => {
    const look = () => {
      analyser.getFloatTimeDomainData(samples);
      const loud = Math.sqrt(samples.reduce((sum, v) => sum + v * v, 0) / samples.length);
      if (bar) bar.value = Math.min(100, loud * 600);
      const heard = loud > 0.004;
      if (!heard && performance.now() < until) return setTimeout(look, 50);
      const listened = context.state === "running";
      void context.close();
      done(listened ? heard : undefined);
    };
    look();
  });
}

/** Whether two connections of this browser find each other: WebRTC is not switched off. */
async function connects() {
  const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
  a.onicecandidate = ({ candidate }) => candidate && b.addIceCandidate(candidate);
  b.onicecandidate = ({ candidate }) => candidate && a.addIceCandidate(candidate);
  a.createDataChannel("check");
  const connected = new Promise((done) => {
    a.onconnectionstatechange = () => /connected|failed/.test(a.connectionState) && done(a.connectionState === "connected");
    setTimeout(done, 8_000, false);
  });
  await a.setLocalDescription();
  await b.setRemoteDescription(a.localDescription);
  await b.setLocalDescription();
  await a.setRemoteDescription(b.localDescription);
  const works = await connected;
  a.close();
  b.close();
  return works;
}

async function check() {
  const list = make("ul", { class: "sbx-checks" });
  const verdict = make("p", { role: "status" });
  const level = make("meter", { id: "sbx-level", min: 0, max: 100, "data-l-label": "check.level" });
  dialog("sbx-check", "check", list, level, verdict, make("div", { class: "sbx-buttons" }, button("close", () => byId("sbx-check").close())));
  const found = {};
  let well = true;
  for (const [name, run] of Object.entries(CHECKS)) {
    const line = make("li", { "data-ok": "running" }, make("span", { "data-l": name }));
    list.append(line);
    const fix = await run(found).catch(() => "fault.browser_unable.next");
    if (fix === undefined) {
      line.remove();
      continue;
    }
    line.dataset.ok = fix ? "no" : "yes";
    line.prepend(make("span", { class: "sb-hidden", "data-l": fix ? "check.no" : "check.yes" }));
    if (fix) line.append(make("p", { "data-l": fix }));
    well &&= !fix;
  }
  verdict.dataset.l = well ? "check.well" : "check.not_well";
  translate(verdict);
}

// ── Before the call: a place in line, where all lines are busy ─────────────

/** The place, as our server told it last. */
let line;

/** Keeps it (`POST`), or gives it up (`DELETE`). */
const ofPlace = (method) =>
  within(ANSWER_MS, fetch(`/api/public/places/${line.place}?key=${encodeURIComponent(config.key)}`, { method, keepalive: method === "DELETE" }));

/** Shows a new place, and follows it until it is the visitor's turn. */
async function queue() {
  line = config.waiting;
  config.waiting = undefined;
  if (!line) return leaveLine();
  config.place = line.place;
  byId("sbw").dataset.line = "";
  if (!byId("sbx-queue")) {
    const box = make(
      "section",
      { id: "sbx-queue", class: "sbx-queue" },
      make("h2", { id: "sbx-queue-place", role: "status" }),
      make("p", { id: "sbx-queue-wait" }),
      make("p", { "data-l": "line.stay" }),
      make("div", { class: "sbx-buttons" }, ...callBack(), button("line.leave", () => leaveLine(), "sb-button-quiet")),
    );
    document.querySelector(".sbw-foot").before(box);
  }
  const { place } = line;
  for (;;) {
    drawLine();
    await new Promise((done) => setTimeout(done, line.again_ms));
    if (line?.place !== place) return;
    // Who has no network for a while keeps the place.
    const answer = await ofPlace("POST").catch(() => undefined);
    if (line?.place !== place) return;
    if (answer?.ok) line = await answer.json();
    if (answer?.status === 404) return leaveLine("line.lost");
    if (line.ready && /idle|ended/.test(state)) break;
  }
  // The page may have been read on meanwhile.
  if (parent !== window) parent.postMessage({ switchboard: 1, type: "show" }, "*");
  begin();
}

function drawLine() {
  const place = line.ahead + 1;
  const set = (id, text) => byId(id).textContent !== text && (byId(id).textContent = text);
  set("sbx-queue-place", t(["line.first", "line.second", "line.third"][line.ahead] ?? "line.place").replace("{n}", place));
  const minutes = Math.max(1, Math.round(line.wait_ms / 60_000));
  set("sbx-queue-wait", line.wait_ms === undefined ? "" : t(minutes === 1 ? "line.minute" : "line.minutes").replace("{n}", minutes));
  if (parent !== window) parent.postMessage({ switchboard: 1, type: "call-waiting", position: place, waitMs: line.wait_ms }, "*");
}

/** For who would rather be called back, where that is offered. */
function callBack() {
  const act = () => {
    leaveLine();
    byId("sbc-ask").click();
  };
  return byId("sbc-ask") ? [button("line.callback", act)] : [];
}

/** Others may have the place. */
function leaveLine(why) {
  if (line) void ofPlace("DELETE").catch(() => {});
  line = config.place = undefined;
  delete byId("sbw").dataset.line;
  byId("sbx-queue")?.remove();
  if (why) byId("sbw-notice").textContent = t(why);
}
addEventListener("pagehide", () => line && leaveLine());

// ── During the call ────────────────────────────────────────────────────────

/** Typing to the agent, in the same session. */
function typing() {
  if (byId("sbx-typing")) return;
  const input = make("input", { class: "sbx-input", maxlength: 1000, autocomplete: "off", "data-l-label": "typing.label", enterkeyhint: "send" });
  input.placeholder = t("typing.label");
  const failed = make("p", { class: "sbx-failed", role: "alert" });
  // For screen readers: others see it in the transcript.
  const sent = make("p", { class: "sb-hidden", role: "status" });
  const form = make(
    "form",
    { id: "sbx-typing", class: "sbx-typing", submit: async (event) => {
      event.preventDefault();
      const text = input.value.trim();
      if (!text) return;
      input.value = "";
      sent.textContent = "";
      const answer = await ofCall("/messages", { text }).catch(() => undefined);
      failed.textContent = answer?.ok ? "" : t(answer?.status === 429 ? "typing.too_fast" : "typing.failed");
      if (answer?.ok) sent.textContent = t("typing.sent");
      else input.value ||= text;
    } },
    input,
    make("button", { class: "sb-button", "data-l": "typing.send" }),
    failed,
    sent,
  );
  document.querySelector(".sbw-foot").prepend(form);
}

const pushing = () => !!byId("sbx-push")?.checked;

/** Push-to-talk, reading aloud and the tests of both devices, in the audio menu. */
function deviceTests() {
  if (byId("sbx-tests")) return;
  const level = make("meter", { min: 0, max: 100, "data-l-label": "level" });
  new MutationObserver(() => (level.value = Number(byId("sbw").dataset.audioOut))).observe(byId("sbw"), { attributeFilter: ["data-audio-out"] });
  const push = make("input", { id: "sbx-push", type: "checkbox", change: () => tell("mute", { muted: pushing() }) });
  const read = make("input", { type: "checkbox", change: () => tell("read", { aloud: read.checked }) });
  byId("sbw-devices").append(
    make(
      "div",
      { id: "sbx-tests", class: "sbx-tests" },
      make("span", { class: "sbx-line" }, make("span", { "data-l": "level" }), level),
      button("speaker_test", beep),
      make("label", { class: "sbx-tick" }, push, make("span", { "data-l": "push_to_talk" })),
      make("p", { class: "sbx-hint", "data-l": "push_to_talk_hint" }),
      make("label", { class: "sbx-tick" }, read, make("span", { "data-l": "read_aloud" })),
    ),
  );
}

/** A short sound through the chosen speaker. */
async function beep() {
  const [rate, seconds] = [16_000, 0.5];
  const data = new DataView(new ArrayBuffer(44 + rate * seconds * 2));
  const word = (at, text) => [...text].forEach((c, i) => data.setUint8(at + i, c.charCodeAt(0)));
  word(0, "RIFF");
  data.setUint32(4, data.byteLength - 8, true);
  word(8, "WAVEfmt ");
  [[16, 16, 4], [20, 1, 2], [22, 1, 2], [24, rate, 4], [28, rate * 2, 4], [32, 2, 2], [34, 16, 2]].forEach(([at, v, n]) =>
    n === 4 ? data.setUint32(at, v, true) : data.setUint16(at, v, true),
  );
  word(36, "data");
  data.setUint32(40, data.byteLength - 44, true);
  for (let i = 0; i < rate * seconds; i++) {
    const fade = Math.min(1, i / 400, (rate * seconds - i) / 2_000);
    data.setInt16(44 + 2 * i, Math.sin((i * 2 * Math.PI * (i < 4_000 ? 523 : 784)) / rate) * 9_000 * fade, true);
  }
  const address = URL.createObjectURL(new Blob([data], { type: "audio/wav" }));
  const audio = new Audio(address);
  audio.onended = () => URL.revokeObjectURL(address);
  const speaker = byId("sbw-speaker").value;
  if (speaker) await audio.setSinkId?.(speaker).catch(() => {});
  await audio.play();
}

const microphones = () => [...byId("sbw-microphone").options].map(({ value, text }) => ({ value, text }));
let known;

/** Offers a microphone that has come in the middle of a call, as a headset does, unless it is in use already. */
function offerMicrophone() {
  const before = known ?? [];
  known = talking() ? microphones() : undefined;
  const [offered, { value: device, selectedOptions }] = [byId("sbx-came"), byId("sbw-microphone")];
  // It has been chosen by hand, or has gone again.
  if (device === offered?.dataset.device || !known?.some(({ value }) => value === offered?.dataset.device)) offered?.remove();
  const used = selectedOptions[0]?.text ?? "";
  const came = known?.find(({ value, text }) => !before.some((it) => it.value === value) && !used.includes(text));
  if (!came || !before.length) return;
  byId("sbx-came")?.remove();
  const said = make("p", { role: "status" });
  const take = () => {
    for (const name of ["microphone", "speaker"]) {
      const select = byId(`sbw-${name}`);
      const option = [...select.options].find(({ text }) => text === came.text);
      if (option) select.value = option.value;
      if (option) select.dispatchEvent(new Event("change"));
    }
    away();
  };
  const away = () => {
    box.remove();
    byId("sbw").focus({ preventScroll: true });
  };
  const box = make("div", { id: "sbx-came", class: "sbx-came", "data-device": came.value }, said, make("div", { class: "sbx-buttons" }, button("device.use", take), button("device.leave", away, "sb-button-quiet")));
  document.querySelector(".sbw-foot").prepend(box);
  said.textContent = t("device.came").replace("{name}", came.text);
}
new MutationObserver(offerMicrophone).observe(byId("sbw-microphone"), { childList: true });

const inText = (target) => target instanceof Element && target.closest("input, select, textarea");
function push(event, talk) {
  if (!pushing() || !talking()) return;
  const byKey = event.type.startsWith("key");
  if (byKey && (event.key !== " " || (inText(event.target) && event.target.type !== "checkbox"))) return;
  if (!byKey && talk && !(event.target instanceof Element && event.target.closest("#sbw-mute"))) return;
  if (byKey) event.preventDefault();
  if (!event.repeat) tell("mute", { muted: !talk });
}
addEventListener("keydown", (event) => push(event, true), true);
addEventListener("keyup", (event) => push(event, false), true);
addEventListener("pointerdown", (event) => push(event, true), true);
addEventListener("pointerup", (event) => push(event, false), true);
addEventListener("pointercancel", (event) => push(event, false), true);
// While pushing, a click on the button is no click.
addEventListener("click", (event) => pushing() && event.target instanceof Element && event.target.closest("#sbw-mute") && event.stopImmediatePropagation(), true);
// Where the keyboard or the page goes, nobody hears the key being let go.
const letGo = () => pushing() && tell("mute", { muted: true });
for (const gone of ["blur", "pagehide"]) addEventListener(gone, letGo);

/** The screen's lock, once it comes: asked for once at a time, and let go though it comes late. */
let lock;
function stayAwake(awake) {
  if (!awake) {
    void lock?.then((it) => it?.release());
    lock = undefined;
  } else if (!lock && !document.hidden) {
    // Refused on a low battery, and where the host page does not allow it.
    const asked = navigator.wakeLock?.request("screen").catch(() => undefined);
    const over = () => lock === asked && (lock = undefined);
    lock = asked;
    void asked?.then((it) => (it ? it.addEventListener("release", over) : over()));
  }
}
document.addEventListener("visibilitychange", () => {
  if (document.hidden) letGo();
  stayAwake(talking());
});

/** The launcher puts muting and hanging up into a dialog of the page that makes our own inert. */
function keepInReach() {
  const words = { label: byId("sbw-title").textContent, mute: t("mute"), unmute: t("unmute"), hangUp: t("hang_up"), muted };
  if (parent !== window) parent.postMessage({ switchboard: 1, type: "words", ...words }, "*");
}

/** The buttons of a headset and of a locked screen. */
function headset(on) {
  const session = navigator.mediaSession;
  if (!session) return;
  session.metadata = on ? new MediaMetadata({ title: byId("sbw-title").textContent, artist: t("phase.live") }) : null;
  const actions = { hangup: () => tell("end"), togglemicrophone: () => tell("mute", { muted: !muted }), play: () => tell("mute", { muted: false }), pause: () => tell("mute", { muted: true }) };
  for (const [name, act] of Object.entries(actions)) {
    try {
      session.setActionHandler(name, on ? act : null);
    } catch {
      // A browser that does not know this button.
    }
  }
  session.setMicrophoneActive?.(on && !muted);
}

// ── After the call ─────────────────────────────────────────────────────────

function rating() {
  byId("sbx-after")?.remove();
  const stars = [1, 2, 3, 4, 5].map((n) => {
    const input = make("input", { type: "radio", name: "stars", value: n, required: true });
    input.ariaLabel = t("rating.stars").replace("{n}", n);
    return make("label", {}, input, make("span", { "aria-hidden": "true" }, "★"));
  });
  const comment = make("textarea", { class: "sbx-input", rows: 2, maxlength: 2000, "data-l-label": "rating.comment" });
  comment.placeholder = t("rating.comment");
  const done = make("p", { role: "status" });
  const form = make(
    "form",
    { submit: async (event) => {
      event.preventDefault();
      const given = { stars: Number(new FormData(form).get("stars")), comment: comment.value.trim() || undefined };
      const answer = await ofCall("/rating", given).catch(() => undefined);
      done.textContent = t(answer?.ok ? "rating.thanks" : "rating.failed");
      if (answer?.ok) form.remove();
    } },
    make("fieldset", { class: "sbx-stars" }, make("legend", { "data-l": "rating.question" }), ...stars),
    comment,
    make("button", { class: "sb-button", "data-l": "rating.send" }),
  );
  const after = make("section", { id: "sbx-after", class: "sbx-after" }, form, done, button("download", download, "sb-button-quiet"));
  document.querySelector(".sbw-foot").before(after);
}

/** The transcript as a text file. */
function download() {
  const text = (row, part) => row.querySelector(part)?.textContent.trim() ?? "";
  const lines = [...document.querySelectorAll("#sbw-words .sb-row")].map((row) => {
    const head = [...(row.querySelector(".sb-row-head")?.children ?? [])].map((it) => it.textContent.trim()).join(" ");
    return `${head ? `${head}: ` : ""}${text(row, ".sb-row-text") || row.textContent.trim()}`;
  });
  const file = new Blob([`${byId("sbw-title").textContent}\n\n${lines.join("\n")}\n`], { type: "text/plain" });
  const address = URL.createObjectURL(file);
  make("a", { href: address, download: "transcript.txt" }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

// ── What the panel tells ───────────────────────────────────────────────────

const talking = () => state === "live" || state === "reconnecting";

function entered() {
  const live = talking();
  const form = byId("sbx-typing");
  if (live) {
    typing();
    deviceTests();
    keepInReach();
    known ??= microphones();
    byId("sbx-after")?.remove();
  } else {
    known = undefined;
    byId("sbx-came")?.remove();
  }
  if (byId("sbx-typing")) byId("sbx-typing").hidden = !live;
  if (form && !live) form.querySelector(".sbx-failed").textContent = "";
  if (state === "ended") {
    if (config.call && byId("sbw-lasted").hidden === false) rating();
  } else if (state !== "idle" && !live) byId("sbx-after")?.remove();
  openInTab();
  stayAwake(live);
  headset(live);
}

/** Whether the call elsewhere is there still: a tab that crashed or is frozen has
 * not said that it is over, and does not answer. */
function answers() {
  const others = new BroadcastChannel("switchboard");
  return new Promise((done) => {
    others.onmessage = ({ data }) => data === "here" && done(true);
    others.postMessage("who");
    setTimeout(done, 2_000, false);
  }).finally(() => others.close());
}

/** The visitor is on a call already, in another tab or elsewhere on the page. */
async function elsewhere() {
  if (!(await answers())) return tell("elsewhere", { what: "end" });
  const act = (what) => () => {
    box.close();
    tell("elsewhere", { what });
  };
  const box = dialog(
    "sbx-elsewhere",
    "elsewhere.title",
    make("p", { "data-l": "elsewhere.text" }),
    make("div", { class: "sbx-buttons" }, button("elsewhere.stay", act("show"), "sb-button-primary"), button("elsewhere.here", act("end"))),
  );
}

/** Another window for a page that is shown in somebody else's, without the microphone. */
function openInTab() {
  byId("sbx-tab")?.remove();
  const page = options.page || document.referrer;
  if (reason !== "microphone-forbidden" || !/^https?:/.test(page) || top === parent) return;
  const link = make("a", { href: page, target: "_blank", rel: "noopener", "data-l": "open_in_tab" });
  byId("sbw-alert").append(make("p", { id: "sbx-tab" }, link));
}

/** Where the browser cannot call, a telephone may: the number the page says, or one that the agent answers. */
function telephone() {
  byId("sbx-telephone")?.remove();
  const number = options.telephone ?? config.telephone;
  if (!number || window.RTCPeerConnection || !config.modes.includes("voice") || options.widget === "callback") return;
  // As people write it: `+49 (0)30 …` is dialled without the zero.
  const href = `tel:${number.replace("(0)", "").replace(/[^+\d]/g, "")}`;
  const words = [make("span", { "data-l": "telephone" }), " ", make("bdi", {}, number)];
  document.querySelector(".sbw-foot").prepend(make("a", { id: "sbx-telephone", class: "sb-button sb-button-primary sbw-wide", href }, ...words));
}

// Back from the browser's cache: leaving the page ended the call.
addEventListener("pageshow", ({ persisted }) => {
  if (!persisted) return;
  state = byId("sbw").dataset.state;
  entered();
});

await Promise.all([dressWith(config.extras_css), fetchLater()]);
hear({
  welcome(told) {
    ({ options, config, state } = told);
    ({ reason } = byId("sbw").dataset);
    options ??= {};
    // Leaving the page ended the call; the launcher knows that there was one.
    if (options.reloaded && state === "idle") byId("sbw-notice").textContent = t("reloaded");
    telephone();
    entered();
  },
  options(told) {
    options = told.options ?? {};
    telephone();
  },
  async texts() {
    await fetchLater();
    if (talking()) keepInReach();
  },
  state(told) {
    // The page goes away; it may be a reload.
    if (told.reason === "page-left") return;
    const changed = state !== told.state;
    const begins = /idle|ended/.test(state);
    ({ state, reason, muted } = told);
    // What was ticked in the call before holds for this one.
    if (begins && !/idle|ended/.test(state)) letGo();
    // Joined, or given up: for the place there is no use any more.
    if (line && (talking() || (state === "ended" && reason !== "lines-busy"))) leaveLine();
    if (changed) entered();
    else headset(talking());
  },
  check,
  elsewhere,
  queue,
});
