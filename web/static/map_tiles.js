// Tiles of 天地图 below the grids, where the server has a key: 底图. In degrees of CGCS2000, so each is a plain picture on the plane.

import { svgElement } from "./dom.js";

const TILE_PX = 256;
const CLOSEST = 18;
const MOST = 80; // so many tiles of a layer are asked for at once

/** The tiles that a box of degrees needs at so many pixels a degree: `{ z, x, y }`, column and row from the north-west. */
export function tilesIn({ west, north, east, south }, pixels) {
  let z = Math.min(Math.max(Math.round(Math.log2((360 * pixels) / TILE_PX)), 1), CLOSEST);
  for (; z > 1 && tall(z, north, south) * wide(z, west, east) > MOST; z -= 1);
  const [left, right] = [column(z, west), column(z, east)];
  const found = [];
  for (let y = row(z, north); y <= row(z, south); y += 1) for (let x = left; x <= right; x += 1) found.push({ z, x, y });
  return found;
}

/** The edges of a tile in degrees. */
export function edgesOf({ z, x, y }) {
  const size = 360 / 2 ** z;
  return { west: x * size - 180, north: 90 - y * size, east: (x + 1) * size - 180, south: 90 - (y + 1) * size };
}

export class TileLayer {
  /** `tiles` is what the server says of them, or null. */
  constructor(map, tiles) {
    this.map = map;
    this.tiles = tiles;
    this.shown = new Map();
    this.group = svgElement("g", { class: "tiles", "aria-hidden": "true" });
  }

  draw(isOn) {
    this.map.svg.classList.toggle("over-tiles", Boolean(this.tiles) && isOn);
    const wanted = this.tiles && isOn ? this.wanted() : new Map();
    for (const [key, image] of this.shown) {
      if (wanted.has(key)) continue;
      image.remove();
      this.shown.delete(key);
    }
    for (const [key, make] of wanted) if (!this.shown.has(key)) this.shown.set(key, make());
    this.group.replaceChildren(...[...wanted.keys()].map((key) => this.shown.get(key)));
  }

  wanted() {
    const { map } = this;
    const { width, height } = map.size();
    const { plane } = map.atlas;
    const [west, north] = plane.toEarth(map.planeAt([0, 0]));
    const [east, south] = plane.toEarth(map.planeAt([width, height]));
    const found = tilesIn({ west, north, east, south }, height / Math.max(north - south, 1e-9));
    return new Map(this.tiles.templates.flatMap((template, layer) => found.map((tile) => [
      `${layer}/${tile.z}/${tile.x}/${tile.y}`, () => this.image(template, tile)])));
  }

  image(template, tile) {
    const { west, north, east, south } = edgesOf(tile);
    const [left, top] = this.map.atlas.plane.toPlane([west, north]);
    const [right, bottom] = this.map.atlas.plane.toPlane([east, south]);
    const fields = { ...tile, s: (tile.x + tile.y) % this.tiles.hosts };
    const href = template.replace(/\{(\w)\}/g, (_, name) => fields[name]);
    return svgElement("image", { href, x: left, y: top, width: right - left, height: bottom - top, preserveAspectRatio: "none" });
  }
}

const column = (z, lon) => Math.floor(((lon + 180) / 360) * 2 ** z);
const row = (z, lat) => Math.floor(((90 - lat) / 360) * 2 ** z);
const wide = (z, west, east) => column(z, east) - column(z, west) + 1;
const tall = (z, north, south) => row(z, south) - row(z, north) + 1;
