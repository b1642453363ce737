// The conversation in the order of the server, with its days; what is on its way stands below: 会话.

import { messageItem } from "./bubble.js";
import { pressGone, showPress, spend } from "./buttons.js";
import { byId, element } from "./dom.js";
import { showWelcome } from "./menu.js";
import { discard } from "./outgoing.js";
import { pendingItem, refreshPending, releasePictures } from "./pending.js";
import { dayName, dayOf } from "./time.js";

const QUIET_MS = 400;
const NEAR_PX = 120;

const messages = new Map();
const pending = new Map();
let stuck = true;
let quiet = 0;

export function wireConversation() {
  byId("scroll").addEventListener("scroll", follow, { passive: true });
  byId("newest").addEventListener("click", () => toNewest("smooth"));
  byId("log").addEventListener("load", () => stuck && toNewest(), true); // pictures arrive after their message
  new ResizeObserver(() => stuck && toNewest()).observe(byId("scroll"));
  document.addEventListener("language", redraw);
}

export function emptyConversation() {
  messages.clear();
  for (const id of pending.keys()) releasePictures(id);
  pending.clear();
  byId("messages").replaceChildren();
  byId("pending").replaceChildren();
  byId("log").setAttribute("aria-live", "off");
  byId("welcome").hidden = true;
  byId("newest").hidden = true;
  stuck = true;
}

export function showMessage(message) {
  messages.set(message.id, message);
  if (message.client_id) discard(message.client_id);
  if (!isEmpty(message)) place(message);
  soonQuiet();
}

export function showSpent({ id }) {
  if (messages.has(id)) messages.get(id).spent = true;
  spend(id);
}

/** The position of this message was erased: its map goes too. */
export function showErased({ id }) {
  const message = messages.get(id);
  if (!message) return;
  Object.assign(message, { location: null, erased: true });
  place(message);
}

export function showPending(record) {
  if (record.body.press) return showPress(record);
  const shown = itemOf(record.id);
  pending.set(record.id, record);
  if (shown) {
    refreshPending(shown, record);
    return stuck && toNewest();
  }
  byId("pending").append(pendingItem(record));
  showWelcome();
  return toNewest("smooth");
}

export function dropPending(record) {
  if (record.body.press) return pressGone(record);
  itemOf(record.id)?.remove();
  pending.delete(record.id);
  releasePictures(record.id);
  return showWelcome();
}

const itemOf = (client) => byId("pending").querySelector(`[data-client="${CSS.escape(client)}"]`);

/** A press comes back as a message without content: nothing to show. */
function isEmpty({ text, buttons, location, erased, pictures, documents, table }) {
  return !erased && !text && !buttons?.length && !location && !pictures?.length && !documents?.length && !table;
}

function place(message) {
  const list = byId("messages");
  const item = messageItem(message);
  const old = list.querySelector(`[data-id="${message.id}"]`);
  if (old) old.replaceWith(item);
  else list.insertBefore(item, firstAfter(message.id));
  markDay(item);
  if (item.nextElementSibling) markDay(item.nextElementSibling);
  if (message.buttons?.length) calmEarlier(list);
  if (stuck) toNewest();
  else byId("newest").classList.add("unread");
}

/** Only the newest buttons call for a press; earlier ones still work. */
function calmEarlier(list) {
  const all = [...list.querySelectorAll(".buttons:not(.past)")];
  for (const buttons of all.slice(0, -1)) buttons.classList.add("past");
}

function firstAfter(id) {
  let next = null;
  for (let item = byId("messages").lastElementChild; item && Number(item.dataset.id) > id; item = item.previousElementSibling) next = item;
  return next;
}

/** Puts the day above an item that is the first of its day. */
function markDay(item) {
  item.querySelector(".day")?.remove();
  const day = dayIn(item);
  if (item.previousElementSibling && dayIn(item.previousElementSibling) === day) return;
  item.prepend(element("h2", { class: "day" }, element("span", { text: dayName(day) })));
}

const dayIn = (item) => dayOf(messages.get(Number(item.dataset.id)).at);

function redraw() {
  byId("messages").replaceChildren();
  for (const message of messages.values()) if (!isEmpty(message)) place(message);
  byId("pending").replaceChildren(...[...pending.values()].map(pendingItem));
  showWelcome();
}

/** Only what arrives after the history is read aloud. */
function soonQuiet() {
  showWelcome();
  if (byId("log").getAttribute("aria-live") === "polite") return;
  clearTimeout(quiet);
  quiet = setTimeout(() => byId("log").setAttribute("aria-live", "polite"), QUIET_MS);
}

function follow() {
  const { scrollHeight, scrollTop, clientHeight } = byId("scroll");
  stuck = scrollHeight - scrollTop - clientHeight < NEAR_PX;
  byId("newest").hidden = stuck;
  if (stuck) byId("newest").classList.remove("unread");
}

function toNewest(behavior = "instant") {
  byId("scroll").scrollTo({ top: byId("scroll").scrollHeight, behavior });
}
