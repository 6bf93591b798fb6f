// Lists that are searched while typing, with tabs and columns to sort by.

document.querySelectorAll('.tabs [aria-current]').forEach(tab => {
  const tabs = tab.parentElement;
  tabs.scrollLeft = tab.offsetLeft - tabs.offsetLeft - 16;
});

// A tab or a column that is pressed before what was typed is searched for takes the text with it. The search that the
// typing asks for a moment later would come back to the tab before: it is not sent.
let combined = null;  // the request that took the text of a search box with it
document.addEventListener('htmx:config:request', event => {
  const {ctx} = event.detail, {sourceElement: source, request} = ctx;
  if (combined && source === combined.box && source.value.trim() === combined.text) {
    event.preventDefault();
    return;
  }
  const box = document.getElementById(source.closest('[data-search]')?.dataset.search);
  if (!box) return;
  const url = new URL(request.action, location.href), text = box.value.trim();
  combined = {ctx, box, text};
  if (text === (url.searchParams.get('q') ?? '')) return;
  ['q', 'after', 'before'].forEach(name => url.searchParams.delete(name));
  if (text) url.searchParams.set('q', text);
  request.action = url.pathname + url.search;
});
document.addEventListener('htmx:finally:request', ({detail: {ctx}}) => {
  if (combined?.ctx === ctx) combined = null;
});
