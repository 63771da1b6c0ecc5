// All tabs of the desk in a browser have one event stream: one of them reads it and tells the
// others. It holds a lock; when it goes, however it goes, the next one that waits for the lock
// reads on from the last event it was told. Where a browser lacks what this takes, every tab reads
// a stream of its own. No page needs it to be seen, so it comes after the first one.

const EVENTS = "/api/desk/events";
const LAST = "last-event-id";
// The same in the tabs of another build.
const NAME = "switchboard-events-1";
// How long the one that reads may take to answer another tab (ms): one that the system has put to
// sleep does not, and still has the lock.
const PATIENCE = 5e3;
// How long it may tell nothing until it is asked (ms): it tells of each heartbeat, and when they stay
// away. With the patience it is as long as a stream waits for itself (`stream.js`).
const SILENCE = 40e3;

const { locks } = navigator;
const read = globalThis.switchboardStream;

// Has `stream` tell what comes, whichever tab reads it. `headers` has the last event's id; `own`
// is what it is read by so far.
const share = (stream, headers, own) => {
  const me = crypto.randomUUID();
  const left = new AbortController();
  const { signal } = left;
  const channel = new BroadcastChannel(NAME);
  // By which this tab reads for all of them.
  let reader;
  let state = own ? "open" : "lost";
  let waiting;

  const tell = (name, data) => stream.dispatchEvent(Object.assign(new Event("told"), { name, data }));
  stream.addEventListener("told", ({ name, data }) => {
    if (!reader) return;
    if (!data) state = name;
    channel.postMessage({ name, data, id: headers[LAST] });
  });

  const lead = (options) => {
    const reading = () => {
      // This tab may have asked twice, and has one of its turns already.
      if (signal.aborted || reader) return;
      clearTimeout(waiting);
      reader = own;
      if (!reader) {
        reader = read({ url: EVENTS, headers });
        reader.addEventListener("told", ({ name, data }) => tell(name, data));
      }
      own = undefined;
      return new Promise((done) => signal.addEventListener("abort", done));
    };
    locks.request(NAME, options, reading).catch(() => {
      // Called off; or another tab, which heard nothing of this one, has taken the lock.
      if (signal.aborted || !reader) return;
      reader.close();
      reader = undefined;
      join();
    });
  };

  const ask = () => {
    channel.postMessage({ asks: me });
    waiting = setTimeout(() => lead({ steal: true }), PATIENCE);
  };

  const join = () => {
    lead({ signal });
    ask();
  };

  channel.addEventListener("message", ({ data: { asks, to = me, name, data, id } }) => {
    if (reader && asks) channel.postMessage({ to: asks, name: state, id: headers[LAST] });
    if (reader || asks || to !== me) return;
    clearTimeout(waiting);
    waiting = setTimeout(ask, SILENCE);
    own?.close();
    own = undefined;
    // Whether anything was missed is known by what this tab was told before.
    if (!data) tell(name);
    if (name === "refused") delete headers[LAST];
    else if (id) headers[LAST] = id;
    if (data) tell(name, data);
  });

  stream.close = () => {
    left.abort();
    (reader ?? own)?.close();
    clearTimeout(waiting);
    channel.close();
  };
  join();
  return stream;
};

if (locks && globalThis.BroadcastChannel) {
  globalThis.switchboardStream = (of) => (of.url === EVENTS ? share(new EventTarget(), of.headers) : read(of));
  // What was opened before this was here.
  for (const stream of globalThis.switchboardStreams ?? []) {
    const { url, headers, signal, close } = stream;
    if (url === EVENTS && !signal.aborted) share(stream, headers, { close });
  }
}
globalThis.switchboardStreams = undefined;
