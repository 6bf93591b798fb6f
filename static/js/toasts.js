// Short messages that go by themselves, but not from under the pointer or the focus.
const VISIBLE_MS = 6000;
const timed = new WeakSet();

const removeLater = toast => {
  if (timed.has(toast)) return;
  timed.add(toast);
  let timer;
  const restart = () => {
    clearTimeout(timer);
    if (!toast.matches(':hover, :focus-within')) timer = setTimeout(() => toast.remove(), VISIBLE_MS);
  };
  ['mouseenter', 'mouseleave', 'focusin', 'focusout'].forEach(kind => {
    toast.addEventListener(kind, () => setTimeout(restart));
  });
  restart();
};
const removeAllLater = () => document.querySelectorAll('.toast').forEach(removeLater);
removeAllLater();
document.addEventListener('htmx:after:swap', removeAllLater);

document.addEventListener('toast', ({detail}) => {
  const toast = Object.assign(document.createElement('div'), {className: 'toast', textContent: detail.value ?? detail});
  document.getElementById('toasts').replaceChildren(toast);
  removeLater(toast);
});
