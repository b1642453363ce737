// The quick buttons that the server offers: 快捷按钮. The first one is also the welcome of an empty conversation.

import { byId, element, icon } from "./dom.js";
import { openLocationSheet } from "./location_sheet.js";
import { send } from "./outgoing.js";
import { pickPhotos } from "./photos.js";
import { say } from "./strings.js";

const ICONS = { location: "pin", photo: "camera" };
const ACTIONS = { location: openLocationSheet, photo: pickPhotos };
let rows = [];

export function showMenu({ buttons }) {
  rows = buttons.filter((row) => row.length > 0);
  byId("menu").hidden = rows.length === 0;
  byId("menu").replaceChildren(...rows.map((row) => element("div", { class: "menu-row" }, ...row.map(menuButton))));
  showWelcome();
}

/** Says what to do first until the person has said something. */
export function showWelcome() {
  const first = rows[0]?.[0];
  byId("welcome").hidden = !first || byId("log").querySelector(".me") !== null;
  if (byId("welcome").hidden) return;
  const hint = first.send === "location" ? "welcome_location" : "welcome_text";
  byId("welcome").replaceChildren(
    element("button", { type: "button", class: "welcome-button", onclick: () => act(first) },
      icon(ICONS[first.send] ?? "tree"), element("span", { text: wordsOf(first) })),
    element("p", { text: say(hint, { label: wordsOf(first) }) }));
}

function menuButton(button) {
  const drawn = ICONS[button.send];
  return element("button", { type: "button", class: button.send, onclick: () => act(button) },
    drawn ? icon(drawn) : null, element("span", { text: wordsOf(button) }));
}

const act = (button) => (ACTIONS[button.send] ?? (() => send({ text: button.text })))();

/** The label without its leading picture where the page draws its own: not every device has the sign. */
function wordsOf({ label, send: kind }) {
  return ICONS[kind] ? label.replace(/^\p{Extended_Pictographic}\uFE0F?\s*/u, "") : label;
}
