// The page: what stands in #data, or what the program that serves it says since, put in its places.

const kAskEvery = 5000;  // ms

function element(name, properties = {}) {
  return Object.assign(document.createElement(name), properties);
}

function exact(value) {
  return value === null ? '–' : String(value);
}

function fillList(id, pairs) {
  document.getElementById(id).replaceChildren(...pairs.flatMap(([name, value]) => [
    element('dt', {textContent: name}), element('dd', {textContent: value})]));
}

// A claim with its verdict, how it was judged and by which numbers.
function findingItem(finding) {
  const item = element('li');
  const words = element('div');
  const statistic = finding.statistic === finding.claim ? '' : finding.statistic;
  const parts = [statistic, finding.numbers, finding.reason].filter((text) => text !== '');
  words.append(element('p', {textContent: finding.claim}),
               element('p', {textContent: parts.join(' · '), className: 'help'}));
  item.append(element('strong', {textContent: finding.verdict, className: finding.verdict}), words);
  return item;
}

class FigureList {
  constructor() {
    this.parts = new Map();  // by name
  }

  // A figure that was there keeps what was done to it: zoom, scales, hidden series.
  show(figures) {
    const place = document.getElementById('figures');
    const parts = new Map();
    for (const figure of figures) {
      const old = this.parts.get(figure.name);
      if (old?.chart && figure.plotly) {
        old.chart.show({...figure.plotly, name: figure.name});
        this.describe(old, figure);
        parts.set(figure.name, old);
        this.parts.delete(figure.name);
      } else {
        parts.set(figure.name, this.make(figure));
      }
    }
    for (const part of this.parts.values()) {
      part.chart?.remove();
      part.root.remove();
    }
    this.parts = parts;
    let before = null;
    for (const {root} of parts.values()) {
      if (before ? before.nextSibling !== root : place.firstChild !== root) {
        place.insertBefore(root, before ? before.nextSibling : place.firstChild);
      }
      before = root;
    }
  }

  make(figure) {
    const part = {
      root: element('figure', {id: 'figure-' + figure.name}),
      title: element('h3'), caption: element('figcaption'), words: element('p'), chart: null,
    };
    part.root.append(part.title);
    if (figure.plotly) {
      const holder = element('div');
      part.words.id = 'words-' + figure.name;
      holder.setAttribute('aria-describedby', part.words.id);
      part.chart = new Chart(holder, {...figure.plotly, name: figure.name}, figure.title);
      const switches = part.chart.switches();
      if (switches) part.root.append(switches);
      const details = element('details');
      details.append(element('summary', {textContent: 'In words'}), part.words);
      part.root.append(holder, part.caption, details);
    } else {
      const why = 'Not drawn: ' + (figure.problem || 'there is nothing to draw');
      part.root.append(element('p', {className: 'problem', textContent: why}), part.caption);
    }
    this.describe(part, figure);
    return part;
  }

  describe(part, figure) {
    part.title.textContent = figure.title || figure.name;
    part.caption.textContent = figure.caption;
    part.words.textContent = figure.description;
  }
}

class ReportPage {
  constructor() {
    this.figures = new FigureList();
    this.table = new CellTable();
    this.cell = new CellPanel();
    this.version = '';  // of what the program that serves the page said last
  }

  show(page) {
    document.title = page.title;
    for (const name of ['title', 'claim', 'verdict']) {
      const place = document.getElementById(name);
      place.textContent = page[name];
      place.hidden = page[name] === '';
    }
    document.getElementById('findings').replaceChildren(...page.findings.map(findingItem));
    this.figures.show(page.figures);
    this.table.show(page.columns, page.rows);
    this.cell.show(page);
    for (const name of ['failures', 'provenance']) fillList(name, page[name]);
    for (const name of ['findings', 'figures', 'failures', 'provenance']) {
      document.getElementById(name + '-part').hidden = page[name].length === 0;
    }
  }

  async askForNews() {
    const news = document.getElementById('news');
    try {
      const answer = await fetch('data?since=' + encodeURIComponent(this.version));
      if (!answer.ok) throw new Error(await answer.text());
      if (answer.status === 200) {
        this.show(await answer.json());
        this.version = answer.headers.get('ETag');
      }
      news.textContent = 'Live';
    } catch (error) {
      const isGone = error instanceof TypeError;  // fetch's, where nobody answers
      news.textContent = 'No longer live: ' +
          (isGone ? 'the program that served this page does not answer' : error.message);
    }
    setTimeout(() => this.askForNews(), kAskEvery);
  }
}

addEventListener('DOMContentLoaded', () => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const page = new ReportPage();
  page.show(data);
  startTheme(() => Chart.redraw());
  startPrinting();
  page.cell.openByAddress();
  if (data.is_live) setTimeout(() => page.askForNews(), kAskEvery);
});
