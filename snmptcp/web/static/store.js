// What the server has told: agents, the chosen agent's interfaces, notifications.  One place, changed by events alone.

const MOST_NOTIFICATIONS = 200;

export class Store {
  constructor() {
    this.title = "SNMP";
    this.agents = new Map();
    this.watched = null;
    this.notifications = [];
    this.health = null;
    this.limits = { variables: 100000, history: 120 };
    this.offset = 0; // the server's clock minus ours, in seconds
    this.ended = false;
  }

  /** Seconds since 1970 by the server's clock. */
  now() {
    return Date.now() / 1000 + this.offset;
  }

  takeEverything(told) {
    this.title = told.title;
    this.offset = told.now - Date.now() / 1000;
    this.ended = told.ended;
    this.agents = new Map(told.agents.map((agent) => [agent.name, agent]));
    this.notifications = told.notifications;
    this.health = told.health;
    this.limits = told.limits;
    this.watched = told.watched === null ? null : watchedFrom(told.watched);
  }

  takeAgents(agents) {
    for (const agent of agents) this.agents.set(agent.name, agent);
  }

  takeGone(names) {
    for (const name of names) this.agents.delete(name);
    if (this.watched && names.includes(this.watched.name)) this.watched = null;
  }

  takeNotification(notification) {
    this.notifications.push(notification);
    if (this.notifications.length > MOST_NOTIFICATIONS) this.notifications.shift();
  }

  /** Take the latest rates of the chosen agent; a new point of time is added to its charts. */
  takeInterfaces(told) {
    if (!this.watched || this.watched.name !== told.name) {
      this.watched = { name: told.name, times: [], total: [[], []], rows: new Map() }; // it has just come
    }
    const { times, rows: before } = this.watched;
    const isNew = told.at !== null && (times.length === 0 || told.at > times[times.length - 1]);
    const size = times.length;
    const rows = new Map();
    for (const row of told.interfaces) {
      const known = before.get(row.index);
      row.history = known ? known.history : [new Array(size).fill(null), new Array(size).fill(null)];
      rows.set(row.index, row);
    }
    this.watched.rows = rows;
    if (isNew) this.addPoint(told.at);
  }

  addPoint(at) {
    const { times, total, rows } = this.watched;
    times.push(at);
    const sums = [null, null];
    for (const row of rows.values()) {
      [row.in, row.out].forEach((rate, way) => {
        row.history[way].push(rate);
        if (rate !== null) sums[way] = (sums[way] ?? 0) + rate;
      });
    }
    sums.forEach((sum, way) => total[way].push(sum));
    if (times.length <= this.limits.history) return;
    times.shift();
    for (const way of [0, 1]) {
      total[way].shift();
      for (const row of rows.values()) row.history[way].shift();
    }
  }
}

function watchedFrom(told) {
  return {
    name: told.name,
    times: told.times,
    total: told.total,
    rows: new Map(told.interfaces.map((row) => [row.index, row])),
  };
}
