// SPDX-License-Identifier: Apache-2.0
// Prometheus' text format 0.0.4, read piece by piece as it arrives, so that a long answer never holds up the page.

const kLabel = /([a-zA-Z_][a-zA-Z0-9_]*)="([^"\\]*(?:\\.[^"\\]*)*)"(?:,|(?=\}))/y;
const kEscapes = {'\\\\': '\\', '\\"': '"', '\\n': '\n'};
const kWords = {'+Inf': Infinity, 'Inf': Infinity, '-Inf': -Infinity, 'NaN': NaN};

// Reads labels from `at`, behind the brace, into `labels`; gives the place behind the closing brace.
function readLabels(line, at, labels) {
  while (line[at] !== '}') {
    kLabel.lastIndex = at;
    const label = kLabel.exec(line);
    if (!label) throw new Error(`invalid labels: ${line.slice(0, 200)}`);
    labels[label[1]] = label[2].includes('\\') ? label[2].replace(/\\./g, (pair) => kEscapes[pair] ?? pair) : label[2];
    at = kLabel.lastIndex;
  }
  return at + 1;
}

function readValue(text) {
  const value = Object.hasOwn(kWords, text) ? kWords[text] : Number(text || 'none');
  if (Number.isNaN(value) && text !== 'NaN') throw new Error(`invalid value: ${text.slice(0, 200)}`);
  return value;
}

class TextFormat {
  // take[family](labels, value) gets the samples of `family`; those of other families are passed over.
  constructor(take) {
    this.take = take;
    this.rest = '';
  }

  feed(piece) {
    const text = this.rest + piece;
    let at = 0;
    for (let end; (end = text.indexOf('\n', at)) >= 0; at = end + 1)
      if (end > at && text[at] !== '#') this.readSample(text.slice(at, end));
    this.rest = text.slice(at);
  }

  end() {
    if (this.rest) throw new Error('the response is truncated');
  }

  readSample(line) {
    const nameEnd = line.search(/[{ ]/);
    if (nameEnd < 0) throw new Error(`invalid sample: ${line.slice(0, 200)}`);
    const family = line.slice(0, nameEnd);
    if (!Object.hasOwn(this.take, family)) return;
    const labels = Object.create(null);
    const at = line[nameEnd] === '{' ? readLabels(line, nameEnd + 1, labels) : nameEnd;
    this.take[family](labels, readValue(line.slice(at).trim().split(' ')[0]));
  }
}
