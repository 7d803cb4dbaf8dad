// Charts by uPlot: one large one with axes, and a small one in each row of the table.
/* global uPlot */

import { clock, scaled } from "./format.js";

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function series(width) {
  return [
    {},
    { stroke: () => colour("--in"), width, fill: () => `${colour("--in")}22`, points: { show: false } },
    { stroke: () => colour("--out"), width, dash: width > 1.2 ? [6, 4] : [3, 2], points: { show: false } },
  ];
}

// Rates begin at 0, and a line of noughts lies on the ground instead of in the middle.
const fromZero = (chart, least, most) => [0, most > 0 ? most * 1.08 : 1];

/** A chart without axes for a cell of a table. */
export function sparkline(container, data) {
  return new uPlot(
    {
      width: container.clientWidth || 140,
      height: container.clientHeight || 34,
      legend: { show: false },
      cursor: { show: false },
      axes: [{ show: false }, { show: false }],
      scales: { y: { range: fromZero } },
      padding: [2, 1, 2, 1],
      series: series(1.2),
    },
    data,
    container,
  );
}

function axes() {
  const common = {
    stroke: () => colour("--quiet"),
    grid: { stroke: () => colour("--soft"), width: 1 },
    ticks: { show: false },
    font: "12px system-ui, sans-serif",
  };
  return [
    { ...common, space: 90, size: 26, values: (chart, splits) => splits.map(clock) },
    { ...common, size: 84, space: 34, values: (chart, splits) => splits.map((split) => scaled(split, "bit/s")) },
  ];
}

/** The chart of one interface, or of all together. */
export class LargeChart {
  /** @param pointed called with the place of the point below the pointer, or null */
  constructor(container, pointed) {
    this.container = container;
    this.pointed = pointed;
    this.chart = null;
    new ResizeObserver(() => this.resize()).observe(container);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.chart?.redraw(false));
  }

  show(times, [received, sent]) {
    const toBits = (rates) => rates.map((rate) => (rate === null ? null : rate * 8));
    const data = [times, toBits(received), toBits(sent)];
    if (this.chart) this.chart.setData(data);
    else if (this.container.clientWidth) this.chart = this.make(data);
  }

  make(data) {
    return new uPlot(
      {
        width: this.container.clientWidth,
        height: this.container.clientHeight,
        legend: { show: false },
        cursor: { points: { show: true }, drag: { x: false, y: false } },
        axes: axes(),
        scales: { y: { range: fromZero } },
        series: series(2),
        hooks: { setCursor: [(chart) => this.pointed(chart.cursor.left >= 0 ? chart.cursor.idx : null)] },
      },
      data,
      this.container,
    );
  }

  resize() {
    const { clientWidth: width, clientHeight: height } = this.container;
    if (this.chart && width) this.chart.setSize({ width, height });
  }
}

/** The small charts of rows that can be seen; the others cost nothing. */
export class Sparklines {
  constructor() {
    this.rows = new Map(); // container -> function that returns its data
    this.charts = new Map(); // container -> chart
    this.observer = new IntersectionObserver((entries) => entries.forEach((entry) => this.see(entry)), {
      rootMargin: "200px",
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      for (const chart of this.charts.values()) chart.redraw(false);
    });
  }

  add(container, data) {
    this.rows.set(container, data);
    this.observer.observe(container);
  }

  remove(container) {
    this.observer.unobserve(container);
    this.rows.delete(container);
    this.drop(container);
  }

  see({ target, isIntersecting }) {
    if (!isIntersecting) this.drop(target);
    else if (!this.charts.has(target) && this.rows.has(target)) {
      this.charts.set(target, sparkline(target, this.rows.get(target)()));
    }
  }

  drop(container) {
    this.charts.get(container)?.destroy();
    this.charts.delete(container);
  }

  update() {
    for (const [container, chart] of this.charts) chart.setData(this.rows.get(container)());
  }
}
