// What a cell's name opens: its curve and all its values.

const kPlaces = {accuracy: [0.57, 1], loss: [0, 0.43]};  // shares of the height

// A curve as report/plotly.h would have it: accuracies above losses, over the step.
function curveFigure(curve, page) {
  const kinds = Object.keys(kPlaces);
  const data = [], layout = {showlegend: true, hovermode: 'closest', meta: {
    rows: 2, columns: 1, panels: 2, has_maps: false, numeric_axes: [], one_column: {}}};
  for (const [i, kind] of kinds.entries()) {
    const suffix = i === 0 ? '' : String(i + 1);
    const unit = kind === 'loss' ? ' (nats)' : '';
    layout['xaxis' + suffix] = {type: 'log', anchor: 'y' + suffix, exponentformat: 'power',
                                automargin: true};
    layout['yaxis' + suffix] = {type: kind === 'loss' ? 'log' : 'linear', automargin: true,
                                title: {text: kind + unit}, domain: kPlaces[kind],
                                exponentformat: 'power'};
    layout.meta.numeric_axes.push({name: 'xaxis' + suffix, label: 'step'},
                                  {name: 'yaxis' + suffix, label: kind});
    let other = 2;  // of the palette
    for (const [name, values] of curve.columns) {
      if (!name.endsWith('_' + kind)) continue;
      const own = {val: page.val_colour, train: page.train_colour}[name.slice(0, -kind.length - 1)];
      const stroke = own ?? page.palette[other++ % page.palette.length];
      data.push({type: 'scatter', mode: 'lines', name: plain(name), x: curve.steps, y: values,
                 xaxis: 'x' + suffix, yaxis: 'y' + suffix, line: {color: stroke, width: 2},
                 connectgaps: true,  // of two runs, steps at which one was not evaluated
                 hovertemplate: 'step %{x}<br>%{y:.5~g}'});
    }
  }
  layout.xaxis.matches = 'x2';
  layout.xaxis2.title = {text: 'step (parameter updates)'};
  return {data, layout, name: 'curve'};
}

// As Plotly takes a text that is to be seen as it is: it reads some HTML and fills in templates.
function plain(text) {
  const entities = {'&': '&amp;', '<': '&lt;', '>': '&gt;', '%': '&#37;'};
  return text.replace(/[&<>%]/g, (letter) => entities[letter]);
}

// The id in #cell-<id>; null: there is none.
function addressedCell() {
  try {
    const [, id] = location.hash.match(/^#cell-(.+)$/) ?? [];
    return id === undefined ? null : decodeURIComponent(id);
  } catch {  // somebody typed a lone %
    return null;
  }
}

class CellPanel {
  constructor() {
    this.dialog = document.getElementById('cell');
    this.chart = null;
    this.id = null;
    this.opener = null;
    document.getElementById('cell-close').addEventListener('click', () => this.dialog.close());
    this.dialog.addEventListener('click', ({target}) => {
      if (target === this.dialog) this.dialog.close();  // beside it
    });
    this.dialog.addEventListener('close', () => this.forget());
    addEventListener('hashchange', () => this.openByAddress());
  }

  show(page) {
    this.page = page;
    if (this.dialog.open) this.fill();
  }

  // #cell-<id>
  openByAddress() {
    this.id = addressedCell();
    if (!this.row()) return this.dialog.close();
    this.opener = document.getElementById('to-' + this.id);
    if (!this.dialog.open) this.dialog.showModal();
    this.fill();
    this.dialog.scrollTop = 0;
  }

  row() {
    return this.page.rows.find(({id}) => id === this.id);
  }

  fill() {
    const row = this.row();
    if (!row) return this.dialog.close();
    document.getElementById('cell-title').textContent = 'Cell ' + row.id;
    fillList('cell-values', this.page.columns.map(({name}, i) => [name, exact(row.values[i])]));
    const place = document.getElementById('cell-curve');
    const {curve} = row;
    if (!curve) {
      this.removeChart();
      place.replaceChildren(element('p', {textContent: 'Nothing was measured yet.'}));
      return;
    }
    const figure = curveFigure(curve, this.page);
    if (this.chart && this.chart.id === row.id) return this.chart.show(figure);
    this.removeChart();
    const holder = element('div');
    this.chart = new Chart(holder, figure, 'Accuracies and losses of cell ' + row.id);
    this.chart.id = row.id;
    place.replaceChildren(this.chart.switches(), holder);
    this.chart.draw();
  }

  removeChart() {
    this.chart?.remove();
    this.chart = null;
  }

  // The address is then that of the page again, and Back leaves it.
  forget() {
    this.removeChart();
    if (location.hash.startsWith('#cell-')) {
      history.replaceState(null, '', location.href.split('#')[0]);
    }
    this.opener?.focus();
  }
}

