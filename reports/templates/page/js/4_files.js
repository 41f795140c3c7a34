// reviews.yaml and a workbook, written here: what `chujing review import` reads.
function yamlText(text) {
  const escape = c => {
    const n = c.codePointAt(0);
    if (n >= 0xd800 && n <= 0xdfff) return '\\uFFFD';
    return n > 0xffff ? '\\U' + n.toString(16).padStart(8, '0') : '\\u' + n.toString(16).padStart(4, '0');
  };
  return '"' + Array.from(text, c => c === '"' || c === '\\' ? '\\' + c
    : /[ -~\u3001-\u303f\u3400-\u4dbf\u4e00-\u9fff\uff01-\uff5e]/.test(c) && c.length === 1 ? c : escape(c)).join('') + '"';
}

function asYaml(rows) {
  const entry = r => {
    const told = [['verdict', r.verdict], ['column', yamlText(r.column)], ['label', r.label && yamlText(r.label)],
      ['to', r.verdict === 'relabel' && yamlText(r.to)], ['by', yamlText(r.by)], ['"on"', r.on], ['why', r.why && yamlText(r.why)],
      ['until', r.until], ['seen', yamlText(r.seen)]];
    return '- {' + told.filter(x => x[1]).map(x => x[0] + ': ' + x[1]).join(', ') + '}\n';
  };
  return '# ' + word('page.yaml.head') + '\n' + rows.map(entry).join('');
}

// ---- a workbook: the sheets as XML in a zip without compression

const HEADS = [['字段', '注释', '机器建议', '复核结论', '改判为', '复核人', '复核日期', '理由', '有效期至', '复核依据', '字段编号'],
  ['column', 'comment', 'the machine says', 'decision', 'relabel to', 'reviewer', 'decided on', 'reason', 'holds until', 'decided upon', 'column id']];
const SHEET = ['分类分级清单', 'Inventory'];

// text of a cell, cleaned as reports/cells.py does
function xmlText(text) {
  const clean = shown(text).slice(0, 32767);
  return clean.replace(/[&<>"]/g, c => ({'&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;'})[c]);
}

function asXlsx(rows) {
  const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
  const names = ['http:', '', 'schemas.openxmlformats.org'].join('/');      // names of formats; nothing is fetched
  const main = 'xmlns="' + names + '/spreadsheetml/2006/main"';
  const office = names + '/officeDocument/2006/relationships', packaged = names + '/package/2006/';
  const type = 'application/vnd.openxmlformats-officedocument.spreadsheetml.';
  const letter = i => String.fromCharCode(65 + i);
  // style 1: text that is never a formula (quotePrefix); 2: the head
  const line = (cells, at, style) => '<row r="' + at + '">' + cells.map((text, i) => text === '' ? '' :
    '<c r="' + letter(i) + at + '" s="' + style + '" t="inlineStr"><is><t xml:space="preserve">' + xmlText(text) + '</t></is></c>').join('') + '</row>';
  const cells = r => [r.name, r.comment || '', r.label && r.label in LABELS ? labelled(r.label) : r.label, word('verdict.' + r.verdict),
    r.verdict === 'relabel' ? labelled(r.to) : '', r.by, r.on, r.why, r.until, r.seen, r.column];
  const wide = [24, 24, 18, 10, 18, 12, 12, 40, 12, 4, 44].map((w, i) =>
    '<col min="' + (i + 1) + '" max="' + (i + 1) + '" width="' + w + '" customWidth="1"' + (i === 9 ? ' hidden="1"' : '') + '/>').join('');
  const files = {
    '[Content_Types].xml': head + '<Types xmlns="' + packaged + 'content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="' + type + 'sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="' + type + 'worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="' + type + 'styles+xml"/></Types>',
    '_rels/.rels': head + '<Relationships xmlns="' + packaged + 'relationships"><Relationship Id="rId1" Type="' + office + '/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    'xl/workbook.xml': head + '<workbook ' + main + ' xmlns:r="' + office + '"><sheets><sheet name="' + SHEET[english()] + '" sheetId="1" r:id="rId1"/></sheets></workbook>',
    'xl/_rels/workbook.xml.rels': head + '<Relationships xmlns="' + packaged + 'relationships"><Relationship Id="rId1" Type="' + office + '/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="' + office + '/styles" Target="styles.xml"/></Relationships>',
    'xl/styles.xml': head + '<styleSheet ' + main + '><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3"><xf xfId="0"/><xf xfId="0" quotePrefix="1" numFmtId="49" applyNumberFormat="1"/><xf xfId="0" fontId="1" applyFont="1"/></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
    'xl/worksheets/sheet1.xml': head + '<worksheet ' + main + '><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" state="frozen"/></sheetView></sheetViews><cols>' + wide + '</cols><sheetData>' + line(HEADS[english()], 1, 2) + rows.map((r, i) => line(cells(r), i + 2, 1)).join('') + '</sheetData><autoFilter ref="A1:K' + (rows.length + 1) + '"/></worksheet>',
  };
  return zipped(files);
}

const CRC = Array.from({length: 256}, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ n >>> 1 : n >>> 1;
  return n >>> 0;
});

// a zip of stored files, dated 1 January 1980 (APPNOTE.TXT 4.3)
function zipped(files) {
  const utf8 = new TextEncoder(), parts = [], index = [];
  let at = 0, of = 0;
  const record = (...pairs) => {
    const size = pairs.reduce((n, p) => n + p[0], 0), view = new DataView(new ArrayBuffer(size));
    pairs.reduce((n, [bytes, value]) => { bytes === 4 ? view.setUint32(n, value, true) : view.setUint16(n, value, true); return n + bytes; }, 0);
    return new Uint8Array(view.buffer);
  };
  for (const [path, text] of Object.entries(files)) {
    const name = utf8.encode(path), body = utf8.encode(text);
    let crc = ~0;
    for (const byte of body) crc = CRC[(crc ^ byte) & 255] ^ crc >>> 8;
    crc = ~crc >>> 0;
    const common = [[2, 20], [2, 0x800], [2, 0], [2, 0], [2, 33], [4, crc], [4, body.length], [4, body.length], [2, name.length], [2, 0]];
    parts.push(record([4, 0x04034b50], ...common), name, body);
    index.push(record([4, 0x02014b50], [2, 20], ...common, [2, 0], [2, 0], [2, 0], [4, 0], [4, at]), name);
    at += 30 + name.length + body.length;
    of += 1;
  }
  const size = index.reduce((n, x) => n + x.length, 0);
  const whole = [...parts, ...index, record([4, 0x06054b50], [2, 0], [2, 0], [2, of], [2, of], [4, size], [4, at], [2, 0])];
  const out = new Uint8Array(whole.reduce((n, x) => n + x.length, 0));
  whole.reduce((n, x) => { out.set(x, n); return n + x.length; }, 0);
  return out;
}
