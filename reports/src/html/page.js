"use strict";
// Sorts the rows of a table when the heading of a column is pressed: upwards first, then downwards. A cell that stands
// for a number carries it; in a column of numbers, what has none comes last either way. Rows that are alike keep their
// order. Without this script the page is the same, in the order of the scenario.
(() => {
  const words = new Intl.Collator("en", { numeric: true });
  const number = (row, column) => {
    const { value } = row.cells[column].dataset;
    return value === undefined ? NaN : Number(value);
  };

  const compare = (column, sign) => (one, other) => {
    const [a, b] = [number(one, column), number(other, column)];
    if (Number.isNaN(a) && Number.isNaN(b)) {
      const [text, others] = [one, other].map((row) => row.cells[column].textContent);
      return sign * words.compare(text, others);
    }
    if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) ? 1 : -1;
    return sign * (a - b);
  };

  const sort = (table, heading) => {
    const upwards = heading.getAttribute("aria-sort") !== "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", upwards ? "ascending" : "descending");
    const body = table.tBodies[0];
    const rows = Array.from(body.rows);
    rows.sort(compare(heading.cellIndex, upwards ? 1 : -1));
    body.append(...rows);
  };

  for (const table of document.querySelectorAll("table.sortable")) {
    if (table.tBodies[0].rows.length < 2) continue;
    for (const heading of table.tHead.rows[0].cells) {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...heading.childNodes);
      button.addEventListener("click", () => sort(table, heading));
      heading.append(button);
    }
    for (const hint of document.querySelectorAll(".hint")) hint.hidden = false;
  }

  // On paper nothing can be unfolded.
  const folded = [];
  addEventListener("beforeprint", () => {
    folded.push(...document.querySelectorAll("details:not([open])"));
    for (const details of folded) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of folded.splice(0)) details.open = false;
  });
})();
