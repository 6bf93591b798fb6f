// Tells the style sheet that scripts run here: it shows what only they can do, and hides what replaces them.
document.documentElement.classList.add('js');
