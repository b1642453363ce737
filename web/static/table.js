// A small table in a message, scrolling by itself: 表格.

import { element } from "./dom.js";

const NUMBER = /^[\s\d.,%+−–\/-]*$/;

export function tableOf({ title, columns, rows }) {
  const numeric = columns.map((_, column) => rows.every((row) => NUMBER.test(row[column] ?? "")));
  const cell = (name, text, column, extra = {}) => element(name, { class: numeric[column] && "number", text, ...extra });
  return element("div", { class: "table", role: "region", tabindex: 0, "aria-label": title },
    element("table", {},
      element("caption", { text: title }),
      element("thead", {}, element("tr", {}, ...columns.map((text, column) => cell("th", text, column, { scope: "col" })))),
      element("tbody", {}, ...rows.map((row) => element("tr", {},
        ...row.map((text, column) => cell(column === 0 ? "th" : "td", text, column, { scope: column === 0 && "row" })))))));
}
