// One message as it is shown: 气泡. Text stays plain text.

import { buttonsOf } from "./buttons.js";
import { replyWith } from "./composer.js";
import { element, icon } from "./dom.js";
import { mapCard } from "./map_card.js";
import { withLinks } from "./links.js";
import { withSigns } from "./signs.js";
import { sizeOf } from "./size.js";
import { say } from "./strings.js";
import { tableOf } from "./table.js";
import { clock } from "./time.js";
import { enlarge } from "./viewer.js";

/** A message of the conversation as a list item. */
export function messageItem(message) {
  return element("li", { class: `message ${message.from}`, "data-id": message.id },
    element("div", { class: "line" },
      bubble(message, element("time", { datetime: message.at, text: clock(message.at) })),
      message.from === "bot" ? replyButton(message) : null),
    message.buttons?.length ? buttonsOf(message) : null);
}

/** The bubble alone, with `foot` (the time, or how far it has come) below. */
export function bubble(message, foot) {
  return element("div", { class: message.table ? "bubble wide" : "bubble" },
    element("span", { class: "heard", text: say(message.from === "me" ? "from_me" : "from_bot") }),
    picturesOf(message.pictures ?? []),
    message.location ? mapCard(message.location) : null,
    message.erased ? element("p", { class: "text erased", text: say("location_erased") }) : null,
    message.text ? element("p", { class: "text" }, ...withSigns(message.text).flatMap(message.from === "bot" ? withLinks : (part) => [part])) : null,
    message.table ? tableOf(message.table) : null,
    ...(message.documents ?? []).map(documentLink),
    element("div", { class: "bubble-foot" }, foot));
}

function picturesOf(pictures) {
  if (pictures.length === 0) return null;
  return element("div", { class: `pictures many-${Math.min(pictures.length, 3)}` }, ...pictures.map((picture) => {
    const alt = picture.alt || say("picture");
    const image = element("img", { src: picture.url, width: picture.width, height: picture.height, alt, loading: "lazy" });
    const button = element("button", { type: "button", class: "picture", "aria-label": say("enlarge", { alt }), onclick: () => enlarge(picture) }, image);
    // What the browser cannot show (HEIC, an empty file) is a file all the same.
    image.addEventListener("error", () => button.replaceWith(documentLink({ url: picture.url, name: alt, size: picture.size })));
    return button;
  }));
}

function documentLink({ url, name, size }) {
  return element("a", { class: "document", href: url, download: name, "aria-label": say("download", { name }) },
    icon("file"),
    element("span", {}, element("strong", { text: name }), element("small", { text: size ? sizeOf(size) : "" })),
    url ? icon("save") : null);
}

function replyButton(message) {
  const label = say("reply");
  return element("button", { type: "button", class: "reply", "aria-label": label, title: label, onclick: () => replyWith(message) },
    icon("reply"));
}
