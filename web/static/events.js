// What the server tells by itself: 消息推送, server-sent events with the whole history first.

import { fetchJson } from "./server.js";

const AGAIN_MS = 3000;

/**
 * Listens until the returned function is called.
 * `handlers`: onMessage, onSpent, onErased, onMenu get the data; onState gets "connecting", "open" or "lost"; onLoggedOut.
 */
export function listen(handlers) {
  let source = null;
  let timer = 0;
  let newest = 0;

  function connect() {
    source = new EventSource(`/local/events?after=${newest}`);
    source.addEventListener("open", () => handlers.onState("open"));
    source.addEventListener("error", lost);
    source.addEventListener("message", (event) => {
      const message = JSON.parse(event.data);
      newest = Math.max(newest, message.id);
      handlers.onMessage(message);
    });
    source.addEventListener("menu", (event) => handlers.onMenu(JSON.parse(event.data)));
    source.addEventListener("spent", (event) => handlers.onSpent(JSON.parse(event.data)));
    source.addEventListener("erased", (event) => handlers.onErased(JSON.parse(event.data)));
  }

  function lost() {
    handlers.onState("lost");
    if (source.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
    timer = setTimeout(() => stillIn().then((inside) => (inside ? connect() : handlers.onLoggedOut())), AGAIN_MS);
  }

  handlers.onState("connecting");
  connect();
  return () => {
    clearTimeout(timer);
    source.close();
  };
}

/** Whether somebody is still logged in; an unreachable server is no reason to log out. */
async function stillIn() {
  try {
    return (await fetchJson("/local/session")).person !== null;
  } catch {
    return true;
  }
}
