// Puts the parts of the page together: events of the server, and what the reader chooses.

import { AgentList, stateWord } from "./agents.js";
import { AgentView } from "./agent.js";
import { byId, setAttribute, setFacts, setText } from "./dom.js";
import { count } from "./format.js";
import { PacketView } from "./packets.js";
import { Store } from "./store.js";
import { Stream } from "./stream.js";
import { Tabs } from "./tabs.js";
import { TrapList } from "./traps.js";
import { WalkView } from "./walk.js";

const CONNECTION = { connecting: "connecting", live: "live", lost: "connection lost, trying again", ended: "polling has ended" };

const store = new Store();
let chosen = chosenByUrl();

const agents = new AgentList(store, choose);
const view = new AgentView(store);
const traps = new TrapList(store);
const walk = new WalkView(store, () => chosen);
const packets = new PacketView(() => chosen);
new Tabs(() => store.watched && view.showInterfaces());

function chosenByUrl() {
  return new URLSearchParams(location.hash.slice(1)).get("agent") ?? "";
}

/** Choose an agent; its name is in the URL's fragment, so that it can be linked to. */
function choose(name) {
  if (name === chosen && store.watched) return;
  location.hash = fragment(name);
}

function fragment(name) {
  return `#${new URLSearchParams({ agent: name })}`;
}

function change() {
  chosen = chosenByUrl();
  store.watched = null;
  view.change();
  walk.change();
  packets.change();
  showAgents();
  stream.open(chosen);
}

function showAgents() {
  setText(byId("title"), store.title);
  document.title = chosen ? `${chosen} – ${store.title}` : store.title;
  agents.show(chosen);
  view.show(chosen);
}

function showState(state) {
  const shown = state === "live" && store.ended ? "ended" : state;
  setAttribute(byId("connection"), "data-state", shown);
  setText(byId("connection"), CONNECTION[shown]);
}

function showHealth() {
  const { health } = store;
  if (!health) return;
  setFacts(byId("health"), [
    ["agents", count(health.targets)],
    ["not reachable", health.failing ? count(health.failing) : ""],
    ["polls", count(health.polls)],
    ["samples", count(health.samples)],
  ]);
}

/** Tell screen readers when an agent goes or comes back. */
function announce(told) {
  const words = told
    .filter((agent) => store.agents.has(agent.name) && store.agents.get(agent.name).state !== agent.state)
    .filter((agent) => store.agents.get(agent.name).state !== "waiting" || agent.state === "failing")
    .map((agent) => `${agent.name} is ${stateWord(agent.state)}`);
  if (words.length) setText(byId("announce"), words.slice(0, 5).join(", "));
}

const stream = new Stream({
  state: showState,
  everything(told) {
    store.takeEverything(told);
    if (!chosen && store.agents.size) {
      history.replaceState(null, "", fragment([...store.agents.keys()][0]));
      change();
      return;
    }
    showState("live");
    showAgents();
    agents.reveal();
    showHealth();
    view.showInterfaces();
    traps.show();
  },
  agents(told) {
    announce(told);
    store.takeAgents(told);
    showAgents();
  },
  interfaces(told) {
    store.takeInterfaces(told);
    view.showInterfaces();
  },
  gone(names) {
    store.takeGone(names);
    showAgents();
    view.showInterfaces();
  },
  notification(told) {
    store.takeNotification(told);
    traps.add(told);
  },
  health(told) {
    store.health = told;
    showHealth();
  },
  ended() {
    store.ended = true;
    showState("live");
  },
});

addEventListener("hashchange", change);
setInterval(() => store.agents.size && showAgents(), 1000); // "for 12 s" grows without events
stream.open(chosen);
