// Parks and old trees: 公园与古树.

import { fetchJson } from "./server.js";
import { say } from "./strings.js";

const loaded = new Map();

/** The places of an area, named as people read them. */
export async function loadPlaces(area) {
  if (!loaded.has(area)) {
    const { places } = await fetchJson(`/map/data/places?area=${encodeURIComponent(area)}`);
    loaded.set(area, places.map((place) => ({ ...place, tree: place.kind === "old_tree", kind: place.watch && place.watch !== "seen" ? `old_tree_${place.watch}` : place.kind, name: [say(`kind_${place.kind}`), place.name, place.species, place.grade, place.site].filter(Boolean).join(" · ") })));
  }
  return loaded.get(area);
}
