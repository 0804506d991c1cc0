"use strict";

/* Draws a crystal or a glass on a canvas: drag to rotate, wheel or pinch to zoom.
   A structure is {title, lattice: [9] in Å, species: indices of elements, frac: [3 n]}. */

const AXES = [[1, 0, 0], [0, 1, 0], [0, 0, 1]];
const CORNERS = [0, 1, 2, 3, 4, 5, 6, 7].map((k) => [k & 1, (k >> 1) & 1, (k >> 2) & 1]);
const ON_FACE = 0.02; // fractional; an atom so close to a face is drawn on the opposite one, too
const MOST_ATOMS = 1500; // drawn

class Viewer {
  constructor(canvas, elements, bondLengths) {
    this.canvas = canvas;
    this.elements = elements;
    this.bondLengths = bondLengths;
    this.repeat = 1;
    this.bonds = true;
    this.rotation = [AXES[0], AXES[2], [0, -1, 0]];
    this.turn(0.5, 0.3);
    this.zoom = 1;
    this.pointers = new Map();
    this.listen();
    new ResizeObserver(() => this.draw()).observe(canvas);
  }

  show(structure) {
    this.structure = structure;
    this.zoom = 1;
    this.build();
    this.draw();
  }

  /* Atoms, bonds and edges in Å around the middle of what is shown. */
  build() {
    const { lattice, species, frac } = this.structure;
    const vectors = [lattice.slice(0, 3), lattice.slice(3, 6), lattice.slice(6, 9)];
    const toCartesian = (f) => AXES.map((_, k) => f[0] * vectors[0][k] + f[1] * vectors[1][k] + f[2] * vectors[2][k]);
    const repeat = species.length * this.repeat ** 3 > MOST_ATOMS ? 1 : this.repeat;
    const middle = toCartesian([repeat / 2, repeat / 2, repeat / 2]);
    const centred = (f) => toCartesian(f).map((x, k) => x - middle[k]);
    this.atoms = [];
    species.forEach((kind, n) => {
      const f = frac.slice(3 * n, 3 * n + 3).map((x) => x - Math.floor(x));
      const places = f.map((x) => imagesAlong(x, repeat));
      for (const x of places[0]) for (const y of places[1]) for (const z of places[2]) {
        this.atoms.push({ kind, at: centred([x, y, z]) });
      }
    });
    this.edges = [];
    for (let i = 0; i < repeat; i++) for (let j = 0; j < repeat; j++) for (let k = 0; k < repeat; k++) {
      for (const a of CORNERS) for (const b of CORNERS) {
        const along = b.map((x, d) => x - a[d]);
        if (along.reduce((s, x) => s + Math.abs(x), 0) === 1 && Math.max(...along) === 1) {
          this.edges.push([a, b].map((c) => centred([c[0] + i, c[1] + j, c[2] + k])));
        }
      }
    }
    this.links = this.findBonds();
    const far = [...this.atoms.map((a) => a.at), ...this.edges.flat()];
    this.extent = 2 + 2 * Math.max(...far.map((p) => Math.hypot(...p)));
  }

  findBonds() {
    const links = [];
    for (let i = 0; i < this.atoms.length; i++) for (let j = 0; j < i; j++) {
      const a = this.atoms[i], b = this.atoms[j];
      const longest = this.bondLengths[a.kind][b.kind];
      if (longest && distance(a.at, b.at) < longest) links.push([a, b]);
    }
    return links;
  }

  /* Rotate what is shown about the vertical and the horizontal axis of the screen; radians. */
  turn(right, down) {
    const [c, s] = [Math.cos(right), Math.sin(right)], [d, t] = [Math.cos(down), Math.sin(down)];
    const [x, y, z] = this.rotation;
    const x1 = x.map((v, k) => c * v + s * z[k]), z1 = z.map((v, k) => c * v - s * x[k]);
    this.rotation = [x1, y.map((v, k) => d * v - t * z1[k]), z1.map((v, k) => d * v + t * y[k])];
  }

  /* Look along a lattice vector. */
  lookAlong(axis) {
    const vector = (k) => unit(this.structure.lattice.slice(3 * k, 3 * k + 3));
    const z = vector(axis), up = vector((axis + 2) % 3);
    const x = unit(cross(up, z));
    this.rotation = [x, cross(z, x), z];
    this.draw();
  }

