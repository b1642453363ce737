// A message of one's own that the server does not have yet, with its state: 发送中.

import { bubble } from "./bubble.js";
import { element, icon } from "./dom.js";
import { discard, retry } from "./outgoing.js";
import { say } from "./strings.js";

const REFUSALS = { 413: "error_too_large" };
const HOPELESS = new Set([400, 413]); // the same again would be refused again
const addresses = new Map();

export function pendingItem(record) {
  const item = element("li", { class: "message me pending", "data-client": record.id },
    element("div", { class: "line" }, bubble(asMessage(record), element("span", { class: "state" }))),
    element("div", { class: "failure" }));
  refreshPending(item, record);
  return item;
}

/** Brings the state of an item up to date without drawing its pictures again. */
export function refreshPending(item, record) {
  item.dataset.state = record.state;
  item.querySelector(".state").replaceChildren(...stateOf(record));
  item.querySelector(".failure").replaceChildren(...failureOf(record));
}

export function releasePictures(id) {
  for (const address of addresses.get(id) ?? []) URL.revokeObjectURL(address);
  addresses.delete(id);
}

function asMessage({ id, at, body, photos, file }) {
  if (!addresses.has(id)) addresses.set(id, photos.map((photo) => URL.createObjectURL(photo)));
  return {
    from: "me", at, text: body.text, location: body.location,
    pictures: addresses.get(id).map((url, index) => ({ url, alt: say("photo_number", { number: index + 1 }) })),
    documents: file ? [{ name: file.name, size: file.size, url: null }] : [],
  };
}

function stateOf({ state, progress, photos, file, tried }) {
  if (state === "delivered") return [icon("done"), say("delivered")];
  if (state === "refused") return [icon("warn"), say("not_sent")];
  if (state === "waiting" && tried) return [icon("wait"), say("waiting")];
  const large = state === "sending" && (photos.length > 0 || file !== null);
  const bar = large ? element("progress", { max: 1, value: progress ?? 0, "aria-label": say("uploading") }) : null;
  return [bar ?? icon("wait"), say("sending")];
}

function failureOf({ id, state, sentence, status, tried }) {
  if (state !== "refused" && !(state === "waiting" && tried)) return [];
  const why = state === "refused" ? sentence || say(REFUSALS[status] ?? "error_unknown") : say("error_network");
  const parts = [
    element("p", { role: "alert", text: why }),
    HOPELESS.has(status) ? null
      : element("button", { type: "button", onclick: () => retry(id) }, icon("retry"), element("span", { text: say("retry") })),
    element("button", { type: "button", onclick: () => discard(id) }, icon("bin"), element("span", { text: say("discard") })),
  ];
  return parts.filter((part) => part !== null);
}
