// Elements of the page.  Text goes in by textContent alone: what an agent says is never HTML.

export const byId = (id) => document.getElementById(id);

/** Return a new element with classes, text and children. */
export function element(tag, { className = "", text = null, children = [], ...attributes } = {}) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== null) made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** Set an element's text if it is another: screen readers and selections are left alone otherwise. */
export function setText(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

/** Set an attribute if it is another; null removes it. */
export function setAttribute(target, name, value) {
  if (value === null) target.removeAttribute(name);
  else if (target.getAttribute(name) !== value) target.setAttribute(name, value);
}

/** Show pairs of a term and a text in a list of definitions; those without a text are left out. */
export function setFacts(list, facts) {
  const shown = facts.filter(([, text]) => text);
  while (list.children.length > shown.length) list.lastElementChild.remove();
  shown.forEach(([term, text], place) => {
    let pair = list.children[place];
    if (!pair) {
      pair = element("div", { children: [element("dt"), element("dd", { dir: "auto" })] });
      list.append(pair);
    }
    setText(pair.firstElementChild, term);
    setText(pair.lastElementChild, text);
    pair.className = text.length > 40 ? "long" : "";
  });
}
