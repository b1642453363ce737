// The few signs in the bot's sentences, drawn by the page: 图标. Not every device has the letters for them.

import { element, icon } from "./dom.js";

const ICONS = {
  "✅": "done", "⚠": "warn", "📍": "pin", "📷": "camera", "🌳": "tree", "🔊": "sound", "📅": "calendar",
  "📊": "chart", "📄": "file", "📱": "phone", "☑": "ticked", "☐": "unticked",
};
const SIGN = new RegExp(`(${Object.keys(ICONS).join("|")})\\uFE0F?`, "u");

/** A sentence as nodes: its text, and an icon in place of each sign. */
export function withSigns(text) {
  return text.split(SIGN).filter((part) => part !== "").map((part) => (part in ICONS ? drawn(part) : part));
}

const drawn = (sign) => element("span", { class: `sign ${ICONS[sign]}` }, icon(ICONS[sign]));