  draw() {
    const { canvas } = this;
    if (!this.structure || !canvas.clientWidth) return;
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    const pen = canvas.getContext("2d");
    pen.scale(ratio, ratio);
    pen.clearRect(0, 0, width, height);
    const scale = (this.zoom * Math.min(width, height)) / this.extent;
    const project = (p) => {
      const [x, y, z] = this.rotation.map((row) => row[0] * p[0] + row[1] * p[1] + row[2] * p[2]);
      return [width / 2 + scale * x, height / 2 - scale * y, z];
    };
    const fade = (z) => Math.max(0.35, Math.min(1, 0.7 + (0.6 * z) / this.extent));
    const things = [];
    for (const atom of this.atoms) {
      const at = project(atom.at);
      things.push([at[2], () => this.ball(pen, at, scale, atom.kind, fade(at[2]))]);
    }
    for (const edge of this.edges) {
      const [a, b] = edge.map(project);
      things.push([(a[2] + b[2]) / 2 - 0.5, () => line(pen, a, b, 1, "#8a8f98", fade(a[2]))]);
    }
    for (const [a, b] of this.bonds ? this.links : []) {
      const middle = a.at.map((x, k) => (x + b.at[k]) / 2);
      for (const end of [a, b]) {
        const [from, to] = [project(end.at), project(middle)];
        const color = this.elements[end.kind].color;
        things.push([(from[2] + to[2]) / 2 - 0.05, () => line(pen, from, to, 0.16 * scale, color, fade(to[2]))]);
      }
    }
    things.sort((a, b) => a[0] - b[0]).forEach(([, paint]) => paint());
    pen.globalAlpha = 1;
  }

  ball(pen, [x, y], scale, kind, alpha) {
    const { color, radius } = this.elements[kind];
    const size = Math.max(1.5, radius * scale);
    const shine = pen.createRadialGradient(x - size / 3, y - size / 3, size / 10, x, y, size);
    shine.addColorStop(0, "#ffffff");
    shine.addColorStop(0.35, color);
    shine.addColorStop(1, darker(color));
    pen.globalAlpha = alpha;
    pen.fillStyle = shine;
    pen.beginPath();
    pen.arc(x, y, size, 0, 2 * Math.PI);
    pen.fill();
  }

  listen() {
    const { canvas, pointers } = this;
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      pointers.set(event.pointerId, event);
    });
    canvas.addEventListener("pointermove", (event) => {
      const before = pointers.get(event.pointerId);
      if (!before) return;
      const other = [...pointers.values()].find((p) => p.pointerId !== event.pointerId);
      if (other) this.zoom *= spread(event, other) / spread(before, other);
      else this.turn((before.clientX - event.clientX) / 150, (before.clientY - event.clientY) / 150);
      pointers.set(event.pointerId, event);
      this.draw();
    });
    for (const end of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(end, (event) => pointers.delete(event.pointerId));
    }
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoom *= Math.exp(-event.deltaY / 600);
      this.draw();
    }, { passive: false });
    canvas.addEventListener("keydown", (event) => {
      const turns = { ArrowLeft: [0.1, 0], ArrowRight: [-0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] };
      const turn = turns[event.key];
      if (!turn) return;
      event.preventDefault();
      this.turn(...turn);
      this.draw();
    });
  }
}

function imagesAlong(x, repeat) {
  const images = [];
  for (let shift = 0; shift < repeat; shift++) images.push(x + shift);
  if (x < ON_FACE) images.push(x + repeat);
  if (x > 1 - ON_FACE) images.push(x - 1);
  return images;
}

function line(pen, a, b, width, color, alpha) {
  pen.globalAlpha = alpha;
  pen.lineWidth = Math.max(1, width);
  pen.strokeStyle = color;
  pen.lineCap = "round";
  pen.beginPath();
  pen.moveTo(a[0], a[1]);
  pen.lineTo(b[0], b[1]);
  pen.stroke();
}

const distance = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
const spread = (p, q) => Math.max(1, Math.hypot(p.clientX - q.clientX, p.clientY - q.clientY));
const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
const unit = (a) => a.map((x) => x / Math.hypot(...a));
const darker = (color) => "#" + [1, 3, 5].map((k) => Math.round(parseInt(color.slice(k, k + 2), 16) * 0.6).toString(16).padStart(2, "0")).join("");
