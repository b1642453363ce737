// The list beside the map: streets, communities, grids, patrols; whatever the map shows can be read and opened here: 列表.

import { byId, element, icon } from "./dom.js";
import { fullName } from "./grids.js";
import { division, go, query, span, view } from "./map_state.js";
import { MEASURES } from "./measures.js";
import { fetchJson } from "./server.js";
import { say } from "./strings.js";

/** Fills the panel; its heading takes the focus when one has moved. */
export function fill(title, ...parts) {
  const heading = element("h2", { tabindex: -1, text: title });
  const moved = byId("panel").contains(document.activeElement) || document.activeElement === document.body;
  byId("panel").replaceChildren(trail(), heading, ...parts.filter(Boolean));
  byId("panel").scrollTop = 0;
  if (moved) heading.focus({ preventScroll: true });
}

export function showArea(found, more = null) {
  const { area, total, below, without_grid: without, period, features } = found;
  const grids = features.map(({ id, properties }) => ({ id, ...properties, street: properties.street_name }));
  fill(area.name,
    element("p", { class: "total", text: say("total", { period, total }) }),
    without > 0 ? element("p", { text: say("without_grid", { n: without }) }) : null,
    downloads(),
    below.length ? table(say(area.level === "district" ? "streets" : "communities"), say("measure_patrols"), below.map((one) => [one.name, String(one.patrols), () => open(one)])) : null,
    area.level === "district" ? null : table(say("grids"), say(`measure_${view.measure}`), grids.map((grid) => [grid.name, MEASURES[view.measure].text(grid), () => go({ grid: grid.id })])), more);
}

export async function showGrid(grid, treesOf) {
  if (!grid) return go({});
  const { facts } = grid;
  const [first, last] = span();
  const asked = new URLSearchParams({ grid: grid.id, first, last, division: division(), counted: view.counted, offset: view.offset });
  const { total, page, records } = await fetchJson(`/map/data/records?${asked}`);
  return fill(fullName(grid), facts_(facts), choice(), element("p", { role: "status", text: say(view.counted ? "n_counted" : "n_not_counted", { n: total }) }),
    records.length ? element("ul", { class: "records" }, ...records.map(recordLine)) : null, pager(total, page), await treesOf(grid));
}

export function showTrouble(error) {
  fill(view.area.name, element("p", { class: "error", role: "alert", text: say(error.status === 404 ? "not_yours" : "not_reached") }));
}

function open(area) {
  go({ area, trail: [...view.trail, area] });
}

function trail() {
  const areas = view.trail.map((area, at) => element("li", {}, here(at)
    ? element("span", { "aria-current": "page", text: area.name })
    : element("button", { type: "button", text: area.name, onclick: () => go({ area, trail: view.trail.slice(0, at + 1) }) })));
  return element("nav", { class: "trail", "aria-label": say("trail") }, element("ol", {}, ...areas));
}

const here = (at) => at === view.trail.length - 1 && !view.grid;

function facts_(facts) {
  const rows = Object.entries(MEASURES).map(([name, measure]) => [say(`measure_${name}`), measure.text(facts)]);
  const last = facts.last_on ? [[say("column_last_on"), facts.last_on]] : [];
  return list([...rows, ...last]);
}

/** Pairs of a name and what stands for it. */
export function list(rows) {
  return element("dl", { class: "facts" }, ...rows.flatMap(([name, text]) => [element("dt", { text: name }), element("dd", { text })]));
}

function choice() {
  const button = (counted, key) => element("button", { type: "button", "aria-pressed": String(view.counted === counted), text: say(key), onclick: () => go({ grid: view.grid, counted }) });
  return element("div", { class: "choice", role: "group", "aria-label": say("which_records") }, button(true, "counted"), button(false, "not_counted"));
}

function recordLine(record) {
  return element("li", {}, element("button", { type: "button", onclick: () => go({ grid: view.grid, record: record.id, counted: view.counted, offset: view.offset }) },
    element("strong", { text: record.at }), element("span", { text: record.chief }),
    element("small", { text: [record.number, view.counted ? null : record.verdict, record.photos ? say("n_photos", { n: record.photos }) : null].filter(Boolean).join(" · ") })));
}

function pager(total, page) {
  const step = (offset, key) => (offset >= 0 && offset < total
    ? element("button", { type: "button", text: say(key), onclick: () => go({ grid: view.grid, counted: view.counted, offset }) }) : null);
  return total > page ? element("div", { class: "pager" }, step(view.offset - page, "newer"), step(view.offset + page, "older")) : null;
}

function table(title, column, rows) {
  return element("table", {}, element("caption", { text: title }),
    element("thead", {}, element("tr", {}, element("th", { scope: "col", text: say("name") }), element("th", { scope: "col", class: "number", text: column }))),
    element("tbody", {}, ...rows.map(([name, text, work]) => element("tr", {},
      element("th", { scope: "row" }, element("button", { type: "button", text: name, onclick: work })),
      element("td", { class: "number", text })))));
}

function downloads() {
  const link = (kind, key, short) => element("a", { class: "download", href: `/map/export.${kind}?${query(view.area.code)}`, download: "", "aria-label": short && say(key) },
    short ? short : icon("save"), short ? null : say(key));
  return element("p", { class: "downloads" }, link("csv", "download_csv"), link("geojson", "download_geojson", "GeoJSON"),
    link("kml", "download_kml", "KML"), link("shp", "download_shp", "Shapefile"), link("gpkg", "download_gpkg", "GPKG"));
}
