// One record with its photos, verdict and history: 一条记录.

import { element, icon } from "./dom.js";
import { fill, list } from "./map_panel.js";
import { go, view } from "./map_state.js";
import { fetchJson } from "./server.js";
import { say } from "./strings.js";

/** Shows a record and gives it, for its place on the map. */
export async function showRecord(id) {
  const record = await fetchJson(`/map/data/records/${id}`);
  fill(record.number, back(), list(rowsOf(record)), ...record.hints.map((text) => element("p", { class: "hint" }, icon("warn"), text)),
    photosOf(record), historyOf(record));
  return record;
}

function back() {
  const before = { grid: view.grid, counted: view.counted, offset: view.offset };
  return element("button", { type: "button", class: "back", onclick: () => go(before) }, icon("reply"), say("back"));
}

function rowsOf(record) {
  return [
    ["verdict", record.verdict], ["column_when", record.at], ["column_chief", `${record.chief} · ${record.level}`],
    ["column_grid", [record.street, record.grid].filter(Boolean).join(" · ") || "–"],
    ["position", placeOf(record)], ["problem", record.problem], ["note", record.note], ["submitted", record.submitted_at],
  ].filter(([, text]) => text).map(([key, text]) => [say(key), text]);
}

function placeOf({ lon, lat, outside_m: outside, accuracy_m: accuracy }) {
  if (lon === null) return say("no_position");
  return [`${lat.toFixed(5)}, ${lon.toFixed(5)}`, accuracy ? `±${Math.round(accuracy)} m` : null, outside ? say("outside", { metres: Math.round(outside) }) : null].filter(Boolean).join(" · ");
}

function photosOf({ photos, photo_count: count }) {
  if (!photos.length) return element("p", { text: count ? say("photos_elsewhere", { n: count }) : say("no_photos") });
  return element("ul", { class: "photos" }, ...photos.map((photo, at) => element("li", {}, photo.state === "checked" ? picture(photo, at + 1) : element("span", { text: say(`photo_${photo.state}`) }))));
}

function picture({ id, original, as_sent: asSent }, n) {
  const alt = say("photo", { n });
  const kind = original ? say("original") : asSent === "same" ? say("as_sent_same") : asSent === "re_encoded" ? say("as_sent_re_encoded") : "";
  return element("a", { href: `/map/data/photos/${id}/full`, target: "_blank", rel: "noopener" },
    element("img", { src: `/map/data/photos/${id}/small`, alt, loading: "lazy" }), kind ? element("small", { text: kind }) : null);
}

function historyOf({ changes }) {
  if (!changes.length) return element("p", { text: say("no_changes") });
  return element("section", {}, element("h3", { text: say("history") }), element("ol", { class: "history" }, ...changes.map((change) => element("li", {},
    element("time", { text: change.at }), ` ${say(`what_${change.what}`)}`,
    change.before === change.after ? "" : ` ${say("from_to", { before: change.before, after: change.after })}`,
    change.by ? ` · ${change.by}` : "", change.why ? ` · ${change.why}` : ""))));
}
