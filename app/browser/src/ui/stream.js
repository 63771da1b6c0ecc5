// Reads Server-Sent Events with `fetch`: an `EventSource` sends no headers, and what stands in an
// address instead is written down by every proxy on the way. It runs before the program, which is
// larger where it does this itself (`events.rs`).

const LAST = "last-event-id";
// How long nothing may come (ms): three heartbeats of the server. Of a connection that is half open
// neither side hears that nothing comes any more.
const SILENCE = 45e3;

// Gives what tells by events named `told`, whose `name` is that of the server's event with its
// `data`, or without: `open`, `lost` (it is tried again after a pause that grows, from the last
// event on) or `refused` (it is tried again from the beginning). `close` ends it. The desk shares
// one among its tabs once it can (`tabs.js`), and finds what was opened before.
globalThis.switchboardStream = ({ url, headers }) => {
  const closing = new AbortController();
  const { signal } = closing;
  const stream = Object.assign(new EventTarget(), { url, headers, signal, close: () => closing.abort() });
  const tell = (name, data) => stream.dispatchEvent(Object.assign(new Event("told"), { name, data }));
  let failures = 0;
  let pause;
  const connect = async () => {
    pause = clearTimeout(pause);
    if (signal.aborted) return;
    const connection = new AbortController();
    signal.onabort = () => connection.abort();
    let silence;
    const heard = () => {
      clearTimeout(silence);
      silence = setTimeout(signal.onabort, SILENCE);
    };
    heard();
    let end = "lost";
    try {
      const { status, body } = await fetch(url, { headers, signal: connection.signal });
      if (status === 200) {
        failures = 0;
        tell("open");
        const reader = body.pipeThrough(new TextDecoderStream()).getReader();
        let rest = "";
        let got = {};
        for (let read; !(read = await reader.read()).done; ) {
          heard();
          const lines = (rest + read.value).split("\n");
          rest = lines.pop();
          for (const line of lines) {
            const [field, value] = line.split(/: ?(.*)/);
            if (field) got[field] = value;
            if (line) continue;
            if (got.id) headers[LAST] = got.id;
            if (got.data) tell(got.event, got.data);
            got = {};
          }
        }
      } else {
        end = "refused";
        delete headers[LAST];
      }
    } catch {
      // The network's; how it came to its end is told below.
    }
    clearTimeout(silence);
    if (!signal.aborted) {
      tell(end);
      pause = setTimeout(connect, Math.min(1e3 << failures++, 15e3));
    }
  };
  // A network that goes ends no connection, and who has one again does not wait.
  addEventListener("offline", () => signal.onabort(), { signal });
  addEventListener("online", () => pause && connect(), { signal });
  connect();
  globalThis.switchboardStreams?.push(stream);
  return stream;
};
