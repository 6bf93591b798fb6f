// Tells the style sheet that scripts run here: it shows what only they can do, and hides what replaces them.
document.documentElement.classList.add('js');

// htmx takes what is in a noscript for elements like all others: its buttons would be pressed by Enter.
document.addEventListener('htmx:after:swap', () => {
  document.body.querySelectorAll('noscript').forEach(element => element.remove());
});
