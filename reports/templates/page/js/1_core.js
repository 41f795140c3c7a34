// The data of the page, words, and making elements. Foreign text goes through textContent only.
const root = document.documentElement;
const D = JSON.parse(document.getElementById('data').textContent);
const C = D.columns, S = D.strings;
const $ = id => document.getElementById(id);
const english = () => $('en').checked ? 1 : 0;
const word = (key, values) => {
  const pair = D.words[key];
  const text = pair ? pair[english()] : key.split('.').pop();
  return values ? text.replace(/\{(\w+)\}/g, (all, name) => name in values ? values[name] : all) : text;
};
const number = n => String(n).replace(/\B(?=(\d{3})+$)/g, ',');

// what steers, turns or hides text is shown for what it is, as reports/cells.py does
const HIDDEN = new RegExp('[\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f\\u061c\\u200b-\\u200f' +
  '\\u2028-\\u202e\\u2060-\\u2069\\ufeff\\ud800-\\udfff\\ufffe\\uffff]', 'gu');
const marked = text => text.replace(HIDDEN, c => '⟨U+' + c.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0') + '⟩');
const shown = text => marked(text.replace(/[\t\r\n]+/g, ' '));

// el('b.name', {title: 'x'}, 'text', other) makes <b class="name" title="x">
function el(kind, properties, ...children) {
  const [tag, ...classes] = kind.split('.');
  const made = document.createElement(tag || 'div');
  if (classes.length) made.className = classes.join(' ');
  for (const [key, value] of Object.entries(properties || {})) {
    if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value === true ? '' : value);
  }
  made.append(...children.flat(Infinity).filter(c => c !== null && c !== undefined && c !== ''));
  return made;
}

// a name or comment: isolated, cut; the rest on demand where there is room for it
function foreign(text, most, whole) {
  const told = shown(text);
  if (told.length <= most) return el('bdi', {}, told);
  if (!whole) return el('bdi', {}, told.slice(0, most) + '…');
  const part = el('bdi', {}, told.slice(0, most) + '…');
  const more = el('button.link', {type: 'button', 'aria-expanded': 'false', onclick: () => {
    const open = more.getAttribute('aria-expanded') === 'true';
    more.setAttribute('aria-expanded', String(!open));
    more.textContent = word(open ? 'page.whole' : 'page.less', {n: number(told.length)});
    part.textContent = open ? told.slice(0, most) + '…' : told;
  }}, word('page.whole', {n: number(told.length)}));
  return el('span.long', {}, part, ' ', more);
}

// what is remembered; a page that may keep nothing still works
const kept = {
  works: true,
  get(key) { try { return localStorage.getItem(key); } catch (e) { this.works = false; return null; } },
  set(key, value) { try { localStorage.setItem(key, value); } catch (e) { this.works = false; } },
};

// where columns stand
const N = C.name.length, TABLE_OF = new Uint32Array(N), FIRST_OF = [];
{
  let at = 0;
  D.tables.forEach((t, i) => { FIRST_OF.push(at); TABLE_OF.fill(i, at, at + t[10]); at += t[10]; });
}
const quoted = name => name.replace(/[%/*]/g, c => ({'%': '%25', '/': '%2F', '*': '%2A'})[c]);
const unquoted = part => part.replace(/%2A/g, '*').replace(/%2E/g, '.').replace(/%2F/g, '/').replace(/%25/g, '%');
const tableId = i => S[D.tables[TABLE_OF[i]][1]];
const columnId = i => tableId(i) + '/' + (C.key[i] ? S[C.key[i]] : quoted(S[C.name[i]]));
const meaning = i => C.meaning[i] < 0 ? null : D.meanings[C.meaning[i]];
const LABELS = Object.fromEntries(D.labels.map(l => [l[0], l]));
const labelled = label => label in LABELS ? LABELS[label][1 + english()] : label;
const titled = m => labelled(m[0]) + (m[8] ? (english() ? ' (' + word('form.' + m[8]) + ')' : '（' + word('form.' + m[8]) + '）') : '');
const categoryWords = m => english() ? m[2].replace('.', ': ').replace(/_/g, ' ') : m[3];

function say(text) { $('told').textContent = ''; setTimeout(() => { $('told').textContent = text; }, 30); }
