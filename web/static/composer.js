// The typing box with its send button, the attach panel and the reply strip: 输入框.

import { byId } from "./dom.js";
import { openLocationSheet } from "./location_sheet.js";
import { send } from "./outgoing.js";
import { anythingChosen, inPosts, pickFile, pickPhotos, takeChosen, wirePhotos } from "./photos.js";
import { say } from "./strings.js";

let replyTo = null;

export function wireComposer() {
  wirePhotos(focusIfChosen);
  byId("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    sendTyped();
  });
  byId("text").addEventListener("input", refresh);
  byId("text").addEventListener("focus", () => showAttach(false));
  byId("text").addEventListener("keydown", sendOnEnter);
  byId("attach-open").addEventListener("click", () => showAttach(byId("attach").hidden));
  byId("attach-location").addEventListener("click", () => choose(openLocationSheet));
  byId("attach-photos").addEventListener("click", () => choose(pickPhotos));
  byId("attach-file").addEventListener("click", () => choose(pickFile));
  byId("reply-cancel").addEventListener("click", () => replyWith(null));
  refresh();
}

/** The next message answers this one; null: no longer. */
export function replyWith(message) {
  replyTo = message?.id ?? null;
  byId("reply-strip").hidden = replyTo === null;
  if (replyTo === null) return;
  byId("reply-text").textContent = say("reply_to", { text: (message.text ?? "").split("\n")[0] });
  byId("text").focus();
}

export function emptyComposer() {
  byId("text").value = "";
  takeChosen();
  replyWith(null);
  showAttach(false);
  refresh();
}

function sendTyped() {
  const text = byId("text").value.trim();
  if (text === "" && !anythingChosen()) return;
  const { photos, file } = takeChosen();
  const posts = inPosts(photos);
  const reply = replyTo === null ? {} : { reply_to: replyTo };
  for (const some of posts.slice(0, -1)) send(reply, some);
  send({ ...(text && { text }), ...reply }, posts.at(-1), file); // what is said of the photos comes with the last ones
  byId("text").value = "";
  replyWith(null);
  refresh();
}

/** Enter sends, Shift+Enter breaks the line; Enter that picks a word of an input method does neither. */
function sendOnEnter(event) {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  sendTyped();
}

function focusIfChosen() {
  refresh();
  if (anythingChosen()) byId("send").focus();
}

function refresh() {
  const box = byId("text");
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight}px`;
  byId("send").disabled = box.value.trim() === "" && !anythingChosen();
}

function choose(action) {
  showAttach(false);
  action();
}

function showAttach(open) {
  byId("attach").hidden = !open;
  byId("attach-open").setAttribute("aria-expanded", String(open));
}
