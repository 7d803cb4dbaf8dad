// The walk explorer: variables are shown as they arrive, and a walk can be stopped.

import { client, problem } from "./client.js";
import { byId, element, setText } from "./dom.js";
import { count } from "./format.js";

const MOST_SHOWN = 5000;

export class WalkView {
  constructor(store, chosen) {
    this.store = store;
    this.chosen = chosen;
    this.rows = byId("walk-rows");
    this.state = byId("walk-state");
    this.abort = null;
    byId("walk-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.start(byId("walk-root").value.trim(), byId("walk-limit").value);
    });
    byId("walk-stop").addEventListener("click", () => this.abort?.abort());
  }

  /** Another agent was chosen: its walk begins with nothing. */
  change() {
    this.abort?.abort();
    this.rows.replaceChildren();
    byId("walk-scroll").hidden = true;
    byId("walk-limit").max = String(this.store.limits.variables);
    setText(this.state, "A walk reads all variables below a name. It changes nothing.");
  }

  async start(root, limit) {
    const agent = this.chosen();
    this.change();
    const abort = new AbortController();
    this.abort = abort;
    this.running(true);
    setText(this.state, `walking ${root} …`);
    const query = new URLSearchParams({ agent, root, limit, client });
    const seen = { count: 0 };
    try {
      const response = await fetch(`api/walk?${query}`, { signal: abort.signal });
      if (response.ok) await this.read(response, seen);
      else setText(this.state, await problem(response));
    } catch (error) {
      const why = abort.signal.aborted ? "stopped" : "the connection to the server was lost";
      if (this.abort === abort) setText(this.state, `${why} after ${count(seen.count)} variables`);
    } finally {
      if (this.abort === abort) this.running(false);
    }
  }

  running(is) {
    byId("walk-start").disabled = is;
    byId("walk-stop").disabled = !is;
  }

  async read(response, seen) {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      const lines = (rest + value).split("\n");
      rest = lines.pop();
      this.take(lines.map((line) => JSON.parse(line)), seen);
    }
  }

  take(items, seen) {
    const variables = items.filter((item) => "oid" in item);
    seen.count += variables.length;
    const room = Math.max(0, MOST_SHOWN - this.rows.children.length);
    this.rows.append(...variables.slice(0, room).map(row));
    byId("walk-scroll").hidden = this.rows.children.length === 0;
    const end = items.find((item) => "count" in item);
    setText(this.state, end ? ending(end) : `${count(seen.count)} variables so far …`);
  }
}

function ending(end) {
  const hidden = end.count > MOST_SHOWN ? `; the first ${count(MOST_SHOWN)} are shown` : "";
  if (end.error) return `after ${count(end.count)} variables: ${end.error}`;
  if (end.limited) return `${count(end.count)} variables, which is the limit; there may be more${hidden}`;
  return end.count ? `${count(end.count)} variables, which is all${hidden}` : "the agent has nothing there";
}

function row({ oid, name, type, text }) {
  return element("tr", {
    role: "row", // roles are told, as in the table of interfaces
    children: [
      element("th", { scope: "row", role: "rowheader", text: name, title: oid, dir: "auto" }),
      element("td", { className: "type", role: "cell", text: type }),
      element("td", { className: "value", role: "cell", text, dir: "auto" }),
    ],
  });
}
