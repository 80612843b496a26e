// The table of cells: sorted by the buttons in its heading, filtered by what is typed above it.

const kOrders = ['none', 'ascending', 'descending'];

function readable(value) {
  if (value === null) return '–';
  if (typeof value !== 'number' || Number.isInteger(value)) return String(value);
  return String(Number(value.toPrecision(5)));
}

class CellTable {
  constructor() {
    this.table = document.getElementById('cells');
    this.filter = document.getElementById('filter');
    this.columns = [];
    this.rows = [];
    this.sorted = {name: '', order: 'none'};
    let timer = 0;
    this.filter.addEventListener('input', () => {
      clearTimeout(timer);
      timer = setTimeout(() => this.applyFilter(), 80);
    });
  }

  // `rows` are the page's; a table that was there keeps its sorting, its filter and the focus.
  show(columns, rows) {
    const focused = document.activeElement?.id;
    this.columns = columns;
    this.rows = rows.map(({id, values}) => {
      const shown = values.map(readable);
      return {id, values, shown, text: shown.join('\n').toLowerCase(), element: null};
    });
    this.makeHead();
    for (const row of this.rows) row.element = this.makeRow(row);
    document.getElementById('filter-example').textContent = this.example();
    this.applySorting();
    this.freezeWidths();
    this.applyFilter();
    if (focused?.startsWith('to-') || focused?.startsWith('sort-')) {
      document.getElementById(focused)?.focus();
    }
  }

  example() {
    const known = (name) => this.columns.some((column) => column.name === name);
    if (known('val_accuracy')) return 'val_accuracy>0.9';
    const number = this.columns.find((column) => column.is_number);
    return number ? number.name + '>0' : 'column=value';
  }

  makeHead() {
    const head = element('tr');
    for (const [index, column] of this.columns.entries()) {
      const button = element('button', {type: 'button', textContent: column.name,
                                        id: 'sort-' + index});
      button.addEventListener('click', () => this.sortBy(column.name));
      const cell = element('th', {scope: 'col', className: column.is_number ? 'number' : ''});
      cell.append(button);
      head.append(cell);
    }
    this.table.tHead.replaceChildren(head);
  }

  makeRow(row) {
    const line = element('tr');
    const link = element('a', {href: '#cell-' + encodeURIComponent(row.id),
                               textContent: row.shown[0], id: 'to-' + row.id});
    const head = element('th', {scope: 'row'});
    head.append(link);
    line.append(head);
    for (let i = 1; i < row.values.length; ++i) {
      const cell = element('td', {textContent: row.shown[i]});
      if (this.columns[i].is_number) cell.className = 'number';
      line.append(cell);
    }
    return line;
  }

  // So that sorting and filtering need not measure every value again.
  freezeWidths() {
    const heads = [...this.table.tHead.rows[0].cells];
    this.table.style.tableLayout = 'auto';
    const widths = heads.map((head) => head.getBoundingClientRect().width);
    heads.forEach((head, i) => (head.style.width = widths[i] + 'px'));
    this.table.style.tableLayout = 'fixed';
  }

  sortBy(name) {
    const next = (kOrders.indexOf(this.sorted.order) + 1) % kOrders.length;
    this.sorted = {name, order: this.sorted.name === name ? kOrders[next] : 'ascending'};
    this.applySorting();
  }

  // Absent values stand last in both directions; equal ones as they came.
  applySorting() {
    const {name, order} = this.sorted;
    const index = this.columns.findIndex((column) => column.name === name);
    const rows = [...this.rows];
    if (index >= 0 && order !== 'none') {
      const sign = order === 'ascending' ? 1 : -1;
      rows.sort(({values: {[index]: a}}, {values: {[index]: b}}) => {
        if (a === null || b === null) return (a === null) - (b === null);
        return sign * compareValues(a, b);
      });
    }
    this.table.tBodies[0].replaceChildren(...rows.map((row) => row.element));
    for (const [i, cell] of [...this.table.tHead.rows[0].cells].entries()) {
      if (i === index && order !== 'none') cell.setAttribute('aria-sort', order);
      else cell.removeAttribute('aria-sort');
    }
  }

  applyFilter() {
    const {conditions, problem} = parseFilter(this.filter.value, this.columns);
    let shown = 0;
    for (const row of this.rows) {
      const fits = conditions.every((condition) => condition(row));
      row.element.hidden = !fits;
      shown += fits;
    }
    const all = this.rows.length.toLocaleString('en');
    const noun = this.rows.length === 1 ? 'cell' : 'cells';
    const part = shown === this.rows.length ? '' : shown.toLocaleString('en') + ' of ';
    document.getElementById('count').textContent = `${part}${all} ${noun}`;
    document.getElementById('filter-problem').textContent = problem;
  }
}

