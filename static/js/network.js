// Answers that don't come, or come while something is being pressed.

// Leaving a box asks for an update, and what left it may be the pointer pressing a button. Until it is released, and
// its click has come, an answer waits: whatever is being pressed must not be swapped away, or shifted, from under it.
const LONGEST_PRESS_MS = 5000, CLICK_MS = 50;
let released = Promise.resolve(), release = () => {};
addEventListener('pointerdown', () => {
  released = new Promise(resolve => {
    release = resolve;
    setTimeout(resolve, LONGEST_PRESS_MS);
  });
}, true);
['pointerup', 'pointercancel'].forEach(kind => addEventListener(kind, () => setTimeout(release, CLICK_MS), true));
document.addEventListener('htmx:before:request', ({detail: {ctx}}) => {
  const {fetch} = ctx;
  ctx.fetch = async (...request) => {
    const answer = await fetch(...request);
    await released;
    return answer;
  };
});

// No answer, or one that isn't from here. The payment form has its own message: it knows whether money may have moved.
const isPaying = ({sourceElement}) => sourceElement?.id === 'pay-form';
const showUnreachable = () => {
  const problems = document.getElementById('problems');
  if (!problems || problems.querySelector('[data-unreachable]')) return;
  const message = Object.assign(document.createElement('p'), {
    className: 'summary', textContent: 'We could not reach the server. Check your connection and try again.',
  });
  message.dataset.unreachable = '';
  problems.replaceChildren(message);
  message.scrollIntoView({block: 'nearest'});
};
const reportUnreachable = ctx => {
  ctx.sourceElement?.dispatchEvent(new CustomEvent('unreachable', {bubbles: true}));
  showUnreachable();
};
document.addEventListener('htmx:error', ({detail: {ctx}}) => {
  if (!isPaying(ctx ?? {})) reportUnreachable(ctx ?? {});
});
document.addEventListener('htmx:before:response', event => {
  const {ctx} = event.detail, {status, headers} = ctx.response;
  if (status < 500 || headers.get('HX-Retarget') || isPaying(ctx)) return;
  event.preventDefault();
  reportUnreachable(ctx);
});
document.addEventListener('htmx:after:request', () => document.querySelector('[data-unreachable]')?.remove());
