// What is typed above the table: words that must all occur in a row, and comparisons such as
// val_accuracy>0.9, operation.name=add or operation.formula="x^2 + y^2 (mod p)".

const kComparisons = {
  '=': (order) => order === 0,
  '!=': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

function compareValues(a, b) {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return collator.compare(String(a), String(b));
}

const collator = new Intl.Collator('en', {numeric: true, sensitivity: 'base'});

// Values that are absent are in no order: they equal `none` alone.
function comparison(index, operator, text) {
  const holds = kComparisons[operator];
  const isNone = text.toLowerCase() === 'none';
  const number = text.trim() === '' ? NaN : Number(text);
  return ({values}) => {
    const value = values[index];
    if (value === null) return isNone ? operator === '=' : operator === '!=';
    if (isNone && typeof value === 'number') return operator === '!=';
    if (typeof value !== 'number') return holds(collator.compare(value, text));
    return Number.isNaN(number) ? operator === '!=' : holds(value - number);
  };
}

// {conditions, problem}: functions of a row {values, text}, and what was not understood.
function parseFilter(typed, columns) {
  const conditions = [], unknown = [];
  for (const term of typed.match(/(?:"[^"]*"?|[^\s"])+/g) ?? []) {
    const [, name, operator, rest] = term.match(/^([^<>=!"]+)(<=|>=|!=|=|<|>)(.*)$/) ?? [];
    if (operator === undefined) {
      const word = term.replaceAll('"', '').toLowerCase();
      conditions.push(({text}) => text.includes(word));
      continue;
    }
    const index = columns.findIndex((column) => column.name.toLowerCase() === name.toLowerCase());
    const value = rest.replaceAll('"', '');
    if (index < 0) {
      unknown.push(name);
    } else if (value !== '') {  // else it is still being typed
      conditions.push(comparison(index, operator, value));
    }
  }
  const problem = unknown.length === 0 ? '' : 'There is no column ' + unknown.join(', ') + '.';
  return {conditions, problem};
}

