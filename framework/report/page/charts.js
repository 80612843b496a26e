// Charts: Plotly's figures in the page's colours, drawn when they come near the screen.

const kNarrow = 640;      // pixels, below which panels stand in one column
const kRowHeight = 300;   // pixels
const kAround = 130;      // for legend and labels
const kPaperWidth = 680;  // pixels

function plotlyTemplate() {
  const text = colour('text'), grid = colour('grid'), quiet = colour('quiet');
  const axis = {
    gridcolor: grid, zerolinecolor: grid, linecolor: quiet, tickcolor: quiet,
    showline: true, ticks: 'outside', ticklen: 4, title: {standoff: 8},
  };
  return {layout: {
    font: {family: getComputedStyle(document.body).fontFamily, size: 12, color: text},
    paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)',
    margin: {l: 56, r: 24, t: 36, b: 48},
    xaxis: axis, yaxis: axis,
    legend: {orientation: 'h', x: 0, xanchor: 'left', yref: 'container', y: 1, yanchor: 'top'},
    hoverlabel: {bgcolor: colour('raised'), bordercolor: quiet, font: {color: text}, align: 'left'},
    modebar: {bgcolor: 'rgba(0,0,0,0)', color: quiet, activecolor: text, orientation: 'v'},
  }};
}

function setPath(object, path, value) {
  const keys = path.split('.');
  const last = keys.pop();
  for (const key of keys) object = object[key] ??= {};
  object[last] = value;
}

// A range is in powers of ten where the axis is logarithmic.
function setScale(axis, type) {
  if (axis.type === type) return;
  const convert = type === 'log' ? (v) => (v > 0 ? Math.log10(v) : null) : (v) => 10 ** v;
  if (axis.range) axis.range = axis.range.map((end) => (end === null ? null : convert(end)));
  axis.type = type;
}

// What is not above 0 has no place on a logarithmic axis; the outline of a band must not lose it.
function keepBandsWhole(data, layout) {
  for (const trace of data) {
    if (trace.fill !== 'toself') continue;
    if (layout['yaxis' + trace.yaxis.slice(1)].type !== 'log') continue;
    const least = Math.min(...trace.y.filter((v) => v > 0));
    trace.y = trace.y.map((v) => (v !== null && v <= 0 ? least : v));
  }
}

// Upright they could leave no height for the panel.
function slantCategories(layout) {
  for (const [name, axis] of Object.entries(layout)) {
    if (name.startsWith('xaxis') && axis.ticktext) axis.tickangle = -60;
  }
}

class Chart {
  // `figure` is {data, layout} of report/plotly.h; `scales` has the axes that somebody switched, by
  // label.
  constructor(holder, figure, label) {
    this.holder = holder;
    this.figure = figure;
    this.scales = new Map();
    this.isDrawn = false;
    this.width = 0;
    holder.className = 'chart';
    holder.setAttribute('role', 'group');
    holder.setAttribute('aria-label', label);
    holder.style.minHeight = this.height(false) + 'px';
    Chart.all.add(this);
    Chart.whenNear.observe(holder);
    Chart.whenResized.observe(holder);
    holder.chart = this;
  }

  remove() {
    Chart.all.delete(this);
    Chart.whenNear.unobserve(this.holder);
    Chart.whenResized.unobserve(this.holder);
    if (this.isDrawn) Plotly.purge(this.holder);
    this.holder.remove();
  }

  show(figure) {
    this.figure = figure;
    if (this.isDrawn) this.draw();
  }

  height(isNarrow) {
    const meta = this.figure.layout.meta;
    const width = this.width || kNarrow;
    const side = isNarrow ? width : Math.min(width / meta.columns, 520);
    return kAround + (isNarrow ? meta.panels : meta.rows) * (meta.has_maps ? side : kRowHeight);
  }

  draw() {
    this.width = Chart.isOnPaper ? kPaperWidth : this.holder.clientWidth;
    if (this.width === 0) return;
    const isNarrow = this.width < kNarrow;
    const {data, layout} = structuredClone(this.figure);
    for (const axis of layout.meta.numeric_axes) {
      if (this.scales.has(axis.label)) setScale(layout[axis.name], this.scales.get(axis.label));
    }
    keepBandsWhole(data, layout);
    if (isNarrow) {
      for (const [path, value] of Object.entries(layout.meta.one_column)) {
        setPath(layout, path, value);
      }
      slantCategories(layout);
    }
    Object.assign(layout, {template: plotlyTemplate(), uirevision: 'kept', width: this.width,
                           height: this.height(isNarrow), dragmode: isNarrow ? false : 'zoom'});
    const name = this.figure.name ?? 'figure';
    Plotly.react(this.holder, data, layout, {
      displaylogo: false, modeBarButtonsToRemove: ['select2d', 'lasso2d', 'autoScale2d'],
      toImageButtonOptions: {format: 'svg', filename: name},
    });
    this.isDrawn = true;
  }

  // Checkboxes for the scales of the axes that have numbers; null if none has.
  switches() {
    const types = new Map();
    const {layout} = this.figure;
    for (const {label, name} of layout.meta.numeric_axes) {
      if (!types.has(label)) types.set(label, layout[name].type);
    }
    if (types.size === 0) return null;
    const group = element('fieldset', {className: 'scales'});
    group.append(element('legend', {textContent: 'Logarithmic'}));
    for (const [label, type] of types) {
      const box = element('input', {type: 'checkbox', checked: type === 'log'});
      box.addEventListener('change', () => {
        this.scales.set(label, box.checked ? 'log' : 'linear');
        this.draw();
      });
      const text = element('label');
      text.append(box, label || 'axis');
      group.append(text);
    }
    return group;
  }

  static all = new Set();
  static isOnPaper = false;

  static drawAll() {
    for (const chart of Chart.all) chart.draw();
  }

  static redraw() {
    for (const chart of Chart.all) if (chart.isDrawn) chart.draw();
  }

  static whenNear = new IntersectionObserver((entries) => {
    for (const {target, isIntersecting} of entries) {
      if (isIntersecting && !target.chart.isDrawn) target.chart.draw();
    }
  }, {rootMargin: '600px'});

  static whenResized = new ResizeObserver((entries) => {
    for (const {target} of entries) {
      const chart = target.chart;
      if (!chart.isDrawn || Chart.isOnPaper || chart.width === target.clientWidth) continue;
      requestAnimationFrame(() => chart.draw());
    }
  });
}

// On paper every figure is there, dark on light, as wide as a page.
function startPrinting() {
  const begin = () => {
    Chart.isOnPaper = true;
    applyTheme('light');
    Chart.drawAll();
  };
  const end = () => {
    Chart.isOnPaper = false;
    applyTheme();
    Chart.redraw();
  };
  addEventListener('beforeprint', begin);
  addEventListener('afterprint', end);
  matchMedia('print').addEventListener('change', ({matches}) => (matches ? begin() : end()));
}

