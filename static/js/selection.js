// The invoices that are ticked to be paid: "Select all", and the ticks, the total and Pay agreeing with one another.

const form = () => document.getElementById('invoice-pick');
const boxes = () => [...document.querySelectorAll('#invoice-table input[name=invoice]')];

const updateSelectAll = () => {
  const all = document.getElementById('pick-all');
  if (!all) return;
  const ticked = boxes().filter(box => box.checked).length;
  all.closest('label').hidden = false;
  all.checked = ticked > 0 && ticked === boxes().length;
  all.indeterminate = ticked > 0 && !all.checked;
};
updateSelectAll();
document.addEventListener('htmx:after:swap', updateSelectAll);
// Before the form hears of the change and asks what the ticked ones come to.
document.addEventListener('change', event => {
  if (event.target.id === 'pick-all') boxes().forEach(box => { box.checked = event.target.checked; });
  updateSelectAll();
}, true);

// The total counts the boxes as they came with the list or as the last total was asked for: `defaultChecked`.
document.addEventListener('htmx:after:swap', ({detail: {ctx}}) => {
  if (ctx.target?.id === 'invoice-panel') boxes().forEach(box => { box.defaultChecked = box.checked; });
});
const returnToTotal = event => {
  if ((event.detail?.ctx?.sourceElement ?? event.target) !== form()) return;
  boxes().forEach(box => { box.checked = box.defaultChecked; });
  updateSelectAll();
};
const isCounted = box => box.checked === box.defaultChecked;
document.addEventListener('unreachable', returnToTotal);
document.addEventListener('htmx:response:error', returnToTotal);
// Pay, pressed before the total of the last tick has come, has the address of the ticks before: send the form instead.
document.addEventListener('click', event => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || !event.target.closest('#invoice-panel a')) return;
  if (boxes().every(isCounted)) return;
  event.preventDefault();
  form().submit();
});

// Ticks made before the scripts were here are counted as soon as they are. htmx starts in a timer that it set before.
setTimeout(() => {
  if (!boxes().every(isCounted)) form().dispatchEvent(new Event('change', {bubbles: true}));
});

// Ticks made while another list was on its way are made in that one too, or beside it.
let missed = [];
document.addEventListener('htmx:before:swap', ({detail: {ctx}}) => {
  if (ctx.target?.id !== 'invoice-list') return;
  const known = new URL(ctx.request.action, location.href).searchParams.getAll('invoice');
  missed = boxes().filter(box => box.checked !== known.includes(box.value));
});
const hiddenTick = value =>
  Object.assign(document.createElement('input'), {type: 'hidden', name: 'invoice', value});
const repeatTick = ({value, checked}) => {
  const box = boxes().find(each => each.value === value);
  const hidden = form().querySelector(`[type=hidden][name=invoice][value="${value}"]`);
  if (box) box.checked = checked;
  else if (!checked) hidden?.remove();
  else if (!hidden) form().prepend(hiddenTick(value));
};
document.addEventListener('htmx:after:swap', ({detail: {ctx}}) => {
  if (ctx.target?.id !== 'invoice-list' || !form() || !missed.length) return;
  missed.forEach(repeatTick);
  missed = [];
  form().dispatchEvent(new Event('change', {bubbles: true}));
});
