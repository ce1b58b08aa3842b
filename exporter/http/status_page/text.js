// SPDX-License-Identifier: Apache-2.0
// Making the page: names come from guests, and enter it as text, by textContent and by nothing else. Numbers are text for
// people, and "–" is what the metrics do not say.

const byId = (id) => document.getElementById(id);

function element(tag, className, text, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  made.append(...children);
  return made;
}

function pill(kind, text) {
  const made = element('span', 'pill', text);
  made.dataset.kind = kind;
  return made;
}

// Sets what differs, so that a read which changes little costs the browser little.
function put(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

const kNothing = '–';

function bytes(value) {
  if (value === undefined) return kNothing;
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let unit = 0;
  for (; value >= 1023.5 && unit < units.length - 1; ++unit) value /= 1024;
  return `${value.toFixed(unit > 0 && value < 99.95 ? 1 : 0)} ${units[unit]}`;
}
const bytesPerSecond = (value) => (value === undefined ? kNothing : `${bytes(value)}/s`);
const percent = (share) => (share === undefined ? kNothing : `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`);
const seconds = (value) => (value === undefined ? kNothing : value < 1 ? `${(1000 * value).toFixed(1)} ms` : `${value.toFixed(2)} s`);
const whole = (number) => number.toLocaleString('en');
const count = (number, one, many = `${one}s`) => `${whole(number)} ${number === 1 ? one : many}`;
const clock = (date) => date.toLocaleTimeString([], {hour12: false});

const collator = new Intl.Collator();

// The order of two texts or of two numbers.
function compare(a, b) {
  return typeof a === 'string' ? collator.compare(a, b) : a - b;
}
