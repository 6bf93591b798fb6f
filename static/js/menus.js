// Menus close when something else is clicked, and with Escape.
document.addEventListener('click', event => {
  document.querySelectorAll('details.menu[open]').forEach(menu => {
    if (!menu.contains(event.target)) menu.open = false;
  });
});
document.addEventListener('keydown', event => {
  const menu = event.key === 'Escape' && event.target.closest?.('details.menu[open], details.who[open]');
  if (!menu) return;
  menu.open = false;
  menu.querySelector('summary').focus();
});
