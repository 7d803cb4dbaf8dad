// The chosen agent: what it is, its chart, and its interfaces.

import { stateWord } from "./agents.js";
import { LargeChart, Sparklines } from "./charts.js";
import { byId, element, setAttribute, setFacts, setText } from "./dom.js";
import { bits, clock, count, duration, speed } from "./format.js";

// With fewer interfaces there is nothing to find.
const FEW = 8;

export class AgentView {
  constructor(store) {
    this.store = store;
    this.pointed = null; // the place of the point below the pointer
    this.chart = new LargeChart(byId("chart"), (place) => {
      this.pointed = place;
      this.showValues();
    });
    this.filter = byId("interfaces-filter");
    this.filter.addEventListener("input", () => this.showMatching());
    this.sparklines = new Sparklines();
    this.body = byId("interfaces");
    this.rows = new Map();
    this.picked = null;
    this.body.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button) this.pick(button.dataset.index);
    });
    byId("chart-all").addEventListener("click", () => this.pick(null));
  }

  pick(index) {
    this.picked = this.picked === index ? null : index;
    this.showInterfaces();
  }

  /** Show another agent. */
  change() {
    this.picked = null;
    this.filter.value = "";
    this.keep(new Set());
  }

  show(name) {
    const agent = this.store.agents.get(name);
    byId("agent").hidden = !agent;
    byId("no-agent").hidden = Boolean(agent);
    setText(byId("no-agent"), name && !agent ? `There is no agent ${name}.` : "Choose an agent.");
    if (!agent) return;
    setText(byId("agent-name"), agent.name);
    const state = byId("agent-state");
    setAttribute(state, "data-state", agent.state);
    setText(state, agent.since ? `${stateWord(agent.state)} for ${this.ago(agent.since)}` : stateWord(agent.state));
    const error = byId("agent-error");
    error.hidden = !agent.error;
    setText(error, agent.error ?? "");
    setFacts(byId("agent-facts"), this.facts(agent));
    this.showNote(agent);
  }

  ago(at) {
    return duration(this.store.now() - at);
  }

  facts(agent) {
    const { system } = agent;
    const address = agent.port === null ? agent.host : `${agent.host.includes(":") ? `[${agent.host}]` : agent.host}:${agent.port}`;
    return [
      ["System name", system.name],
      ["Address", address],
      ["Location", system.location],
      ["Contact", system.contact],
      ["Uptime", system.up_since === null ? "" : this.ago(system.up_since)],
      ["Last asked", agent.polled_at ? clock(agent.polled_at) : ""],
      ["Polls", agent.polls ? `${count(agent.polls)}${agent.failures ? `, ${count(agent.failures)} failed` : ""}` : ""],
      ["Restarted", agent.restarted_at ? clock(agent.restarted_at) : ""],
      ...Object.entries(agent.labels),
      ["Description", system.description],
    ];
  }

  showNote(agent) {
    const note = byId("interfaces-note");
    note.hidden = !agent.omitted;
    setText(note, agent.omitted ? `${count(agent.omitted)} further interfaces are not shown.` : "");
    const none = byId("interfaces-none");
    none.hidden = agent.interfaces > 0;
    setText(none, agent.state === "up" ? "The agent has told of no interfaces so far." : "No interfaces are known.");
  }

  showInterfaces() {
    const { watched } = this.store;
    if (!watched) {
      this.keep(new Set());
      return;
    }
    this.keep(new Set(watched.rows.keys()));
    let place = 0;
    for (const row of watched.rows.values()) {
      const shown = this.row(row.index);
      if (this.body.children[place] !== shown.item) this.body.insertBefore(shown.item, this.body.children[place] ?? null);
      this.fill(shown, row);
      place += 1;
    }
    this.showMatching();
    this.sparklines.update();
    this.showChart();
  }

  /** Hide the rows that the reader does not look for. */
  showMatching() {
    const rows = this.store.watched?.rows ?? new Map();
    byId("interfaces-find").hidden = rows.size < FEW;
    const wanted = this.filter.value.trim().toLowerCase();
    for (const [index, { item }] of this.rows) {
      const { name, alias, description, oper } = rows.get(index) ?? {};
      item.hidden = !`${name} ${alias} ${description} ${oper}`.toLowerCase().includes(wanted);
    }
  }

  showChart() {
    const { watched } = this.store;
    const { history, name } = this.charted();
    setText(byId("chart-title"), name);
    byId("chart-all").hidden = this.picked === null;
    const latest = `in ${bits(history[0].at(-1))}, out ${bits(history[1].at(-1))}`;
    setAttribute(byId("chart"), "aria-label", `Rates of ${name.toLowerCase()}: ${latest}`);
    this.showValues();
    this.chart.show(watched.times, history);
  }

  /** The rates that the chart shows, and what they are called. */
  charted() {
    const { watched } = this.store;
    const row = this.picked === null ? undefined : watched.rows.get(this.picked);
    return row ? { history: row.history, name: row.name } : { history: watched.total, name: "All interfaces" };
  }

  /** Show the rates below the pointer, or the latest. */
  showValues() {
    const { watched } = this.store;
    if (!watched) return;
    const place = this.pointed !== null && this.pointed < watched.times.length ? this.pointed : -1;
    const { history } = this.charted();
    setText(byId("chart-in"), bits(history[0].at(place)));
    setText(byId("chart-out"), bits(history[1].at(place)));
    setText(byId("chart-at"), place < 0 ? "" : clock(watched.times[place]));
  }

  keep(indexes) {
    for (const [index, row] of this.rows) {
      if (indexes.has(index)) continue;
      this.sparklines.remove(row.spark);
      row.item.remove();
      this.rows.delete(index);
    }
  }

  row(index) {
    let row = this.rows.get(index);
    if (row) return row;
    const pick = element("button", { type: "button", className: "pick", dir: "auto", "aria-pressed": "false" });
    pick.dataset.index = index;
    const alias = element("span", { className: "alias", dir: "auto" });
    const state = element("span", { className: "state" });
    const received = cell({ className: "end flow in", "data-label": "in" });
    const sent = cell({ className: "end flow out", "data-label": "out" });
    const spark = element("div", { className: "spark", "aria-hidden": "true" });
    const errors = cell({ className: "end wide" });
    const rate = cell({ className: "end wide" });
    const item = element("tr", {
      role: "row",
      children: [
        element("th", { scope: "row", role: "rowheader", children: [pick, alias] }),
        cell({ className: "status", children: [state] }),
        received,
        sent,
        cell({ className: "trend", children: [spark] }),
        errors,
        rate,
      ],
    });
    row = { item, pick, alias, state, received, sent, spark, errors, rate };
    this.rows.set(index, row);
    this.sparklines.add(spark, () => {
      const { times, rows } = this.store.watched ?? { times: [], rows: new Map() };
      return [times, ...(rows.get(index)?.history ?? [[], []])];
    });
    return row;
  }

  fill(shown, row) {
    setText(shown.pick, row.name);
    setText(shown.alias, row.alias || (row.description === row.name ? "" : row.description));
    setText(shown.state, statusWord(row));
    setAttribute(shown.state, "data-state", statusKind(row));
    setText(shown.received, bits(row.in));
    setText(shown.sent, bits(row.out));
    const errors = row.in_errors === null && row.out_errors === null ? null : (row.in_errors ?? 0) + (row.out_errors ?? 0);
    setText(shown.errors, errors === null ? "–" : `${errors < 0.05 ? "0" : errors.toFixed(1)}/s`);
    shown.errors.classList.toggle("bad", errors > 0.05);
    setText(shown.rate, speed(row.speed));
    setAttribute(shown.pick, "aria-pressed", String(this.picked === row.index));
    setAttribute(shown.item, "data-chosen", this.picked === row.index ? "" : null);
  }
}

/** A cell whose role is told: a table that is laid out as cards would lose it in some browsers. */
function cell(content) {
  return element("td", { role: "cell", ...content });
}

function statusWord(row) {
  if (row.oper === null) return "–";
  return row.admin === "down" ? "switched off" : row.oper;
}

function statusKind(row) {
  if (row.oper === "up") return "up";
  return row.admin === "down" || row.oper === null || row.oper === "dormant" ? "idle" : "down";
}
