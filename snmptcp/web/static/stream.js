// The stream of events from the server.  It comes back by itself after a loss, and then tells everything anew.

const PAUSE = 3000;

export class Stream {
  /** @param handlers a function for each kind of event, and "state" for that of the stream: "live" or "lost" */
  constructor(handlers) {
    this.handlers = handlers;
    this.source = null;
    this.timer = 0;
  }

  /** Listen to all agents, and to the interfaces of one. */
  open(agent) {
    this.close();
    this.source = new EventSource(`api/events?agent=${encodeURIComponent(agent)}`);
    for (const kind of ["everything", "agents", "interfaces", "gone", "notification", "health", "ended"]) {
      this.source.addEventListener(kind, (event) => this.handlers[kind](JSON.parse(event.data)));
    }
    this.source.addEventListener("open", () => this.handlers.state("live"));
    this.source.addEventListener("error", () => {
      this.handlers.state("lost");
      // After a refusal a browser gives up; we do not.
      if (this.source.readyState === EventSource.CLOSED) this.timer = setTimeout(() => this.open(agent), PAUSE);
    });
  }

  close() {
    clearTimeout(this.timer);
    if (this.source) this.source.close();
  }
}
