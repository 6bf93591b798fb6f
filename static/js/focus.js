// Where the focus is: on what a page or an answer marks with data-focus, and back on a pressed button afterwards.

const focusMarked = () => {
  const marked = document.querySelector('[data-focus]');
  if (!marked) return;
  if (!marked.hasAttribute('tabindex')) {
    marked.tabIndex = -1;
    marked.addEventListener('blur', () => marked.removeAttribute('tabindex'), {once: true});
  }
  marked.focus();
};
focusMarked();
document.addEventListener('htmx:after:swap', focusMarked);

const hasSummary = document.querySelector('[data-focus]') && document.querySelector('.summary');
if (hasSummary && !document.title.startsWith('Error: ')) document.title = `Error: ${document.title}`;

// A button that is disabled while its answer is on its way loses the focus. It gets it back if it is still there and
// nothing else was pressed; a link in a menu that has closed gives it to what opens the menu.
let presses = 0;
addEventListener('pointerdown', () => { presses += 1; }, true);
document.addEventListener('htmx:before:request', ({detail: {ctx}}) => {
  const focused = document.activeElement;
  ctx.pressesBefore = presses;
  ctx.focusedBefore = focused.matches('button, summary, a') ? focused : null;
});
const restoreFocus = ({focusedBefore, pressesBefore}) => {
  if (document.activeElement !== document.body || !focusedBefore || pressesBefore !== presses) return;
  const target = focusedBefore.isConnected ? focusedBefore : document.getElementById(focusedBefore.id);
  const opener = target?.closest('details:not([open])')?.querySelector('summary');
  (opener ?? target)?.focus({preventScroll: true});
};
document.addEventListener('htmx:finally:request', ({detail: {ctx}}) => setTimeout(() => restoreFocus(ctx)));

// A link of an error summary leads to the field, with its label in view.
const labelOf = input => input.closest('fieldset')?.querySelector('legend')
  || document.querySelector(`label[for="${input.id}"]`) || input.closest('label');
document.addEventListener('click', event => {
  const link = event.target.closest('.summary a[href^="#"]');
  const input = link && document.getElementById(link.hash.slice(1));
  const label = input && labelOf(input);
  if (!label) return;
  event.preventDefault();
  label.scrollIntoView();
  input.focus({preventScroll: true});
});
