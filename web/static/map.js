// A map of the grids drawn from their outlines, without tiles: 网格地图. Pan, zoom, tap; arrow keys, + and -, Enter.

import { svgElement } from "./dom.js";
import { wireGestures } from "./gestures.js";
import { pathOf, streetLines } from "./grids.js";
import { labelsIn } from "./map_labels.js";

const CLOSEST = 2; // pixels a metre
const PIN = "M0 0C-4 -7 -13 -14 -13 -24A13 13 0 0 1 13 -24C13 -14 4 -7 0 0Z";

export class GridMap {
  /** `onTap` gets the point of the plane that was tapped. */
  constructor(svg, onTap) {
    this.svg = svg;
    this.land = svgElement("g", { class: "land" });
    this.accuracy = svgElement("circle", { class: "accuracy", r: 0 });
    this.labels = svgElement("g", { class: "labels", "aria-hidden": "true" });
    this.pin = svgElement("g", { class: "pin", visibility: "hidden" });
    this.cross = svgElement("path", { class: "cross", d: "M-14 0H14M0 -14V14" });
    svg.replaceChildren(this.land, this.labels, this.pin, this.cross);
    this.view = { x: 0, y: 0, scale: 0.05 };
    wireGestures(svg, {
      pan: (dx, dy) => this.pan(dx, dy), zoom: (factor, at) => this.zoom(factor, at),
      tap: (at) => onTap(at ? this.planeAt(at) : [this.view.x, this.view.y]),
    });
    new ResizeObserver(() => this.draw()).observe(svg);
  }

  show(atlas) {
    this.atlas = atlas;
    const draw = (own) => atlas.grids.filter((grid) => grid.own === own)
      .map((grid) => svgElement("path", { class: own ? "grid own" : "grid", d: pathOf(grid) }));
    const streets = svgElement("path", { class: "streets", d: streetLines(atlas) });
    this.land.replaceChildren(...draw(false), streets, ...draw(true), this.accuracy); // own outlines on top
    this.draw();
  }

  /** Shows a box of the plane as large as it fits. */
  fit({ left, top, right, bottom }, margin = 28) {
    const { width, height } = this.size();
    const scale = Math.min((width - 2 * margin) / (right - left), (height - 2 * margin) / (bottom - top));
    this.view = { x: (left + right) / 2, y: (top + bottom) / 2, scale: Math.min(scale, CLOSEST) };
    this.draw();
  }

  pan(dx, dy) {
    this.view.x -= dx / this.view.scale;
    this.view.y -= dy / this.view.scale;
    this.draw();
  }

  zoom(factor, at = this.centre()) {
    const [x, y] = this.planeAt(at);
    const scale = Math.min(Math.max(this.view.scale * factor, this.farthest()), CLOSEST);
    const { width, height } = this.size();
    this.view = { scale, x: x - (at[0] - width / 2) / scale, y: y - (at[1] - height / 2) / scale };
    this.draw();
  }

  /** Sets the pin with words below; `accuracy_m` draws how sure the place is; null takes the pin away. */
  setPin(point, words = "", accuracy_m = 0) {
    this.pinned = point;
    this.pin.replaceChildren(svgElement("path", { d: PIN }), svgElement("circle", { cy: -24, r: 5 }),
      svgElement("text", { y: 18, class: "pin-words", text: words }));
    if (point) {
      this.accuracy.setAttribute("cx", point[0]);
      this.accuracy.setAttribute("cy", point[1]);
    }
    this.accuracy.setAttribute("r", point ? accuracy_m ?? 0 : 0);
    this.draw();
  }

  draw() {
    if (!this.atlas || this.due) return;
    this.due = requestAnimationFrame(() => {
      this.due = 0;
      this.drawNow();
    });
  }

  drawNow() {
    const { x, y, scale } = this.view;
    const [middleX, middleY] = this.centre();
    this.land.setAttribute("transform", `translate(${middleX - x * scale} ${middleY - y * scale}) scale(${scale})`);
    this.cross.setAttribute("transform", `translate(${middleX} ${middleY})`);
    this.labels.replaceChildren(...labelsIn(this));
    this.pin.setAttribute("visibility", this.pinned ? "visible" : "hidden");
    if (this.pinned) this.pin.setAttribute("transform", `translate(${this.screenAt(this.pinned).join(" ")})`);
  }

  screenAt([x, y]) {
    const [middleX, middleY] = this.centre();
    return [middleX + (x - this.view.x) * this.view.scale, middleY + (y - this.view.y) * this.view.scale];
  }

  planeAt([left, top]) {
    const [middleX, middleY] = this.centre();
    return [this.view.x + (left - middleX) / this.view.scale, this.view.y + (top - middleY) / this.view.scale];
  }

  size() {
    return { width: this.svg.clientWidth, height: this.svg.clientHeight };
  }

  centre() {
    const { width, height } = this.size();
    return [width / 2, height / 2];
  }

  farthest() {
    const { left, top, right, bottom } = this.atlas.box;
    const { width, height } = this.size();
    return 0.7 * Math.min(width / (right - left), height / (bottom - top));
  }
}
