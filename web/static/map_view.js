// Fetches what was chosen and shows it, on the map and beside it: 显示.

import { byId, element, svgElement } from "./dom.js";
import { FigureMap, SHAPES } from "./figure_map.js";
import { union } from "./geometry.js";
import { atlasOf, fullName, gridAt } from "./grids.js";
import { showArea, showGrid, showTrouble } from "./map_panel.js";
import { mapSession } from "./map_entry.js";
import { showTree, treesOf } from "./map_old_tree.js";
import { loadPlaces } from "./map_places.js";
import { listProblems, loadProblems, showProblem } from "./map_problem.js";
import { showRecord } from "./map_record.js";
import { division, go, query, view } from "./map_state.js";
import { TileLayer } from "./map_tiles.js";
import { MEASURES, classesOf } from "./measures.js";
import { fetchJson } from "./server.js";
import { say } from "./strings.js";

const atlases = new Map();
let map = null;
let ground = null;
let shownAtlas = null;
let shownFocus = "";
let asked = 0;

export function openMap() {
  map = new FigureMap(byId("map"), tapped);
  ground = new TileLayer(map, mapSession().tiles);
  byId("map-in").addEventListener("click", () => map.zoom(1.6));
  byId("map-out").addEventListener("click", () => map.zoom(1 / 1.6));
  byId("map-all").addEventListener("click", () => map.fit(map.atlas.box));
  addEventListener("beforeprint", () => map.fit(map.atlas.box));
}

/** Shows the present view; an answer that comes after a newer question is dropped. */
export async function refresh() {
  const mine = ++asked;
  byId("page").setAttribute("aria-busy", "true");
  try {
    const base = await loadBase();
    const focus = view.area.code === view.top.code ? base : await fetchJson(`/map/data/grids?${query(view.area.code, { shapes: false })}`);
    const problems = view.problems ? await loadProblems() : [];
    const places = [...view.places ? await loadPlaces(view.top.code) : [], ...problems.filter(({ lon }) => lon !== null)];
    if (mine !== asked) return;
    draw(base, focus, places);
    const found = view.record ? await showRecord(view.record) : view.tree ? await showTree(view.tree) : view.problem ? await showProblem(view.problem) : view.grid ? await showGrid(gridOf(view.grid), treesOf) : showArea(focus, listProblems(problems));
    if (mine === asked) mark(found, places);
  } catch (error) {
    if (error.status === 401) return location.reload();
    if (mine === asked) showTrouble(error);
  } finally {
    if (mine === asked) byId("page").removeAttribute("aria-busy");
  }
}

async function loadBase() {
  const key = `${view.top.code} ${division()}`;
  const base = await fetchJson(`/map/data/grids?${query(view.top.code, { shapes: !atlases.has(key) })}`);
  if (!atlases.has(key)) atlases.set(key, atlasOf(base));
  const atlas = atlases.get(key);
  base.features.forEach(({ id, properties }, at) => Object.assign(atlas.grids[at], { id, facts: properties }));
  return { ...base, atlas };
}

function draw({ atlas, period, until }, focus, places) {
  if (shownAtlas !== atlas) map.showGrids(atlas);
  const shown = new Set(focus.features.map(({ id }) => id));
  const { classOf, legend } = classesOf(view.measure, atlas.grids.map(({ facts }) => facts));
  byId("map").setAttribute("data-tone", MEASURES[view.measure].tone);
  map.colour(classOf, (grid) => `${fullName(grid)}: ${wordsOf(grid.facts)}`, shown);
  map.choose(view.grid);
  map.showPoints(places);
  showGround();
  showLegend(legend, new Set(places.map(({ kind }) => kind)));
  byId("map-title").textContent = say("map_title", { area: view.area.name, period, measure: say(`measure_${view.measure}`) });
  byId("legend-note").textContent = say(`note_${view.measure}`, { until });
  const wanted = `${view.area.code} ${view.grid ?? ""}`;
  if (shownAtlas !== atlas || shownFocus !== wanted) fit(atlas, view.grid ? new Set([view.grid]) : shown);
  [shownAtlas, shownFocus] = [atlas, wanted];
}

function showGround() {
  const { tiles } = mapSession();
  map.showTiles(ground, view.tiles);
  byId("tiles-credit").textContent = tiles && view.tiles ? say("tiles_credit", { approval: tiles.approval }) : "";
}

function mark(record, places) {
  const here = record?.lon !== undefined && record?.lon !== null;
  map.showPoints(here ? [...places, { ...record, kind: "record", name: record.number }] : places);
}

function fit(atlas, ids) {
  const boxes = atlas.grids.filter(({ id }) => ids.has(id)).map(({ box }) => box);
  const box = boxes.length ? union(boxes) : atlas.box;
  const around = view.grid ? 250 : 0;
  map.fit({ left: box.left - around, top: box.top - around, right: box.right + around, bottom: box.bottom + around }, 20);
}

function showLegend(legend, kinds) {
  byId("legend").dataset.tone = MEASURES[view.measure].tone;
  byId("legend").replaceChildren(...legend.map(({ number, words, grids }) => element("li", {},
    element("span", { class: `swatch v${number}`, "aria-hidden": "true" }),
    element("span", { text: say("legend_line", { words, grids }) }))), ...[...kinds].map(signOf));
}

const signOf = (kind) => element("li", {},
  svgElement("svg", { class: "sign", viewBox: "-9 -9 18 18", "aria-hidden": "true" }, svgElement("path", { class: `spot ${kind}`, d: SHAPES[kind] })),
  element("span", { text: say(`kind_${kind}`) }));

function tapped(point) {
  const sign = map.atlas && map.signAt(point);
  if (sign) return go({ grid: view.grid, [sign.tree ? "tree" : "problem"]: sign.tree ? sign.code : sign.number });
  const grid = map.atlas && gridAt(map.atlas, point);
  if (!grid) return;
  byId("picked").textContent = `${fullName(grid)}: ${wordsOf(grid.facts)}`;
  go({ grid: grid.id });
}

const wordsOf = (facts) => say(`value_${view.measure}`, { value: MEASURES[view.measure].text(facts) });

const gridOf = (id) => map.atlas.grids.find((grid) => grid.id === id);
