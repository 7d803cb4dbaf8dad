// The list of agents.  Rows stay where they are while their texts change, so focus and scrolling stay, too.

import { byId, element, setAttribute, setText } from "./dom.js";
import { bits, duration } from "./format.js";

const WORDS = { up: "up", failing: "not reachable", waiting: "not asked yet" };

export function stateWord(state) {
  return WORDS[state] ?? state;
}

export class AgentList {
  constructor(store, choose) {
    this.store = store;
    this.choose = choose;
    this.list = byId("agents");
    this.filter = byId("filter");
    this.rows = new Map();
    this.filter.addEventListener("input", () => this.show());
    this.list.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button) this.choose(button.dataset.agent);
    });
    this.list.addEventListener("keydown", (event) => this.move(event));
  }

  show(chosen = this.chosen) {
    this.chosen = chosen;
    const wanted = this.filter.value.trim().toLowerCase();
    const names = [...this.store.agents.keys()].sort((one, other) => one.localeCompare(other, "en", { numeric: true }));
    const shown = names.filter((name) => matches(this.store.agents.get(name), wanted));
    this.keep(new Set(shown));
    shown.forEach((name, place) => {
      const row = this.row(name);
      if (this.list.children[place] !== row.item) this.list.insertBefore(row.item, this.list.children[place] ?? null);
      this.fill(row, this.store.agents.get(name));
    });
    const failing = names.filter((name) => this.store.agents.get(name).state === "failing").length;
    setText(byId("agents-count"), failing ? `${names.length}, ${failing} not reachable` : `${names.length}`);
    byId("agents-none").hidden = shown.length > 0;
    setText(byId("agents-none"), names.length ? "No agent matches." : "There are no agents.");
  }

  /** Scroll the list, not the page, to the chosen agent. */
  reveal() {
    const item = this.rows.get(this.chosen)?.item;
    if (!item) return;
    const { offsetTop, offsetHeight } = item;
    const { scrollTop, clientHeight } = this.list;
    if (offsetTop < scrollTop || offsetTop + offsetHeight > scrollTop + clientHeight) {
      this.list.scrollTop = offsetTop - clientHeight / 3;
    }
  }

  keep(names) {
    for (const [name, row] of this.rows) {
      if (names.has(name)) continue;
      row.item.remove();
      this.rows.delete(name);
    }
  }

  row(name) {
    let row = this.rows.get(name);
    if (row) return row;
    const dot = element("span", { className: "dot", "aria-hidden": "true" });
    const label = element("span", { className: "name", text: name, dir: "auto" });
    const rates = element("span", { className: "rates" });
    const about = element("span", { className: "about", dir: "auto" });
    const button = element("button", { type: "button", children: [dot, label, rates, about] });
    button.dataset.agent = name;
    row = { item: element("li", { children: [button] }), button, dot, rates, about };
    this.rows.set(name, row);
    return row;
  }

  fill({ button, dot, rates, about }, agent) {
    setAttribute(dot, "data-state", agent.state);
    const flow = (agent.in ?? 0) + (agent.out ?? 0);
    setText(rates, agent.state === "up" && agent.in !== null ? bits(flow) : "");
    setText(about, this.about(agent));
    about.classList.toggle("bad", agent.state === "failing" || agent.down > 0);
    setAttribute(button, "aria-current", agent.name === this.chosen ? "true" : null);
  }

  about(agent) {
    if (agent.state === "failing") return `not reachable for ${duration(this.store.now() - agent.since)}`;
    if (agent.state === "waiting") return "not asked yet";
    return agent.down ? `up, ${agent.down} of ${agent.interfaces} down` : "up";
  }

  /** Arrow keys go through the list. */
  move(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const item = event.target.closest("li");
    if (!step || !item) return;
    const next = step > 0 ? item.nextElementSibling : item.previousElementSibling;
    if (next) next.firstElementChild.focus();
    event.preventDefault();
  }
}

function matches(agent, wanted) {
  if (!wanted) return true;
  const words = [agent.name, agent.host, agent.state, agent.system.name ?? "", ...Object.values(agent.labels)];
  return words.some((word) => word.toLowerCase().includes(wanted));
}
