"use strict";

/* Puts the structures of the page into the viewer, and the figures' points to work. */

const data = JSON.parse(document.getElementById("structures").textContent);
const byKey = new Map(data.structures.map((structure) => [structure.key, structure]));
const find = (id) => document.getElementById(id);
const viewer = new Viewer(find("viewer"), data.elements, data.bondLengths);
let shown = null;

function show(key) {
  const structure = byKey.get(key);
  if (!structure) return;
  shown = structure;
  find("shown-title").textContent = structure.title;
  find("shown-note").textContent = structure.note;
  find("legend").replaceChildren(...[...new Set(structure.species)].map(legendEntry));
  const choice = find("choice");
  if (![...choice.options].some((option) => option.value === key)) {
    choice.append(new Option(structure.title, key));
  }
  choice.value = key;
  for (const row of document.querySelectorAll("[data-show]")) {
    row.classList.toggle("is-shown", row.dataset.show === key);
  }
  viewer.show(structure);
}

function legendEntry(kind) {
  const { symbol, color } = data.elements[kind];
  const entry = document.createElement("li");
  const dot = document.createElement("span");
  dot.className = "dot";
  dot.style.background = color;
  entry.append(dot, symbol);
  return entry;
}

/* Crystallographic information file of what is shown, without symmetry. */
function cifText({ title, lattice, species, frac }) {
  const vectors = [lattice.slice(0, 3), lattice.slice(3, 6), lattice.slice(6, 9)];
  const lengths = vectors.map((v) => Math.hypot(...v));
  const angle = (i, j) => {
    const dot = vectors[i].reduce((sum, x, k) => sum + x * vectors[j][k], 0);
    return (180 / Math.PI) * Math.acos(dot / lengths[i] / lengths[j]);
  };
  const lines = ["data_" + title.replace(/[^A-Za-z0-9.-]+/g, "_")];
  "abc".split("").forEach((name, k) => lines.push(`_cell_length_${name} ${lengths[k].toFixed(5)}`));
  lines.push(`_cell_angle_alpha ${angle(1, 2).toFixed(4)}`);
  lines.push(`_cell_angle_beta ${angle(0, 2).toFixed(4)}`);
  lines.push(`_cell_angle_gamma ${angle(0, 1).toFixed(4)}`);
  lines.push("_symmetry_space_group_name_H-M 'P 1'", "loop_", "_symmetry_equiv_pos_as_xyz", "'x, y, z'");
  lines.push("loop_", "_atom_site_label", "_atom_site_type_symbol");
  lines.push("_atom_site_fract_x", "_atom_site_fract_y", "_atom_site_fract_z");
  species.forEach((kind, n) => {
    const { symbol } = data.elements[kind];
    lines.push(`${symbol}${n + 1} ${symbol} ${frac.slice(3 * n, 3 * n + 3).join(" ")}`);
  });
  return lines.join("\n") + "\n";
}

function download() {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([cifText(shown)], { type: "chemical/x-cif" }));
  link.download = shown.key.replace(/[^A-Za-z0-9.-]+/g, "_") + ".cif";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

for (const row of document.querySelectorAll("[data-show]")) {
  row.tabIndex = 0;
  row.addEventListener("click", (event) => {
    if (!event.target.closest("a[download]")) show(row.dataset.show);
  });
  row.addEventListener("keydown", (event) => {
    if (event.key === "Enter") show(row.dataset.show);
  });
}
for (const point of document.querySelectorAll("svg a")) {
  point.addEventListener("click", (event) => {
    event.preventDefault();
    show(decodeURIComponent(point.href.baseVal.slice(1)));
    const panel = find("structure");
    const { top, bottom } = panel.getBoundingClientRect();
    if (bottom < 100 || top > window.innerHeight - 100) panel.scrollIntoView({ behavior: "smooth" });
  });
}
find("choice").addEventListener("change", (event) => show(event.target.value));
find("repeat").addEventListener("change", (event) => {
  viewer.repeat = Number(event.target.value);
  viewer.build();
  viewer.draw();
});
find("bonds").addEventListener("change", (event) => {
  viewer.bonds = event.target.checked;
  viewer.draw();
});
document.querySelectorAll("[data-axis]").forEach((button) => {
  button.addEventListener("click", () => viewer.lookAlong(Number(button.dataset.axis)));
});
find("download").addEventListener("click", download);
if (data.structures.length) show(data.structures[0].key);
window.addEventListener("beforeprint", () => viewer.draw());
