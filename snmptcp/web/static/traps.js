// Traps and informs as they arrive, the latest first.

import { byId, element, setText } from "./dom.js";
import { clock, count, duration } from "./format.js";

const MOST_SHOWN = 50;

export class TrapList {
  constructor(store) {
    this.store = store;
    this.list = byId("traps");
    this.waiting = [];
  }

  /** Show all that are known. */
  show() {
    this.waiting = []; // they are among all
    const latest = this.store.notifications.slice(-MOST_SHOWN).reverse();
    this.list.replaceChildren(...latest.map(item));
    this.count();
  }

  /** Add one.  However many come, the list changes once for each picture that the browser draws. */
  add(notification) {
    if (!this.waiting.length) requestAnimationFrame(() => this.flush());
    this.waiting.push(notification);
    if (this.waiting.length > MOST_SHOWN) this.waiting.shift();
  }

  flush() {
    for (const notification of this.waiting.splice(0)) {
      const made = item(notification);
      made.classList.add("fresh");
      this.list.prepend(made);
    }
    while (this.list.children.length > MOST_SHOWN) this.list.lastElementChild.remove();
    this.count();
  }

  count() {
    const latest = this.store.notifications.at(-1);
    setText(byId("traps-count"), latest ? `${count(latest.number)} so far` : "");
    byId("traps-none").hidden = Boolean(latest);
  }
}

function item(notification) {
  const from = notification.agent ?? notification.source ?? "unknown sender";
  const kind = notification.inform ? "inform" : "trap";
  const variables = notification.varbinds.map(({ name, text }) =>
    element("div", {
      children: [element("dt", { text: name, dir: "auto" }), element("dd", { text: text || "(empty)", dir: "auto" })],
    }),
  );
  const more = notification.omitted ? [element("p", { className: "quiet", text: `and ${notification.omitted} more` })] : [];
  return element("li", {
    children: [
      element("p", {
        className: "when",
        children: [
          element("time", { text: clock(notification.at), datetime: new Date(notification.at * 1000).toISOString() }),
          element("span", { text: `${kind}, SNMPv${notification.version}` }),
        ],
      }),
      element("p", { className: "what", text: notification.name, dir: "auto" }),
      element("p", { className: "quiet", text: `from ${from}, up for ${duration(notification.uptime)}`, dir: "auto" }),
      element("dl", { children: variables }),
      ...more,
    ],
  });
}
