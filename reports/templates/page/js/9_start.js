// The first view; an index has no table.
root.classList.add('scripted');
const linked = $('grid') !== null && fromAddress();
speak();
if (linked) $('columns').scrollIntoView();
