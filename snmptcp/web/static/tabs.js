// The views of an agent: one at a time, chosen by click or by arrow keys.

import { byId } from "./dom.js";

export class Tabs {
  constructor(changed) {
    this.changed = changed;
    this.tabs = [...document.querySelectorAll("[role=tab]")];
    for (const tab of this.tabs) {
      tab.addEventListener("click", () => this.choose(tab));
      tab.addEventListener("keydown", (event) => this.move(tab, event));
    }
  }

  choose(chosen) {
    for (const tab of this.tabs) {
      const is = tab === chosen;
      tab.setAttribute("aria-selected", String(is));
      tab.tabIndex = is ? 0 : -1;
      byId(tab.getAttribute("aria-controls")).hidden = !is;
    }
    this.changed();
  }

  move(tab, event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = this.tabs[(this.tabs.indexOf(tab) + step + this.tabs.length) % this.tabs.length];
    next.focus();
    this.choose(next);
    event.preventDefault();
  }
}
