// The first view.
root.classList.add('scripted');
const linked = fromAddress();
speak();
if (linked) $('columns').scrollIntoView();
