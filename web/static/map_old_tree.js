// One old tree with its history, and the old trees of a grid: 古树.

import { element, icon } from "./dom.js";
import { fill, list } from "./map_panel.js";
import { loadPlaces } from "./map_places.js";
import { go, view } from "./map_state.js";
import { fetchJson } from "./server.js";
import { say } from "./strings.js";

/** Shows a tree and gives it, for its place on the map. */
export async function showTree(code) {
  const tree = await fetchJson(`/map/data/trees/${encodeURIComponent(code)}`);
  fill(`${tree.species} ${tree.code}`, back(), list(rowsOf(tree)), historyOf(tree));
  return { ...tree, number: tree.code };
}

/** The trees of a grid as a list that opens them; null where there are none. */
export async function treesOf(grid) {
  const places = view.places ? await loadPlaces(view.top.code) : [];
  const trees = places.filter((place) => place.tree && place.grid === grid.facts.code);
  return trees.length ? element("section", {}, element("h3", { text: say("trees_here", { n: trees.length }) }),
    element("ul", { class: "records" }, ...trees.map(treeLine))) : null;
}

function treeLine(tree) {
  return element("li", {}, element("button", { type: "button", onclick: () => go({ grid: view.grid, tree: tree.code }) },
    element("strong", { text: tree.code }), element("span", { text: tree.species }), element("small", { text: seenWords(tree) })));
}

const seenWords = ({ last_on: last, days }) => (last ? say("tree_last", { day: last, days }) : say("tree_never"));

function back() {
  const before = { grid: view.grid };
  return element("button", { type: "button", class: "back", onclick: () => go(before) }, icon("reply"), say("back"));
}

function rowsOf(tree) {
  return [
    ["tree_grade", tree.grade], ["tree_site", [tree.street, tree.site, tree.name].filter(Boolean).join(" · ")],
    ["position", `${tree.lat.toFixed(5)}, ${tree.lon.toFixed(5)}`], ["tree_seen", seenWords(tree)], ["tree_closed", tree.closed_on],
  ].filter(([, text]) => text).map(([key, text]) => [say(key), text]);
}

function historyOf({ visits }) {
  if (!visits.length) return element("p", { text: say("tree_never") });
  return element("section", {}, element("h3", { text: say("tree_visits") }), element("ul", { class: "records" }, ...visits.map((visit) => element("li", {},
    element("button", { type: "button", onclick: () => go({ grid: view.grid, record: visit.patrol }) },
      element("strong", { text: visit.on }), element("span", { text: visit.chief }),
      element("small", { text: [visit.number, visit.photos ? say("n_photos", { n: visit.photos }) : null, visit.counts ? null : say("not_counted")].filter(Boolean).join(" · ") }))))));
}
