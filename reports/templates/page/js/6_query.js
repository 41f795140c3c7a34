// The language of `chujing find` in the search box: words, and tests such as sensitive=yes. See reports/query.py.
const QUERY = D.query;
const bare = text => text.normalize('NFKC').replace(/\s+/g, '').toLowerCase().replace(/ß/g, 'ss').replace(/[_\-·]+/g, '');
const TEST = /^([\p{L}\p{N}_]+)\s*(!=|>=|<=|=|>|<)\s*([\s\S]*)$/u;
class BadQuery extends Error {}

// {words, conditions: [[name, relation, patterns]]}; the same name twice means either
function parsed(text) {
  const words = [], conditions = new Map();
  for (const piece of text.matchAll(/"([^"]*)"|(\S+)/g)) {
    const part = piece[1] || piece[2] || '';
    if (piece[1] || !TEST.test(part)) { if (bare(part)) words.push(bare(part)); continue; }
    for (const one of part.split(',').map(x => x.trim()).filter(Boolean)) {
      const test = TEST.exec(one);
      if (!test) throw new BadQuery(one);
      const name = Object.hasOwn(QUERY.names, test[1]) ? QUERY.names[test[1]] : test[1], relation = test[2], pattern = test[3].trim();
      if (!Object.hasOwn(VALUES, name)) throw new BadQuery(test[1]);
      if ((name === 'confidence') === (relation === '=' || relation === '!=')) throw new BadQuery(one);
      if (name === 'confidence' && !/^\d*\.?\d+$/.test(pattern)) throw new BadQuery(one);
      const known = QUERY.values[name] || {}, value = Object.hasOwn(known, pattern) ? known[pattern] : pattern;
      const key = name + ' ' + relation;
      if (!conditions.has(key)) conditions.set(key, [name, relation, []]);
      conditions.get(key)[2].push(name === 'confidence' ? Number(value) : fitting(value));
    }
  }
  return {words, conditions: [...conditions.values()]};
}

// what a pattern of names fits: * any characters, ? one, [0-9] one of these; see reports/patterns.py
const literally = text => [...text].map(c => '\\u{' + c.codePointAt(0).toString(16) + '}').join('');
function members(text) {
  const open = text.startsWith('!') && text.length > 1, ranges = [];
  for (const [, low, high, single] of (open ? text.slice(1) : text).matchAll(/([\s\S])-([\s\S])|([\s\S])/gu)) {
    if (single !== undefined) ranges.push(literally(single));
    else if (low.codePointAt(0) <= high.codePointAt(0)) ranges.push(literally(low) + '-' + literally(high));
  }
  return ranges.length ? '[' + (open ? '^' : '') + ranges.join('') + ']' : open ? '[\\s\\S]' : '(?!)';
}
function fitting(pattern) {
  const pieces = [''];
  for (const [all, inside, stars, one] of pattern.matchAll(/\[(\*|!?\]?[^\]*]*)\]|(\*+)|(\?)|[\s\S]/gu)) {
    if (stars) pieces.push('');
    else pieces[pieces.length - 1] += one ? '[\\s\\S]' : inside ? '(?:' + members(inside) + '|' + literally(all) + ')' : literally(all);
  }
  if (pieces.length === 1) { const whole = new RegExp('^(?:' + pieces[0] + ')$', 'u'); return name => whole.test(name); }
  const first = new RegExp('^(?:' + pieces[0] + ')', 'u'), last = new RegExp('(?:' + pieces.at(-1) + ')$', 'u');
  const inner = pieces.slice(1, -1).map(piece => new RegExp(piece, 'gu'));
  return name => {
    const begun = first.exec(name);
    if (!begun) return false;
    let at = begun[0].length;
    for (const piece of inner) {
      piece.lastIndex = at;
      if (!piece.exec(name)) return false;
      at = piece.lastIndex;
    }
    return last.test(name.slice(at));
  };
}

// what stands for a column, or what a person rejected on it: [meaning, confidence in hundredths, tier]
function standsFor(i) {
  const first = (C.findings[i] || [])[0];
  return first ? [D.meanings[first[0]], first[3], D.tiers[first[2]]] : null;
}
const VALUES = {
  source: i => [sourceOf(i)], table: i => [tableId(i)], column: i => [columnId(i)],
  label: (i, m) => [m[0], ...(LABELS[m[0]] || []).slice(1)], category: (i, m) => [m[2], m[3]], grade: (i, m) => [m[4]],
  sensitive: (i, m) => [m[5]], kind: (i, m) => [m[1]], tier: (i, m, tier) => [tier], form: (i, m) => [m[8] || 'plain'],
  flow: i => (D.leaving[i] || []).map(([k]) => D.flows[k][0]), owner: i => [S[D.tables[TABLE_OF[i]][7]]],
  review: i => [D.standings[standingNow(i)], ...(isStale(i) ? ['stale'] : [])], confidence: () => [],
};
const COMPARED = {'>=': (a, b) => a >= b, '<=': (a, b) => a <= b, '>': (a, b) => a > b, '<': (a, b) => a < b};
function holds([name, relation, patterns], i, [m, confidence, tier]) {
  if (name === 'confidence') return patterns.some(limit => COMPARED[relation](confidence / 100, limit));
  return VALUES[name](i, m, tier).some(value => patterns.some(fits => fits(value))) !== (relation === '!=');
}

// bare texts of columns and meanings, made once
let bareIds = null, bareTexts = null, bareMeanings = null;
function foldTexts() {
  bareIds = Array.from({length: N}, (_, i) => bare(columnId(i)));
  bareTexts = S.map(bare);
  bareMeanings = D.meanings.map(m => [m[0], ...(LABELS[m[0]] || []).slice(1), m[2], m[3]].map(bare).join('\n'));
}
// a test of columns; throws BadQuery with what is no test
function says(text) {
  const {words, conditions} = parsed(text);
  if (words.length && !bareIds) foldTexts();
  return i => {
    const stands = standsFor(i);
    if (conditions.length && (!stands || !conditions.every(c => holds(c, i, stands)))) return false;
    const first = (C.findings[i] || [])[0];
    return words.every(w => bareIds[i].includes(w) || bareTexts[C.comment[i]].includes(w) || bareTexts[D.tables[TABLE_OF[i]][7]].includes(w)
      || first && (bareMeanings[first[0]].includes(w) || (Object.hasOwn(QUERY.words, w) && QUERY.words[w].includes(stands[0][0]))));
  };
}
