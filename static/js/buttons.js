// Buttons that only a script can answer: Copy and Print.
document.addEventListener('click', event => {
  if (event.target.closest('[data-print]')) window.print();
  const copied = document.getElementById(event.target.closest('[data-copy]')?.dataset.copy);
  if (!copied) return;
  navigator.clipboard?.writeText(copied.value)
    .then(() => document.dispatchEvent(new CustomEvent('toast', {detail: 'Link copied'})));
});
