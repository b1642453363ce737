// The map of the grids coloured by their figures, with points on it: 统计地图.

import { svgElement } from "./dom.js";
import { pathOf, streetLines } from "./grids.js";
import { GridMap } from "./map.js";

export class FigureMap extends GridMap {
  /** Draws the grids of an atlas; `words(grid)` is what a mouse that rests on it is told. */
  showGrids(atlas) {
    this.atlas = atlas;
    this.paths = new Map(atlas.grids.map((grid) => [grid.id, svgElement("path", { class: "grid", d: pathOf(grid) }, svgElement("title"))]));
    this.outline = svgElement("path", { class: "chosen-line" });
    this.land.replaceChildren(...(this.below ? [this.below.group] : []), ...this.paths.values(), svgElement("path", { class: "streets", d: streetLines(atlas) }), this.outline);
    this.spots ??= this.svg.insertBefore(svgElement("g", { class: "spots" }), this.labels);
    this.places ??= [];
    this.draw();
  }

  /** Colours each grid; those that are not in `shown` step back. */
  colour(classOf, words, shown) {
    for (const grid of this.atlas.grids) {
      const path = this.paths.get(grid.id);
      path.setAttribute("class", `grid v${classOf(grid.facts)}${shown.has(grid.id) ? "" : " aside"}`);
      path.firstChild.textContent = words(grid);
    }
  }

  choose(id) {
    const grid = this.atlas.grids.find((one) => one.id === id);
    this.outline.setAttribute("d", grid ? pathOf(grid) : "");
  }

  /** Points in degrees: `{ lon, lat, kind, name }`. */
  showPoints(points) {
    this.places = points.map((point) => ({ ...point, at: this.atlas.plane.toPlane([point.lon, point.lat]) }));
    this.draw();
  }

  /** The old tree or the problem within a finger's width of a point of the plane. */
  signAt([x, y]) {
    const away = ({ at }) => Math.hypot(at[0] - x, at[1] - y) * this.view.scale;
    const near = this.places.filter((place) => (place.tree || place.problem) && away(place) < FINGER_PX).sort((one, other) => away(one) - away(other));
    return near[0] ?? null;
  }

  /** Puts a layer of tiles below the grids. */
  showTiles(layer, isOn) {
    if (this.below !== layer) {
      this.below = layer;
      this.land.prepend(layer.group);
    }
    this.tilesOn = isOn;
    this.draw();
  }

  drawNow() {
    super.drawNow();
    this.below?.draw(this.tilesOn);
    this.spots?.replaceChildren(...this.places.map((place) => {
      const [x, y] = this.screenAt(place.at);
      return svgElement("path", { class: `spot ${place.kind}`, d: SHAPES[place.kind], transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})` },
        svgElement("title", { text: place.name }));
    }));
  }
}

const FINGER_PX = 14;

export const SHAPES = {
  park: "M-5 -5H5V5H-5Z",
  old_tree: "M0 -7L6 5H-6Z",
  old_tree_unseen: "M0 -7L6 5H-6Z",
  old_tree_never: "M0 -7L6 5H-6Z",
  problem_open: "M0 -7L7 0L0 7L-7 0Z",
  problem_overdue: "M0 -8L2.2 -3L7.6 -2.5L3.5 1.1L4.7 6.5L0 3.7L-4.7 6.5L-3.5 1.1L-7.6 -2.5L-2.2 -3Z",
  problem_closed: "M-8 0L-5 -3L-2 0L5 -7L8 -4L-2 6Z",
  record: "M-6 0A6 6 0 0 1 6 0A6 6 0 0 1 -6 0Z",
};
