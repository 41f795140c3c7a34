// On paper: a plain table of every row of the view with its head on each page, every part open, and what is left out said in words.
// rows, lower ones where further taxonomies make them high: some 800 pages in half a minute; Chromium gives up at about 1,200 pages
const MOST_PRINTED = Math.floor(20 / (1 + D.gradings.length / 4)) * 1000;

// in the order of tables, each table is a heading over its columns; else it stands beside each
function paperRows(n) {
  const grouped = view.order === 'table', rows = [];
  for (let k = 0; k < n; k++) {
    const i = shownRows[k], m = meaning(i), t = D.tables[TABLE_OF[i]];
    const cells = [[el('b', {}, foreign(S[C.name[i]], 80)), ' ', S[C.comment[i]] ? foreign(S[C.comment[i]], 60) : ''],
      m ? titled(m) : '—', m ? categoryWords(m) : '', m ? word('grade.' + m[4]) : '', ...(GRADED.length ? [m ? GRADED.map(g => gradedLine(g, C.meaning[i])) : ''] : []),
      m && m[5] !== 'no' ? word('sensitive.' + m[5]) : '', m ? two(C.confidence[i]) : '', badge(i)];
    if (!grouped) cells.unshift(foreign(tableId(i), 70));
    if (grouped && (k === 0 || TABLE_OF[shownRows[k - 1]] !== TABLE_OF[i])) {
      rows.push(el('tr.of', {}, el('th', {colspan: cells.length, scope: 'rowgroup'}, foreign(tableId(i), 120), ' ', S[t[2]] ? foreign(S[t[2]], 60) : '')));
    }
    rows.push(el('tr.row', {}, cells.map(c => el('td', {}, c))));
    if (open.has(k)) rows.push(el('tr.opened', {}, el('td', {colspan: cells.length}, el('div.detail', {}, evidencePart(i), el('div', {}, aboutPart(i), reviewedPart(i))))));
  }
  return rows;
}

// what a list of choices is called
const titleOf = key => [...$('f-' + key).closest('label').childNodes].filter(x => !['SELECT', 'INPUT'].includes(x.tagName) && (!x.lang || x.lang === root.lang))
  .map(x => x.textContent).join('').trim();

// the filters that are in force, as a reader of paper needs them
function filtersInWords() {
  const colon = english() ? ': ' : '：';
  return FILTERS.filter(key => view[key] && key !== 'order').map(key => key === 'leaving' ? word('page.leaving_only')
    : key === 'table' ? word('table') + colon + shown(view.table) : titleOf(key) + colon + shown(NAMES[key] ? NAMES[key](view[key]) : view[key]));
}

let closed = [];
window.addEventListener('beforeprint', () => {
  closed = [...document.querySelectorAll('details:not([open])')];
  closed.forEach(d => { d.open = true; });
  if (!$('grid')) return;
  const n = Math.min(shownRows.length, MOST_PRINTED);
  const heads = [...$('grid-head').children].filter(x => view.order !== 'table' || x.className !== 'where').map(x => el('th', {scope: 'col', class: x.className}, [...x.childNodes].map(part => part.cloneNode(true))));
  $('paper').replaceChildren(el('thead', {}, el('tr', {}, heads)), el('tbody', {}, paperRows(n)));
  $('printed').textContent = word('page.printed', {filters: filtersInWords().join('; ')});
  $('not-printed').textContent = shownRows.length > n ? word('page.not_printed', {n: number(n), more: number(shownRows.length - n)}) : '';
});
window.addEventListener('afterprint', () => {
  closed.forEach(d => { d.open = false; });
  closed = [];
  if ($('grid')) $('paper').replaceChildren();
});
