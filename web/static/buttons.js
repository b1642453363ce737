// The buttons under a message of the bot, and what became of a press: 消息按钮.

import { element, icon } from "./dom.js";
import { discard, pressesOf, send } from "./outgoing.js";
import { withSigns } from "./signs.js";
import { say } from "./strings.js";

const CALM_MS = 4000;

export function buttonsOf(message) {
  const box = element("div", { class: "buttons", "data-message": message.id, "data-spent": message.spent });
  box.append(...message.buttons.map((row) => element("div", { class: "button-row" },
    ...row.map((button) => buttonOf(message, button)))));
  box.append(element("p", { class: "press-note", role: "status" }));
  for (const record of pressesOf(message.id)) showIn(box, record);
  refresh(box);
  return box;
}

/** The buttons of this message are used up. */
export function spend(id) {
  const box = boxOf(id);
  if (!box) return;
  box.dataset.spent = "";
  refresh(box);
}

/** Shows how far a press has come. */
export function showPress(record) {
  const box = boxOf(record.body.press.message);
  if (box) showIn(box, record);
}

export function pressGone(record) {
  const box = boxOf(record.body.press.message);
  if (box) rest(box);
}

function buttonOf(message, { label, index, style }) {
  return element("button", { type: "button", class: style ?? "plain", "data-index": index, onclick: () => press(message.id, index, label) },
    element("span", {}, ...withSigns(label)));
}

function press(message, index, label) {
  for (const old of pressesOf(message)) discard(old.id);
  send({ press: { message, button: index }, label });
}

function showIn(box, { id, body, state, sentence, tried }) {
  for (const button of box.querySelectorAll("button[data-index]")) {
    const chosen = Number(button.dataset.index) === body.press.button;
    button.classList.toggle("chosen", chosen);
    button.setAttribute("aria-busy", String(chosen && (state === "sending" || state === "waiting")));
  }
  box.classList.toggle("busy", state !== "refused");
  note(box, state === "refused" ? sentence || say("error_unknown") : state === "waiting" && tried ? say("press_waiting") : "");
  refresh(box);
  if (state === "delivered") setTimeout(() => discard(id), CALM_MS); // usually `spent` comes first; paging buttons never get it
}

function rest(box) {
  box.classList.remove("busy");
  for (const button of box.querySelectorAll("[aria-busy=true]")) button.setAttribute("aria-busy", "false");
  note(box, "");
  refresh(box);
}

function note(box, sentence) {
  const place = box.querySelector(".press-note");
  place.replaceChildren(...(sentence ? [icon("warn"), sentence] : []));
}

function refresh(box) {
  const resting = "spent" in box.dataset || box.classList.contains("busy");
  for (const button of box.querySelectorAll("button[data-index]")) button.disabled = resting;
}

const boxOf = (id) => document.querySelector(`.buttons[data-message="${Number(id)}"]`);
