// The packets of one GET, explained.

import { client, problem } from "./client.js";
import { byId, element, setText } from "./dom.js";
import { clock } from "./format.js";

export class PacketView {
  constructor(chosen) {
    this.chosen = chosen;
    this.list = byId("packets");
    this.state = byId("packets-state");
    byId("packets-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.read(byId("packets-names").value.trim());
    });
  }

  change() {
    this.list.replaceChildren();
    setText(this.state, "Each packet of one GET, explained field by field, without communities and keys.");
  }

  async read(names) {
    const agent = this.chosen();
    const button = byId("packets-start");
    this.change();
    button.disabled = true;
    setText(this.state, "asking …");
    try {
      const response = await fetch(`api/packets?${new URLSearchParams({ agent, names, client })}`);
      if (!response.ok) setText(this.state, await problem(response));
      else if (agent === this.chosen()) this.show(await response.json());
    } catch {
      setText(this.state, "the connection to the server was lost");
    } finally {
      button.disabled = false;
    }
  }

  show({ packets, error }) {
    setText(this.state, error ?? `${packets.length} packets`);
    this.list.replaceChildren(
      ...packets.map(({ direction, at, size, text }) =>
        element("li", {
          children: [
            element("h3", { text: `${direction} at ${clock(at)}, ${size} octets` }),
            element("pre", { text, tabindex: "0" }),
          ],
        }),
      ),
    );
  }
}
